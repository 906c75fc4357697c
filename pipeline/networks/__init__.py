"""Segmentation networks written with keras.layers and keras.ops only, so TensorFlow and JAX both train them."""
