"""Labelled scans to weights: patches, augmentation, losses, folds."""
