"""The four Keras architectures and their registry."""
