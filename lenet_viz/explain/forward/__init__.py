"""How a step's value was made: products, sums, winners and slopes, with the captured numbers."""
