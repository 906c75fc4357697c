"""Slides for a meeting: one finding each, with charts that stay editable."""
