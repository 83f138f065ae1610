"""What dev.py does: system libraries, the virtual environment, commands. Standard library only."""
