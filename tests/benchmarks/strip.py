"""A network of a thousand steps in the strip."""

import statistics

from PySide6.QtWidgets import QApplication, QScrollArea

from lenet_viz.network.spec import Spec
from lenet_viz.panels.strip import StripPanel
from lenet_viz.session.outline import _kept
from lenet_viz.session.state import State
from tests.benchmarks import gui, runs
from tests.benchmarks.measure import Row, ms, seconds

STEPS = 1000


def thousand_steps() -> Row:
    """A chain."""
    return _row(f"a {STEPS:,}-step strip laid out / scrolled", runs.long(STEPS))


def thousand_branched_steps() -> Row:
    """Residual links around every three steps: as many lines as cards, and some more."""
    return _row(
        f"a {STEPS:,}-step strip of residual links laid out / scrolled", runs.residual(STEPS)
    )


def _row(name: str, spec: Spec) -> Row:
    """Laid out and painted; then scrolled from end to end."""
    app = gui.application()
    state: State = runs.state(spec)
    assert state.capture is not None
    assert len(state.capture.steps) == STEPS
    shown = []
    for _ in range(3):
        _kept.clear()  # each time as if the run were new
        panel = StripPanel()
        panel.resize(1280, panel.sizeHint().height())
        panel.show()
        app.processEvents()

        def lay_out(panel: StripPanel = panel) -> None:
            panel.render_state(None, state)
            app.processEvents()

        shown.append(seconds(lay_out))
        frames = _scrolled(panel, app)
        panel.close()
        panel.deleteLater()
        app.processEvents()
    return Row(
        name,
        "≤ 500 ms / ≤ 16 ms a frame",
        f"{ms(statistics.median(shown))} / {ms(statistics.median(frames))}",
        f"slowest frame of {len(frames)}: {ms(max(frames))}",
    )


def _scrolled(panel: StripPanel, app: QApplication) -> list[float]:
    """Return how long each frame took on the way through the whole strip."""
    bar = max(
        (area.horizontalScrollBar() for area in panel.findChildren(QScrollArea)),
        key=lambda bar: bar.maximum(),
    )
    if bar.maximum() <= 0:
        raise RuntimeError("the strip does not scroll")
    frames = []
    for i in range(1, 101):

        def move(to: int = bar.maximum() * i // 100) -> None:
            bar.setValue(to)
            app.processEvents()

        frames.append(seconds(move))
    return frames


MEASURES = (thousand_steps, thousand_branched_steps)
