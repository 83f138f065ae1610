"""From a click on a step to its picture."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.network.spec import Spec
from lenet_viz.panels.map_panel import MapPanel
from tests.benchmarks import gui, runs
from tests.benchmarks.measure import Row, ms, times

ROUNDS = 8


class _Paints(QObject):
    """Counts what is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


@dataclass
class _Clicks:
    """What clicks took, by step, in seconds by the clock and of the processor."""

    wall: dict[str, list[float]]
    processor: dict[str, list[float]]

    def median(self) -> float:
        return statistics.median(t for taken in self.wall.values() for t in taken)

    def median_of_processor(self) -> float:
        return statistics.median(t for taken in self.processor.values() for t in taken)

    def slowest(self) -> str:
        middles = {step: statistics.median(taken) for step, taken in self.wall.items()}
        step = max(middles, key=lambda step: middles[step])
        return f"{step} {ms(middles[step])}"


def notebook_net() -> Row:
    """Each of the notebook's twelve steps in turn."""
    return _row("notebook net", runs.notebook(), "≤ 8 ms")


def wide_layer() -> Row:
    """A layer of 512 channels of 30×30, and its ReLU."""
    return _row("a 512-channel layer", runs.wide(), "≤ 16 ms", only=("conv1", "relu"))


def against_matplotlib() -> Row:
    """A grid of subplots with the same maps."""
    what = "the same against a matplotlib subplots grid of the same maps (conv1)"
    must = "≥ 20 times faster"
    try:
        import matplotlib
    except ImportError:
        return Row(what, must, "not measured", "matplotlib is not installed, and not needed")
    matplotlib.use("agg")
    maps = runs.captured(runs.notebook(), "notebook").steps["conv1"].activation[0]
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        _subplots(maps)
        taken.append(time.perf_counter() - start)
    theirs = statistics.median(taken)
    ours = statistics.median(_in_map_panel(runs.notebook(), ("relu", "conv1")).wall["conv1"])
    return Row(what, must, times(theirs / ours), f"matplotlib {ms(theirs)}, ours {ms(ours)}")


def _subplots(maps: object) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3)
    for axis, one in zip(axes.flat, maps, strict=True):  # type: ignore[call-overload]
        axis.imshow(one, cmap="RdBu")
        axis.axis("off")
    figure.canvas.draw()
    pyplot.close(figure)


def _row(name: str, spec: Spec, must: str, only: tuple[str, ...] | None = None) -> Row:
    whole = _in_window(spec, only)
    alone = _in_map_panel(spec, tuple(whole.wall))
    return Row(
        f"click on a step → painted: {name}",
        must,
        ms(whole.median()),
        f"the whole window, {ms(whole.median_of_processor())} of it processor time; slowest "
        f"step {whole.slowest()}. The map panel alone {ms(alone.median())}, slowest "
        f"{alone.slowest()}",
    )


def _in_window(spec: Spec, only: tuple[str, ...] | None) -> _Clicks:
    """Click through a network's steps in the main window."""
    with gui.window() as window:
        session = window.session
        if spec != session.state.settings.spec:
            session.change_settings(replace(session.state.settings, spec=spec))
            session.backward()
            gui.finish(window)
        assert session.state.capture is not None
        steps = only or tuple(session.state.capture.steps.keys())
        return _click_through(steps, session.select, [window])


def _in_map_panel(spec: Spec, steps: tuple[str, ...]) -> _Clicks:
    """Click through steps that only a map panel shows."""
    gui.application()
    panel = MapPanel()
    panel.resize(620, 640)
    old = runs.state(spec, "notebook" if spec == runs.notebook() else "")
    panel.render_state(None, old)
    panel.show()

    def select(step: str) -> None:
        nonlocal old
        old, before = replace(old, selected=step), old
        panel.render_state(before, old)

    taken = _click_through(steps, select, [panel])
    panel.close()
    panel.deleteLater()
    return taken


def _click_through(
    steps: tuple[str, ...], select: Callable[[str], None], shown: list[QWidget]
) -> _Clicks:
    """Return what each click took until everything was painted."""
    app = gui.application()
    paints = _Paints()
    for top in shown:
        for widget in [top, *top.findChildren(QWidget)]:
            widget.installEventFilter(paints)
    taken = _Clicks({step: [] for step in steps}, {step: [] for step in steps})
    for i in range(ROUNDS + 1):
        for step in steps:
            gui.pause(0.02)
            before = paints.count
            start, processor = time.perf_counter(), time.thread_time()
            select(step)
            app.processEvents()
            ended = time.perf_counter() - start, time.thread_time() - processor
            if i > 0:  # in the first round the file's pages are read, and it may be selected
                if paints.count == before:
                    raise RuntimeError(f"nothing was painted for {step}")
                taken.wall[step].append(ended[0])
                taken.processor[step].append(ended[1])
    return taken


def a_value() -> Row:
    """A value of each of the notebook's steps, forward and backward: its answer is painted."""
    with gui.window() as window:
        session = window.session
        assert session.state.capture is not None
        steps = {step.name: step.shape for step in session.state.capture.steps}
        window.docks["why"].come_forward()
        sides = iter([Side.ACTIVATION, Side.GRADIENT] * (ROUNDS * 2 * len(steps)))

        def ask(step: str) -> None:
            index = tuple(size // 2 for size in steps[step])
            session.ask(Address(Place.STEP, step, 0, next(sides), index))

        # Another step each time: all of the window is drawn anew, as for a first click.
        taken = _click_through((*steps, next(iter(steps))), ask, [window])
    return Row(
        "click on a value → its answer painted: notebook net",
        "≤ 16 ms (one frame)",
        ms(taken.median()),
        f"the whole window, another step each time, {ms(taken.median_of_processor())} of it "
        f"processor time; slowest step {taken.slowest()}",
    )


MEASURES = (notebook_net, wide_layer, a_value, against_matplotlib)
