"""Image to measures: read, preprocess, segment, zone, quantify; training and evaluation."""
