"""The arithmetic of output shapes, one file for each kind of op."""
