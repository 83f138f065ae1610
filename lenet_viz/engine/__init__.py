"""Where torch runs: a process of its own, and the window's end of the pipe to it."""
