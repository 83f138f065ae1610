"""Whether the records in a capture file fit each other and the file's arrays."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lenet_viz.capture.autograd import check_nodes
from lenet_viz.capture.blobs import PREFIX, is_blob_key
from lenet_viz.capture.container import Entry
from lenet_viz.capture.damage import Unreadable

_STORED = {
    **{
        name: np.dtype(name)
        for name in (
            *("float64", "float32", "float16", "int64", "int32", "int16", "int8", "bool"),
            *("uint64", "uint32", "uint16", "uint8"),
        )
    },
    "bfloat16": np.dtype("uint16"),
    "complex32": np.dtype("float16"),
    "complex64": np.dtype("float32"),
    "complex128": np.dtype("float64"),
}
"""How the numbers of a logical type are stored; complex ones as pairs."""
_KINDS = {"random", "output", "cross-entropy", "mse", "vector", "callable"}
Fields = Mapping[str, Any]


def check(document: Fields, entries: Mapping[str, Entry]) -> None:
    """Refuse a document that names something it does not have.

    Args:
        document: the records.
        entries: the arrays that lie in the file.

    Raises:
        Unreadable: the records contradict each other or the arrays.
        LookupError: a field is missing.
        TypeError: a field is of the wrong kind.
    """
    _check_hashes(document["hashes"], entries)
    _require(type(document["working"]) is bool)
    _check_arrays(document, _Arrays(entries, document["working"]))
    _References(document).check()
    _check_objective(document["objective"])
    _check_places(document)
    _require(check_nodes(document.get("autograd") or (), len(document["steps"])))


def _check_places(document: Fields) -> None:
    """Check that steps and calls of modules lie in calls that come before them."""
    calls, sources = document.get("module_calls", []), document.get("sources", {})
    for number, (path, kind, call, count, parent) in enumerate(calls):
        _require(isinstance(path, str) and isinstance(kind, str))
        _require(_is_number(call) and _is_number(count))
        _require(parent is None or _is_number(parent, number))
    for step in document["steps"]:
        within = step.get("within")
        _require(within is None or _is_number(within, len(calls)))
    _require(all(isinstance(text, str) for pair in sources.items() for text in pair))


def _require(fits: bool) -> None:
    if not fits:
        raise Unreadable("damaged")


def _check_hashes(hashes: Fields, entries: Mapping[str, Entry]) -> None:
    _require(hashes.keys() == entries.keys())
    _require(all(isinstance(text, str) for text in hashes.values()))


class _Arrays:
    """The arrays that records may name."""

    def __init__(self, entries: Mapping[str, Entry], working: bool) -> None:
        self.entries = entries
        self._working = working

    def check(self, fields: Fields, names: Iterable[str]) -> None:
        """Check that the keys in ``fields`` name arrays of its shape and type."""
        for name in names:
            if fields[name] is not None:
                self.check_one(fields[name], fields["shape"], fields["dtype"])

    def check_one(self, key: str, shape: Sequence[int], dtype: str) -> None:
        """Check that ``key`` names an array of that shape and logical type."""
        if key.startswith(PREFIX):
            _require(self._working and is_blob_key(key))
            return
        entry = self.entries[key]
        pair = (2,) if dtype.startswith("complex") else ()
        _require(entry.shape == (*shape, *pair))
        _require(_STORED.get(dtype, entry.dtype) == entry.dtype)
        _require(not pair or dtype in _STORED)


def _check_arrays(document: Fields, arrays: _Arrays) -> None:
    for fields in document["inputs"]:
        arrays.check(fields, ("activation", "gradient", "grad"))
    for fields in document["constants"].values():
        arrays.check(fields, ("activation", "gradient"))
    for fields in document["parameters"]:
        _require(fields["value"] is not None)
        arrays.check(fields, ("value", "gradient", "grad_before", "grad"))
    for step in document["steps"]:
        for fields in step["outputs"]:
            arrays.check(fields, ("activation", "gradient"))
    _check_objective_arrays(document, arrays)


def _check_objective_arrays(document: Fields, arrays: _Arrays) -> None:
    """Check v and the target, which have the output's shape."""
    objective, output = document["objective"], document["output"]
    if objective is None:
        return
    named = [objective[name] for name in ("upstream", "target") if objective[name] is not None]
    if not named:
        return
    flat = objective["target"]
    shape = None
    if output is not None:
        step, number = output["step"]
        shape = document["steps"][step]["outputs"][number]["shape"]
    for key in named:
        if shape is None:
            _require(key in arrays.entries)
        elif key == flat and arrays.entries[key].shape == tuple(shape[-1:]):
            continue  # broadcast over the other axes
        else:
            arrays.check_one(key, shape, objective["dtype"])


def _check_objective(objective: Fields | None) -> None:
    if objective is not None:
        _require(objective["kind"] in _KINDS)
        _require(objective["index"] is None or _is_number(objective["index"]))


def _is_number(value: object, below: int | None = None) -> bool:
    """Return whether ``value`` is a whole number from 0, and below a limit."""
    return type(value) is int and value >= 0 and (below is None or value < below)


class _References:
    """Checks that every reference leads to something that comes before it."""

    def __init__(self, document: Fields) -> None:
        self._document = document
        self._inputs = len(document["inputs"])
        self._parameters = _names(document["parameters"])
        self._outputs = [len(step["outputs"]) for step in document["steps"]]
        _names(document["steps"])

    def check(self) -> None:
        """Check every step's parents and arguments, and the output."""
        for number, step in enumerate(self._document["steps"]):
            _require(all(_is_number(parent, number) for parent in step["parents"]))
            for _, value in step["arguments"]:
                self._check_value(value, number)
        output = self._document["output"]
        if output is not None:
            _require(output.keys() == {"step"})
            self._check_value(output, len(self._outputs))

    def _check_value(self, value: Any, step: int) -> None:
        """Check an argument of the step number ``step``."""
        if isinstance(value, list):
            for item in value:
                self._check_value(item, step)
            return
        ((kind, content),) = value.items()
        if kind == "step":
            before, output = content
            _require(_is_number(before, step) and _is_number(output, self._outputs[before]))
        elif kind == "input":
            _require(_is_number(content, self._inputs))
        elif kind == "parameter":
            _require(content in self._parameters)
        elif kind == "constant":
            _require(content in self._document["constants"])
        else:
            _require(kind == "literal")


def _names(records: Iterable[Fields]) -> set[str]:
    """Return the records' names, each of which must be there once."""
    names = [record["name"] for record in records]
    _require(all(isinstance(name, str) for name in names))
    _require(len(set(names)) == len(names))
    return set(names)
