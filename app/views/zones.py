"""Placeholder drawn until this page is built."""


def page() -> None:
    """Draw the page."""
