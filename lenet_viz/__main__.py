"""Starts the program: `python -m lenet_viz` is `lenet-viz`."""

import sys

from lenet_viz.cli import main

if __name__ == "__main__":
    sys.exit(main())
