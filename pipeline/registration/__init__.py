"""A template brought onto a person's FLAIR, and how well it fits."""
