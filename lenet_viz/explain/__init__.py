"""Why a number is what it is: arithmetic on records, in NumPy only."""
