"""What the window remembers from one start to the next."""

import base64
import binascii
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray

from lenet_viz.capture.atomic import write_bytes
from lenet_viz.capture.words import (
    CROSS_ENTROPY,
    MSE,
    OUTPUT,
    RANDOM,
    VECTOR,
    parse,
    vector_word,
)
from lenet_viz.engine.messages import InputRequest
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.inputs import count
from lenet_viz.network import presets
from lenet_viz.network.initialisation import AS_TORCH, Initialisation, parse_initialisation
from lenet_viz.network.shapes import derive
from lenet_viz.network.spec import Spec
from lenet_viz.session.session import default_settings
from lenet_viz.session.settings import first_objective
from lenet_viz.session.state import ObjectiveChoice, Settings, Show, View

LAYOUT_VERSION = 1
KINDS = {RANDOM, OUTPUT, CROSS_ENTROPY, MSE, VECTOR}
THEMES = {"system", "light", "dark"}
FILE_LIMIT: Final = 1 << 20
"""A file larger than so many bytes is not ours."""

Plain = str | int | bool


class Memory:
    """A small JSON file of the user's: words, numbers, and the window's layout as base64.

    Qt's own settings files are not used: reading one can run code that somebody put into it.
    Whatever cannot be read, because the file is damaged or from another version, is left out: the
    defaults stand in.
    """

    def __init__(self, folder: Path | None) -> None:
        """Read ``window.json`` in a folder; the folder is made when something is written.

        Args:
            folder: where it lies; None for a memory of nothing that is never written.
        """
        self._path = None if folder is None else folder / "window.json"
        self._values = {} if self._path is None else _read(self._path)

    def settings(self, preset: str | None = None) -> Settings:
        """Return the last run's settings, or a preset's defaults where it is another.

        Args:
            preset: the preset that is wanted; None for the last one.
        """
        remembered = self._word("preset", "notebook")
        try:
            settings = default_settings(preset or remembered)
        except LenetVizError:
            settings = default_settings()
        if settings.preset != remembered:
            return settings
        if preset is None:
            settings = self._edited(settings)
        return replace(
            settings,
            weights_seed=self._number("weights_seed", settings.weights_seed),
            input=self._input(settings),
            objective=self._objective(settings),
            zero_grad=self._flag("zero_grad", default=True),
            initialisation=self._initialisation(),
        )

    def _edited(self, settings: Settings) -> Settings:
        """Return the settings with the network that was edited from their preset."""
        try:
            spec = Spec.from_json(self._word("edited", "{}"))
            derive(spec).require()
        except LenetVizError:
            return settings
        objective = first_objective(spec, settings.input.label, settings.objective.seed)
        return replace(settings, spec=spec, objective=objective)

    def view(self) -> View:
        """Return how things were shown."""
        show = self._word("show", Show.ACTIVATION)
        return View(
            show=Show(show) if show in set(Show) else Show.ACTIVATION,
            strip_gradients=self._flag("strip_gradients", default=False),
            causes=self._flag("causes", default=False),
            shared_scale=self._flag("shared_scale", default=True),
            theme=self._word("theme", "system", THEMES),
        )

    def keep(self, settings: Settings, view: View) -> None:
        """Remember settings and view; they reach the file with `write`.

        Of a network that is no preset nothing is remembered: a model's file is code, and the next
        start must not run it unasked.
        """
        if settings.preset:
            self._keep_settings(settings)
        edited = settings.spec is not None and settings.preset != settings.pure_preset
        self._values["edited"] = settings.spec.to_json() if edited and settings.spec else ""
        self._values |= {
            "zero_grad": settings.zero_grad,
            "show": str(view.show),
            "strip_gradients": view.strip_gradients,
            "shared_scale": view.shared_scale,
            "causes": view.causes,
            "theme": view.theme,
        }

    def _keep_settings(self, settings: Settings) -> None:
        self._values |= {
            "preset": settings.preset,
            "weights_seed": settings.weights_seed,
            "initialisation": settings.initialisation.word,
            "input_kind": settings.input.kind,
            "digit": settings.input.label,
            "scan": settings.input.index,
            "input_seed": settings.input.seed,
            "objective": settings.objective.kind,
            "objective_index": settings.objective.index,
            "objective_seed": settings.objective.seed,
            "objective_flat": settings.objective.flat,
            "objective_vector": vector_word(settings.objective.vector),
        }

    def recent(self) -> list[str]:
        """Return the paths of the files that were opened last, newest first."""
        try:
            found = json.loads(self._word("recent", "[]"))
        except (ValueError, RecursionError):
            return []
        known = found if isinstance(found, list) else []
        return [each for each in known if isinstance(each, str) and 0 < len(each) < 4096][:20]

    def keep_recent(self, paths: list[str]) -> None:
        """Remember the paths of the files that were opened last."""
        self._values["recent"] = json.dumps(paths)

    def keep_window(self, geometry: QByteArray, docks: QByteArray) -> None:
        """Remember the window's size and place and where its panels are."""
        self._values["geometry"] = base64.b64encode(geometry.data()).decode()
        self._values["docks"] = base64.b64encode(docks.data()).decode()

    def write(self) -> None:
        """Write what is remembered; to be called as the window closes.

        A folder that cannot be written is no reason to keep the window open.
        """
        path = self._path
        if path is None:
            return
        encoded = json.dumps(self._values, indent=1, sort_keys=True).encode()
        with suppress(OSError, UserMistake):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, encoded, durable=False)

    def geometry(self) -> QByteArray | None:
        """Return the window's size and place; None where there is none."""
        return self._bytes("geometry")

    def docks(self) -> QByteArray | None:
        """Return where the panels were; None where there is nothing."""
        return self._bytes("docks")

    def _bytes(self, name: str) -> QByteArray | None:
        try:
            found = base64.b64decode(self._word(name, ""), validate=True)
        except (binascii.Error, ValueError):
            return None
        return QByteArray(found) if found else None

    def _word(self, name: str, default: str, allowed: set[str] | None = None) -> str:
        value = self._values.get(name, default)
        usable = isinstance(value, str) and (allowed is None or value in allowed)
        return str(value) if usable else default

    def _flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, default)
        return value if isinstance(value, bool) else default

    def _number(self, name: str, default: int, low: int = 0, high: int = 2**31 - 1) -> int:
        value = self._values.get(name, default)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return int(value) if whole and low <= int(value) <= high else default

    def _input(self, settings: Settings) -> InputRequest:
        default = settings.input
        kind = self._word("input_kind", default.kind)
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

    def _initialisation(self) -> Initialisation:
        try:
            return parse_initialisation(self._word("initialisation", AS_TORCH.word))
        except UserMistake:
            return AS_TORCH

    def _objective(self, settings: Settings) -> ObjectiveChoice:
        default = settings.objective
        most = settings.output_count or 1
        kind, vector = self._word("objective", default.kind, KINDS), self._vector()
        if kind == VECTOR and len(vector) != most:
            kind = default.kind
        return ObjectiveChoice(
            kind=kind,
            index=self._number("objective_index", default.index, 0, most - 1),
            seed=self._number("objective_seed", default.seed),
            vector=vector if kind == VECTOR else (),
            flat=self._flag("objective_flat", default=False),
        )

    def _vector(self) -> tuple[float, ...]:
        try:
            return parse(self._word("objective_vector", "")).numbers
        except UserMistake:
            return ()


def _read(path: Path) -> dict[str, Plain]:
    """Return the plain values in a file; none where it cannot be read."""
    try:
        with path.open("rb") as stream:
            text = stream.read(FILE_LIMIT + 1)
        found = json.loads(text) if len(text) <= FILE_LIMIT else None
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str | int)}
