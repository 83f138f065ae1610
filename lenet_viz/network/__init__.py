"""What a network is: its graph, its shapes, its text, its module."""
