"""What the window remembers from one start to the next."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from lenet_viz.engine.messages import InputRequest
from lenet_viz.errors import LenetVizError
from lenet_viz.inputs import count
from lenet_viz.network import presets
from lenet_viz.session.session import default_settings
from lenet_viz.session.state import ObjectiveChoice, Settings, View

LAYOUT_VERSION = 1
KINDS = {"random", "output", "cross-entropy", "mse"}


class Memory:
    """A settings file of the user's.

    Whatever cannot be read, because the file is damaged or from another version, is left out: the
    defaults stand in.
    """

    def __init__(self, folder: Path) -> None:
        """Read ``window.ini`` in ``folder``; the folder is made when something is kept."""
        self._store = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)

    def settings(self, preset: str | None = None) -> Settings:
        """Return the last run's settings, or a preset's defaults where it is another.

        Args:
            preset: the preset that is wanted; None for the last one.
        """
        remembered = str(self._store.value("preset", "notebook"))
        try:
            settings = default_settings(preset or remembered)
        except LenetVizError:
            settings = default_settings()
        if settings.preset != remembered:
            return settings
        return replace(
            settings,
            weights_seed=self._number("weights_seed", settings.weights_seed),
            input=self._input(settings),
            objective=self._objective(settings),
            zero_grad=str(self._store.value("zero_grad", "true")) == "true",
        )

    def view(self) -> View:
        """Return how things were shown."""
        theme = str(self._store.value("theme", "system"))
        shared = str(self._store.value("shared_scale", "true")) == "true"
        return View(
            theme=theme if theme in {"system", "light", "dark"} else "system", shared_scale=shared
        )

    def keep(self, settings: Settings, view: View) -> None:
        """Remember settings and view."""
        for name, value in (
            ("preset", settings.preset),
            ("weights_seed", settings.weights_seed),
            ("input_kind", settings.input.kind),
            ("digit", settings.input.label),
            ("scan", settings.input.index),
            ("input_seed", settings.input.seed),
            ("objective", settings.objective.kind),
            ("objective_index", settings.objective.index),
            ("objective_seed", settings.objective.seed),
            ("zero_grad", "true" if settings.zero_grad else "false"),
            ("theme", view.theme),
            ("shared_scale", "true" if view.shared_scale else "false"),
        ):
            self._store.setValue(name, value)

    def keep_window(self, geometry: QByteArray, docks: QByteArray) -> None:
        """Remember the window's size and place and where its panels are."""
        self._store.setValue("geometry", geometry)
        self._store.setValue("docks", docks)
        self._store.sync()

    def geometry(self) -> QByteArray | None:
        """Return the window's size and place; None where there is none."""
        return self._bytes("geometry")

    def docks(self) -> QByteArray | None:
        """Return where the panels were; None where there is nothing."""
        return self._bytes("docks")

    def _bytes(self, name: str) -> QByteArray | None:
        value = self._store.value(name)
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def _number(self, name: str, default: int, low: int = 0, high: int = 2**31 - 1) -> int:
        try:
            value = int(str(self._store.value(name, default)))
        except ValueError:
            return default
        return value if low <= value <= high else default

    def _input(self, settings: Settings) -> InputRequest:
        default = settings.input
        kind = str(self._store.value("input_kind", default.kind))
        own = presets.get(settings.preset).image is not None
        if kind not in {"digit", "random"} and not (kind == "preset" and own):
            kind = default.kind
        label = self._number("digit", default.label, 0, 9)
        return InputRequest(
            kind=kind,
            label=label,
            index=self._number("scan", default.index, 0, count(label) - 1),
            seed=self._number("input_seed", default.seed),
        )

    def _objective(self, settings: Settings) -> ObjectiveChoice:
        default = settings.objective
        kind = str(self._store.value("objective", default.kind))
        return ObjectiveChoice(
            kind=kind if kind in KINDS else default.kind,
            index=self._number("objective_index", default.index, 0, settings.output_count - 1),
            seed=self._number("objective_seed", default.seed),
        )
