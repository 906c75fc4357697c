"""Parts of the pages Norms and Patient."""
