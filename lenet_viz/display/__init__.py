"""Numbers to pictures: colours, mosaics, statistics and text for numbers. NumPy only."""
