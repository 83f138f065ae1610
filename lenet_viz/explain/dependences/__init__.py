"""Which elements of an output depend on which of an operand, one file for each kind of op."""
