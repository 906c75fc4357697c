"""Answers in words: what a page says and a command prints."""
