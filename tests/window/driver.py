"""The program, driven as its user would: keys and clicks on real widgets, found by name."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from lenet_viz.panels.text import translated
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import Run, State, View
from lenet_viz.window.app import OpenWindow, make_application
from lenet_viz.window.main_window import MainWindow

SIZE = (1440, 900)
NO_KEY = Qt.KeyboardModifier.NoModifier


class Program:
    """An open window with its engine."""

    def __init__(self, settings_folder: Path, preset: str | None = "notebook") -> None:
        self.application = make_application()
        self.opened = OpenWindow(settings_folder, preset, size=SIZE)
        self.window.show()
        self.window.activateWindow()
        self.opened.start()

    @property
    def window(self) -> MainWindow:
        return self.opened.window

    @property
    def session(self) -> Session:
        return self.window.session

    @property
    def state(self) -> State:
        return self.session.state

    @property
    def run(self) -> Run:
        """The last run, which there must be."""
        assert self.state.run is not None, self.state.notice
        return self.state.run

    def wait(self, done: Callable[[], object], limit: float = 60.0) -> None:
        """Serve events until ``done()``."""
        until = time.monotonic() + limit
        while not done():
            assert time.monotonic() < until, f"not in time: {self.state.notice}"
            QApplication.processEvents()
            time.sleep(0.002)

    def pause(self, seconds: float) -> None:
        """Serve events for a while."""
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until)

    def finish(self) -> None:
        """Wait until no run is under way."""
        self.wait(lambda: self.state.pending is None)
        QApplication.processEvents()

    def begin_anew(self) -> None:
        """Go back to the default settings and view, with a current run of them."""
        self.finish()
        session = self.session
        session.change_settings(default_settings())
        session._set_view(View(theme="light"))
        if self.state.run is None or self.state.stale_backward or not self.run.backward:
            session.backward()
            self.finish()
        session.select("input")
        session.dismiss_notice()
        self.window.activateWindow()
        self.window.setFocus()
        QApplication.processEvents()

    def child(self, name: str, kind: type[QWidget] = QWidget) -> QWidget:
        """Return the one widget of that object name."""
        found = self.window.findChildren(kind, name)
        assert len(found) == 1, f"{len(found)} widgets are called {name}"
        return found[0]

    def text(self, name: str) -> str:
        """Return what a label of that object name says."""
        label = self.child(name, QLabel)
        assert isinstance(label, QLabel)
        return label.text()

    def click(self, name: str) -> None:
        """Click a widget that the user can reach."""
        widget = self.child(name)
        assert widget.isVisible(), f"{name} cannot be seen"
        assert widget.isEnabled(), f"{name} is switched off"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, NO_KEY, QPoint(5, 5))
        QApplication.processEvents()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)
        QApplication.processEvents()

    def notice(self) -> str:
        """Return the sentence at hand; "" where there is none."""
        notice = self.state.notice
        words = "" if notice is None else translated(notice.message)
        bar = self.child("notice")
        assert bar.isVisible() == bool(words)
        assert not words or self.text("notice_text") == words
        return words

    def engine_pid(self) -> int:
        """Return the process id of the engine at work."""
        working = self.opened.bridge._client._working
        assert working is not None
        process = working.connection._process
        assert process is not None
        return process.pid

    def wait_for_spare(self) -> None:
        """Wait until a second engine can take over."""
        client = self.opened.bridge._client
        self.wait(lambda: client._spare is not None and client._spare.ready is not None)

    def kill_engine(self) -> None:
        os.kill(self.engine_pid(), signal.SIGKILL)
