"""All arrays of a run in one .npz file, with a list of what is there and what is not."""

import json
import math
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO, Final, cast

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.atomic import write_atomically
from lenet_viz.capture.records import Capture, Objective, Parameter, Value
from lenet_viz.export.arrays import put_npy
from lenet_viz.export.entry_names import EntryNames
from lenet_viz.export.stoppable import stoppable

CONTENTS: Final = "contents.json"
"""The list's own entry: ``json.loads(numpy.load(path)["contents.json"])``."""
FORMAT: Final = "lenet_viz run arrays"
VERSION: Final = 1
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold: equal runs give equal bytes."""
_ORDINARY_FILE: Final = 0o100644 << 16
_UNIX: Final = 3
_HEADER_ROOM: Final = 2**16

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunArray:
    """One array that a run could have.

    Attributes:
        entry: its name in the file, without ``.npy``.
        fields: what the list says of it: whose it is, which one, shape, logical type, state.
        read: gives the numbers; None where there are none.
    """

    entry: str
    fields: Mapping[str, Any]
    read: Callable[[], Array | None] | None


def write_run(capture: Capture, path: Path, stop: Event | None = None) -> Path:
    """Write all arrays of a run to a .npz file and return its path.

    ``numpy.load(path)`` reads it without pickle. The entries are

    - ``inputs/NAME/value``, ``/gradient`` (of this run), ``/grad`` (``input.grad``, the sum);
    - ``steps/NAME/activation``, ``/gradient``; further outputs in ``steps/NAME/output_1/…``;
    - ``parameters/NAME/value``, ``/gradient`` (of this run), ``/grad_before``, ``/grad``;
    - ``constants/NAME/…``: buffers and tensors made outside every step;
    - ``objective/upstream`` (v) and ``objective/target``;
    - ``contents.json``: for each of them the full name, shape, type and gradient state. What a
      run does not have is no entry of zeros: it has ``"entry": null`` and the reason there.

    NAME is plain where the model's own name is; else see `entry_names.file_part`. Nothing is
    compressed, so that equal runs give equal bytes with every version of Python.

    Args:
        capture: the run.
        path: the file to make; an older one stays until the new one is whole.
        stop: once set, writing is given up.

    Raises:
        UserMistake: the file cannot be written, the disk is full, or ``stop`` was set; or an
            array of the capture cannot be read.
    """
    write_atomically(path, lambda stream: put_run(capture, stoppable(stream, stop)))
    return path


def put_run(capture: Capture, stream: BinaryIO) -> None:
    """Write the zip file of `write_run` to a stream that can seek, one array at a time."""
    listed: list[Fields] = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for one in run_arrays(capture):
            array = None if one.read is None else one.read()
            present = array is not None
            fields: Fields = {"entry": one.entry if present else None, **one.fields}
            if array is not None:
                # bfloat16, which NumPy does not know, is stored as the float32 that equals it.
                fields |= {"shape": list(array.shape), "stored_as": array.dtype.name}
                info = _entry(f"{one.entry}.npy", array.nbytes + _HEADER_ROOM)
                with archive.open(info, "w") as member:
                    put_npy(array, cast(BinaryIO, member))
            listed.append(fields)
        text = _contents(capture, listed)
        archive.writestr(_entry(CONTENTS, len(text)), text.encode("ascii"))


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.create_system = _UNIX
    info.external_attr = _ORDINARY_FILE
    info.file_size = size  # whoever opens the entry learns from this whether it needs zip64
    return info


def run_arrays(capture: Capture) -> Iterator[RunArray]:
    """Yield every array that a run could have, those that it does not have included."""
    inputs = EntryNames()
    for number, (name, value) in enumerate(
        zip(capture.input_names, capture.input_values, strict=True)
    ):
        folder = f"inputs/{inputs.give(name)}"
        of = {"of": "input", "name": name, "number": number}
        yield from _of_value(value, folder, of, "value")
        yield _input_grad(capture, number, folder, of)
    steps = EntryNames()
    for step in capture.steps:
        folder = f"steps/{steps.give(step.name)}"
        for number, value in enumerate(step.outputs):
            inner = f"{folder}/output_{number}" if number else folder
            of = {"of": "step", "name": step.name, "op": step.op, "output": number}
            yield from _of_value(value, inner, of, "activation")
        if not step.outputs:
            error = None if step.error is None else step.error.english()
            fields = {"of": "step", "name": step.name, "op": step.op, "state": "failed"}
            yield RunArray(folder, {**fields, "error": error}, None)
    names = EntryNames()
    for parameter in capture.parameters:
        yield from _of_parameter(parameter, f"parameters/{names.give(parameter.name)}")
    constants = EntryNames()
    for name, value in capture.constants.items():
        folder = f"constants/{constants.give(name)}"
        yield from _of_value(value, folder, {"of": "constant", "name": name}, "value")
    if capture.objective is not None:
        yield from _of_objective(capture.objective)


def _of_value(value: Value, folder: str, of: Fields, what: str) -> Iterator[RunArray]:
    fields = {**of, "shape": list(value.shape), "dtype": value.dtype}
    kept = value.activation_key is not None
    yield RunArray(
        f"{folder}/{what}",
        {**fields, "which": what, "state": "present" if kept else "not_kept"},
        (lambda: value.activation) if kept else None,
    )
    yield RunArray(
        f"{folder}/gradient",
        {**fields, "which": "gradient", "state": value.gradient_state.value},
        (lambda: value.gradient) if value.gradient_key is not None else None,
    )


def _input_grad(capture: Capture, number: int, folder: str, of: Fields) -> RunArray:
    value = capture.input_values[number]
    there = capture.input_grad_keys[number] is not None
    fields = {**of, "shape": list(value.shape), "dtype": value.dtype, "which": "grad"}
    fields["state"] = "present" if there else "none"
    read = (lambda: capture.input_grads[number]) if there else None
    return RunArray(f"{folder}/grad", fields, read)


def _of_parameter(parameter: Parameter, folder: str) -> Iterator[RunArray]:
    fields = {
        "of": "parameter",
        "name": parameter.name,
        "shape": list(parameter.shape),
        "dtype": parameter.dtype,
        "requires_grad": parameter.requires_grad,
    }
    state = parameter.gradient_state.value
    parts: tuple[tuple[str, str | None, Callable[[], Array | None], str], ...] = (
        ("value", parameter.value_key, lambda: parameter.value, "none"),
        ("gradient", parameter.gradient_key, lambda: parameter.gradient, state),
        ("grad_before", parameter.grad_before_key, lambda: parameter.grad_before, "none"),
        ("grad", parameter.grad_key, lambda: parameter.grad, "none"),
    )
    for which, key, read, absent in parts:
        there = key is not None
        yield RunArray(
            f"{folder}/{which}",
            {**fields, "which": which, "state": "present" if there else absent},
            read if there else None,
        )


def _of_objective(objective: Objective) -> Iterator[RunArray]:
    parts: tuple[tuple[str, str | None, Callable[[], Array | None]], ...] = (
        ("upstream", objective.upstream_key, lambda: objective.upstream),
        ("target", objective.target_key, lambda: objective.target),
    )
    for which, key, read in parts:
        there = key is not None
        fields = {"of": "objective", "name": objective.word[:200], "which": which}
        fields |= {"dtype": objective.dtype, "state": "present" if there else "none"}
        yield RunArray(f"objective/{which}", fields, read if there else None)


def _contents(capture: Capture, listed: list[Fields]) -> str:
    """Return the list as JSON in ASCII, one array a line."""
    objective = capture.objective
    model = capture.model
    run = {
        "format": FORMAT,
        "version": VERSION,
        "model": {
            "name": model.name,
            "training": model.training,
            "weights_hash": model.weights_hash,
        },
        "settings": dict(sorted(capture.settings.items())),
        "versions": dict(sorted(capture.versions.items())),
        "objective": None if objective is None else _objective_fields(objective),
        "error": None if capture.error is None else capture.error.english(),
    }
    head = json.dumps(run, indent=1, allow_nan=False).removesuffix("\n}")
    lines = ",\n  ".join(json.dumps(fields, allow_nan=False) for fields in listed)
    return f'{head},\n "arrays": [\n  {lines}\n ]\n}}\n'


def _objective_fields(objective: Objective) -> Fields:
    loss = objective.loss
    # JSON has no NaN and no infinity.
    shown = str(loss) if loss is not None and not math.isfinite(loss) else loss
    return {
        "kind": objective.kind,
        "index": objective.index,
        "word": objective.word,
        "loss": shown,
    }
