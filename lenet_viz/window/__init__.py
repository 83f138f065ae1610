"""The desktop program: the window, its wiring and its actions."""
