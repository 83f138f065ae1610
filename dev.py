"""Sets up this repository and starts its commands: `python3 dev.py run`, `test`, `check`, ...

On Windows: `py dev.py run`. Needs nothing but Python 3.11 or newer with pip and venv. The first
call makes `.venv` and installs into it; later calls start at once. This file is kept readable for
every Python there is, so that an old one can say what it lacks; the work is in devtools/.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "lenet_viz needs Python 3.11 or newer; this is Python %d.%d (%s). "
        "Start dev.py with a newer one." % (sys.version_info[:2] + (sys.executable,))
    )

from devtools.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
