"""Starting the program: the application, the session's folder, the engine, the window."""

import gc
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from pyqtgraph.util.garbage_collector import GarbageCollector
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    Qt,
    QTimer,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from lenet_viz import __version__, resources
from lenet_viz.errors import LenetVizError
from lenet_viz.network.spec import Spec
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.session.session import Session
from lenet_viz.session.state import Notice, OwnModel, State
from lenet_viz.window.engine_bridge import EngineBridge
from lenet_viz.window.main_window import MainWindow
from lenet_viz.window.memory import Memory
from lenet_viz.window.mishaps import Mishaps
from lenet_viz.window.opening import Shown


def make_application(arguments: list[str] | None = None) -> QApplication:
    """Return the application, made if there is none yet."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    application = QApplication(arguments or ["lenet_viz"])
    QCoreApplication.setApplicationName("lenet_viz")
    QCoreApplication.setApplicationVersion(__version__)
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(resources.path("icons", "lenet_viz.svg"))))
    return application


class OpenWindow:
    """A window with its engine and its folder, and the way to end all three.

    Attributes:
        window: the main window, not shown yet.
        bridge: its engine, not started yet.
    """

    def __init__(
        self,
        settings_folder: Path | None,
        preset: str | None = None,
        theme: str | None = None,
        size: tuple[int, int] | None = None,
        shown: Shown | None = None,
        spec: Spec | None = None,
        weights: WeightsChoice | None = None,
    ) -> None:
        """Make the window.

        Args:
            settings_folder: where choices are remembered; None for the user's own folder.
            preset: the preset it opens with; None for the last one.
            theme: the theme; None for the remembered one.
            size: width and height; None for the remembered ones.
            shown: a run to show in the place of a first run; None for a first run.
            spec: the network it opens with; None for that of ``preset``.
            weights: the file its weights are read from; None for those of the seed.

        Raises:
            UserMistake: the run's file is damaged.
        """
        if settings_folder is None:
            from platformdirs import user_config_path

            settings_folder = user_config_path("lenet_viz", appauthor=False)
        memory = Memory(settings_folder)
        self._folder = tempfile.mkdtemp(prefix="lenet_viz-")
        self.bridge = EngineBridge()
        session = self._session = Session(
            self.bridge, self._folder, State(memory.settings(preset), view=memory.view())
        )
        if theme is not None:
            session.choose_theme(theme)
        if spec is not None:
            session.choose_spec(spec)
        if weights is not None:
            session.choose_weights_file(weights)
        if shown is not None:
            self._open(shown)
        self.bridge.replied.connect(session.receive)
        self.window = MainWindow(session, memory, size)

    def start(self) -> None:
        """Start the engine and ask for the first run, if none is shown; returns at once."""
        self.bridge.start()
        if self._session.state.opened is None:
            self._session.backward()

    def _open(self, shown: Shown) -> None:
        try:
            self._session.open_capture(shown.capture, shown.name, from_file=shown.from_file)
        except LenetVizError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def tell_soon(self, notice: Notice) -> None:
        """Put a sentence up once the present event is dealt with."""
        QTimer.singleShot(0, self.window, lambda: self._session.tell(notice))

    def close(self) -> None:
        """End the engine, take the window down and remove the session's folder."""
        self.window.close()
        self.window.background.finish()
        self.end()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def end(self) -> None:
        """End the engine and remove the session's folder; the window shows nothing new any more."""
        # A reply or a written picture may wait in the queue of events, for a window that is gone.
        self._session.close()
        self.bridge.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def make_window(settings_folder: Path | None = None, preset: str | None = None) -> MainWindow:
    """Return a window that runs once events are served; for embedding in another program.

    Its engine and its folder go with it when it is closed.

    Args:
        settings_folder: where choices are remembered; None for the user's own folder.
        preset: the preset it opens with; None for the last one.
    """
    opened = OpenWindow(settings_folder, preset)
    window = opened.window
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    # Of a bound method PySide would keep only a weak reference; the lambda keeps the rest alive.
    window.destroyed.connect(lambda: opened.end())
    QTimer.singleShot(0, window, opened.start)
    return window


def run(
    preset: str | None = None,
    shown: Shown | None = None,
    own: OwnModel | None = None,
    spec: Spec | None = None,
    weights: WeightsChoice | None = None,
) -> int:
    """Return the exit status of the program, once the user has closed its window.

    The window is painted before torch is imported: that happens in the engine.

    Args:
        preset: the preset it opens with; None for the last one.
        shown: a run to show in the place of a first run.
        own: a model of the user's own to ask about; None for none.
        spec: the network it opens with; None for that of ``preset``.
        weights: the file the weights of ``own``, ``spec`` or ``preset`` are read from; None for
            those of the seed.

    Raises:
        UserMistake: the run's file is damaged.
    """
    application = make_application(sys.argv[:1])
    restore = _let_signals_quit(application)
    # Python may look for circles on any thread, and Qt objects must die on the window's.
    collector = GarbageCollector(interval=1.0)
    read = weights if own is None else None  # its own wait until it may run
    opened = OpenWindow(None, preset, shown=shown, spec=spec, weights=read)
    opened.window.show()
    QTimer.singleShot(0, opened.start)
    if own is not None:
        QTimer.singleShot(
            0, opened.window, lambda: opened.window.models.propose_model(own, weights)
        )
    mishaps = Mishaps(opened.tell_soon)
    mishaps.take_over()
    try:
        return application.exec()
    finally:
        opened.close()
        collector.timer.stop()
        gc.enable()
        restore()
        mishaps.give_back()


def _let_signals_quit(application: QApplication) -> Callable[[], None]:
    """Let Ctrl+C, a closed terminal and a polite kill close the window; return how to undo it."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]

    def leave(*_: object) -> None:
        # Through the queue of events: a signal may come before the loop has begun.
        QTimer.singleShot(0, application, application.quit)

    before = {number: signal.signal(number, leave) for number in numbers}
    # Python looks at signals only when it runs: a slow timer gives it the chance.
    timer = QTimer(application)
    timer.timeout.connect(lambda: None)
    timer.start(250)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return restore
