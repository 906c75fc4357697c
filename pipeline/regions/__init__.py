"""Where the lesions are: atlases, the built-in bullseye, loads by region."""
