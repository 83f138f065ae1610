"""How this very program is started as a process of its own."""

import sys
from pathlib import Path

_CODE = """\
import sys
root = sys.argv.pop()
places = [i for i, p in enumerate(sys.path) if p.endswith(("site-packages", "dist-packages"))]
sys.path.insert(places[0] if places else len(sys.path), root)
from lenet_viz.cli import main
sys.exit(main())
"""


def program_command(*arguments: str) -> tuple[str, ...]:
    """Return the command line that runs ``lenet-viz`` with the interpreter of this process.

    It finds this very package, be it installed or in a checkout, and looks for nothing in the
    folder it is started from: a file named torch.py there does no harm.

    Args:
        *arguments: the words after ``lenet-viz``.
    """
    root = Path(__file__).absolute().parents[2]
    return (sys.executable, "-P", "-c", _CODE, *arguments, str(root))
