"""How dev.py speaks to the person who started it."""

import sys


class Stop(Exception):
    """Ends dev.py with status 1 and its text as the last line."""


def say(text: str) -> None:
    """Prints one progress line on stderr."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)
