"""The window's process never imports torch, and its window stands before the engine is ready."""

import os
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys, time
from pathlib import Path
from lenet_viz.export.order import Order
from lenet_viz.window.app import OpenWindow, make_application
from lenet_viz.session.state import EngineStatus

application = make_application()
opened = OpenWindow(Path(sys.argv[1]), "notebook")
opened.window.show()
application.processEvents()
assert opened.window.isVisible()
assert opened.window.session.state.engine is EngineStatus.STARTING
opened.start()
session = opened.window.session
until = time.monotonic() + 60
painted = 0
while session.state.pending is not None and time.monotonic() < until:
    application.processEvents()
    painted += session.state.engine is EngineStatus.STARTING
    time.sleep(0.002)
assert painted > 0, "the window lives while torch is being imported"
assert session.state.run is not None, session.state.notice
for card in session.state.cards:
    session.select(card)
    application.processEvents()
opened.window.figures.image(Order("window"))
opened.close()
heavy = sorted(name for name in sys.modules if name.split(".")[0] in {"torch", "matplotlib"})
assert not heavy, heavy[:5]
print("done")
"""


def test_torch_is_never_imported_in_the_windows_process(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-P", "-W", "error::RuntimeWarning", "-c", _PROGRAM, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "done\n"
    left = [line for line in ran.stderr.splitlines() if "propagateSizeHints" not in line]
    assert left == []
