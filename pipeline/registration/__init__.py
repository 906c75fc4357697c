"""A template brought onto a person's FLAIR: the average head, the first placement, the affine registration, how well it fits."""
