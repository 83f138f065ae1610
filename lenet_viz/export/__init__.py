"""What leaves the program: figures and data."""
