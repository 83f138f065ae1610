"""The package's public names, in any order of importing."""

import subprocess
import sys

import pytest

SCRIPTS = {
    "nothing loads torch or Qt": (
        "import sys, lenet_viz; assert not {'torch', 'PySide6'} & set(sys.modules)"
    ),
    "load does not load torch": (
        "import sys, lenet_viz; lenet_viz.load; assert 'torch' not in sys.modules"
    ),
    "capture after load": (
        "import lenet_viz, torch; lenet_viz.load; "
        "assert lenet_viz.capture(torch.nn.Linear(2, 1), torch.ones(2)).steps[0].op == 'linear'"
    ),
    "capture after records": (
        "import lenet_viz, torch; import lenet_viz.capture.records; "
        "assert len(lenet_viz.capture(torch.nn.Linear(2, 1), torch.ones(2)).steps) == 1"
    ),
    "import of the name": (
        "from lenet_viz import capture; import torch; "
        "assert len(capture(torch.nn.Linear(2, 1), torch.ones(2)).steps) == 1"
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_imports(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPTS[name]], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
