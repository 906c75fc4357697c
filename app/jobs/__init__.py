"""Work that outlives a page: measuring in the background."""
