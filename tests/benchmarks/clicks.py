"""From a click on a step to its picture."""

import statistics
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from lenet_viz.network.spec import Spec
from lenet_viz.panels.map_panel import MapPanel
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.strip import StripPanel
from lenet_viz.session.state import State
from tests.benchmarks import runs
from tests.benchmarks.measure import Row, ms, seconds, times

ROUNDS = 5


class _Paints(QObject):
    """Counts what is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def notebook_net() -> Row:
    """Each of the notebook's twelve steps in turn."""
    return _click("notebook net", runs.notebook(), "notebook", "≤ 8 ms")


def wide_layer() -> Row:
    """A step of 512 channels and its neighbours."""
    return _click("a 512-channel layer", runs.wide(), "", "≤ 16 ms", only=("conv1", "relu"))


def against_matplotlib() -> Row:
    """A grid of subplots with the same maps."""
    what = "the same against a matplotlib subplots grid of the same maps (conv1)"
    must = "≥ 20 times faster"
    try:
        import matplotlib
    except ImportError:
        return Row(what, must, "not measured", "matplotlib is not installed, and not needed")
    matplotlib.use("agg")
    state = runs.state(runs.notebook(), "notebook")
    assert state.capture is not None
    maps = state.capture.steps["conv1"].activation[0]
    theirs = statistics.median(seconds(lambda: _subplots(maps)) for _ in range(ROUNDS))
    ours = statistics.median(_clicked(state, ("relu", "conv1"), [MapPanel])[0])
    return Row(what, must, times(theirs / ours), f"matplotlib {ms(theirs)}, ours {ms(ours)}")


def _subplots(maps: object) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3)
    for axis, one in zip(axes.flat, maps, strict=True):  # type: ignore[call-overload]
        axis.imshow(one, cmap="RdBu")
        axis.axis("off")
    figure.canvas.draw()
    pyplot.close(figure)


def _click(
    name: str, spec: Spec, preset: str, must: str, only: tuple[str, ...] | None = None
) -> Row:
    state = runs.state(spec, preset)
    assert state.capture is not None
    steps = only or tuple(state.capture.steps.keys())
    alone, slowest = _clicked(state, steps, [MapPanel])
    together, slowest_together = _clicked(state, steps, [StripPanel, MapPanel, StepPanel])
    return Row(
        f"click on a step → painted: {name}",
        must,
        ms(statistics.median(together)),
        f"strip, map and step panel together; slowest step {slowest_together[0]} "
        f"{ms(slowest_together[1])}. The map panel alone {ms(statistics.median(alone))}, slowest "
        f"{slowest[0]} {ms(slowest[1])}",
    )


def _clicked(
    state: State, steps: tuple[str, ...], kinds: list[Callable[[], Panel]]
) -> tuple[list[float], tuple[str, float]]:
    """Return each click's seconds, and the slowest step with its median."""
    app = QApplication.instance() or QApplication([])
    panels = [kind() for kind in kinds]
    paints = _Paints()
    for panel in panels:
        panel.resize(900, max(560, panel.sizeHint().height()))
        panel.render_state(None, state)
        panel.show()
        app.processEvents()
        for widget in [panel, *panel.findChildren(QWidget)]:
            widget.installEventFilter(paints)
    taken: dict[str, list[float]] = {step: [] for step in steps}
    old = state

    def click(new: State) -> None:
        for panel in panels:
            panel.render_state(old, new)
        app.processEvents()

    for i in range(ROUNDS + 1):
        for step in steps:
            new = replace(old, selected=step)
            before = paints.count
            duration = seconds(lambda new=new: click(new))
            if i > 0:  # in the first round the file's pages are read
                taken[step].append(duration)
                assert paints.count > before, f"nothing was painted for {step}"
            old = new
    for panel in panels:
        panel.close()
        panel.deleteLater()
    app.processEvents()
    middles = {step: statistics.median(times) for step, times in taken.items()}
    slowest = max(middles, key=lambda step: middles[step])
    return [time for times in taken.values() for time in times], (slowest, middles[slowest])


MEASURES = (notebook_net, wide_layer, against_matplotlib)
