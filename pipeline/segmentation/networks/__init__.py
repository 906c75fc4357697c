"""The Keras architectures and their registry."""
