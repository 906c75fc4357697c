"""FLAIR to labels: preprocessing, networks, bundled weights, inference."""
