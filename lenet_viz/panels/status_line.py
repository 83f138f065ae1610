"""The line at the bottom: what the engine does, and how far it is."""

from dataclasses import replace

from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QWidget

from lenet_viz.panels.text import formatted, torch_version, translate, translated
from lenet_viz.session.state import EngineStatus, State


class StatusLine(QStatusBar):
    """What the engine does now and whether what is shown is current."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the line."""
        super().__init__(parent)
        self.setObjectName("status_line")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(10, 0, 10, 0)
        self._engine = QLabel(self)
        self._engine.setObjectName("status_engine")
        self._stale = QLabel(self)
        self._stale.setObjectName("status_stale")
        self._stale.setProperty("role", "warning")
        self._progress = QProgressBar(self)
        self._progress.setObjectName("status_progress")
        self._progress.setAccessibleName(translate("Status", "Progress of the run"))
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(180)
        self.addWidget(self._engine)
        self.addWidget(self._stale, 1)
        self.addPermanentWidget(self._progress)

    def render_state(self, old: State | None, new: State) -> None:
        """Show what the engine does."""
        del old
        pending = new.pending
        starting = new.engine is EngineStatus.STARTING
        if pending is not None and not starting:
            words = translated(pending.stage)
        elif starting:
            words = translate("Status", "Starting torch in the background …")
        elif new.engine is EngineStatus.LOST:
            words = translate("Status", "torch could not be started")
        elif new.opened is not None and new.run is not None:
            words = formatted(
                "Status",
                "{name} · torch {version} · as it was recorded",
                name=new.opened.name,
                version=torch_version(new.run.capture),
            )
        elif new.run is not None:
            words = formatted(
                "Status",
                "Ready · torch {version} · run {number}",
                version=torch_version(new.run.capture),
                number=new.run.number,
            )
        else:
            words = translate("Status", "Ready")
        self._engine.setText(words)
        busy = pending is not None or starting
        self._progress.setVisible(busy)
        if busy:
            known = pending is not None and pending.fraction > 0
            self._progress.setRange(0, 100 if known else 0)
            self._progress.setValue(round(100 * pending.fraction) if pending and known else 0)
        self._stale.setText(_stale_words(new))


def _stale_words(state: State) -> str:
    if state.poke is not None and state.poke.shown:
        shown = replace(state.poke, amount=state.poke.shown).nudge.words()
        return formatted("Status", "Poked: {where}. Esc takes it back.", where=shown)
    if state.building.draft is not None:
        return translate(
            "Status", "What is shown is older than the layers in Build, which do not fit yet."
        )
    if state.stale_forward:
        return translate(
            "Status", "What is shown is older than the present settings: press Forward or Backward."
        )
    if state.stale_backward:
        return translate(
            "Status", "The gradients are older than the present objective: press Backward."
        )
    return ""
