"""How an engine is started: which interpreter, which code, which environment."""

import os
import sys
from pathlib import Path

import lenet_viz

_CODE = """\
import sys
root = sys.argv.pop()
places = [i for i, p in enumerate(sys.path) if p.endswith(("site-packages", "dist-packages"))]
sys.path.insert(places[0] if places else len(sys.path), root)
from lenet_viz.engine.process import main
main()
"""


def engine_command() -> tuple[str, ...]:
    """Return the command line that starts an engine.

    The engine finds this very package, be it installed, in a checkout or in a zip file. It looks
    there after the standard library and before other installed packages, and never in the folder
    the program was started from: a file named torch.py in it does no harm.
    """
    root = Path(lenet_viz.__file__).absolute().parent.parent
    return (sys.executable, "-P", "-X", "faulthandler", "-c", _CODE, str(root))


def engine_environment() -> dict[str, str]:
    """Return the environment variables of an engine: ours, and unbuffered streams."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
