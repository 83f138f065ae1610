"""How soon the program is there: its window, and its help."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from tests.benchmarks.measure import Row, ms, times

ROUNDS = 5
_DONT_COMPILE = "PYTHONDONTWRITEBYTECODE"

_BARE = """
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMainWindow
import numpy
import pyqtgraph

app = QApplication([])
window = QMainWindow()
view = pyqtgraph.GraphicsLayoutWidget()
view.addViewBox().addItem(pyqtgraph.ImageItem(numpy.zeros((30, 30))))
window.setCentralWidget(view)
window.resize(1280, 800)
"""

_OURS = """
import sys
from pathlib import Path
from lenet_viz.window.app import make_application, make_window

app = make_application()
window = make_window(settings_folder=Path(sys.argv[1]))
window.resize(1280, 800)
"""

_TO_THE_FIRST_PAINT = """
import os
import sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            app.removeEventFilter(self)
            # All the widgets of a window are painted in one go; this comes after it.
            QTimer.singleShot(0, told)
        return False

def told():
    os.write(1, b"painted\\n")
    sys.stdin.readline()
    os._exit(0)

first = FirstPaint()
app.installEventFilter(first)
window.show()
app.exec()
"""


def first_window() -> Row:
    """Two processes, each until its window has been painted."""
    bare, ours = [], []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for i in range(ROUNDS + 1):
            pair = [(_BARE, bare), (_OURS, ours)]
            for code, taken in pair if i % 2 else reversed(pair):
                taken.append(_until_painted(code, folder))
    plain, own = (statistics.median(times_[1:]) for times_ in (bare, ours))
    return Row(
        "first window painted / a bare PySide6 + pyqtgraph window",
        "≤ 1.3",
        times(own / plain),
        f"bare {ms(plain)}, ours {ms(own)} (from the start of the process)",
    )


def help_option() -> Row:
    """What --help imports."""
    return _imports("--help")


def version_option() -> Row:
    """What --version imports."""
    return _imports("--version")


def _until_painted(code: str, folder: str) -> float:
    """Return the seconds from the start of a process until its window is painted."""
    # As pip leaves an installed program: every module of both is compiled, by the first round.
    here = {name: value for name, value in os.environ.items() if name != _DONT_COMPILE}
    here["PYTHONPYCACHEPREFIX"] = os.path.join(folder, "compiled")
    here.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", code + _TO_THE_FIRST_PAINT, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**here, "TMPDIR": folder},
        ) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            line = process.stdout.readline()
            taken = time.perf_counter() - start
            process.stdin.close()
            process.wait()
        errors.seek(0)
        if line != b"painted\n":
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"the window was never painted: {said[-1:]}")
    return taken


def _imports(option: str) -> Row:
    code = (
        "import sys, lenet_viz.cli as c; c.main(sys.argv[1:]); "
        "print(*sorted({'torch', 'PySide6', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    )
    line = [sys.executable, "-c", code, option]
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ran = subprocess.run(line, capture_output=True, text=True, check=True)
        taken.append(time.perf_counter() - start)
    return Row(
        f"lenet-viz {option}",
        "neither Qt nor torch imported",
        f"imported: {ran.stderr.strip() or 'none of torch, Qt, NumPy'}",
        f"{ms(statistics.median(taken))} from start to end",
    )


MEASURES = (first_window, help_option, version_option)
