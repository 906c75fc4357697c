"""The dashboard pages, one file per page."""
