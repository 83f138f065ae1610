"""What happened in one run: records of its steps, and the file that carries them."""
