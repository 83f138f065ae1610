"""The capture file: arrays in safetensors, records as JSON in its metadata."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lenet_viz.capture.arrays import Array, ArraySource
from lenet_viz.capture.atomic import write_atomically
from lenet_viz.capture.blobs import BlobSource, blob_key, is_blob_key, read_blob, write_blob
from lenet_viz.capture.container import (
    Entry,
    MappedArrays,
    array_hash,
    parse_json,
    planned,
    table_text,
    write_arrays,
)
from lenet_viz.capture.damage import TENSOR_LIMIT, Unreadable, read_failure
from lenet_viz.capture.document import from_document, to_document
from lenet_viz.capture.records import Capture
from lenet_viz.capture.soundness import check
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

__all__ = ["load", "read_blob", "write", "write_blob", "write_working"]

SCHEMA = 1
"""Version of the document; a file with a higher one is refused."""
_FORMAT = "lenet_viz capture"


def write(capture: Capture, path: Path) -> Path:
    """Write ``capture`` to ``path`` with all its arrays inside and return that path.

    Equal captures give equal bytes. The file appears whole or not at all.

    Raises:
        UserMistake: the folder is missing or cannot be written, the path is a folder, the disk
            is full, or the capture has too many tensors.
    """
    return _write(capture, Path(path), _Collector({}), durable=True)


def write_working(
    capture: Capture,
    path: Path,
    weights_blob: str,
    grads_blob: str | None,
    before_blob: str | None = None,
) -> Path:
    """Write ``capture`` for the running program, its weights and ``.grad`` left in blobs.

    The file refers to the blobs, which lie in the same folder. It is not flushed to the disk,
    because it can be made again.

    Args:
        capture: what to write.
        path: the file to make.
        weights_blob: the blob with the parameters' values under their own names.
        grads_blob: the blob with every ``.grad`` after the run, under ``parameter:<name>`` and
            ``input:<number>``; None where all are None.
        before_blob: the same for before the run; None to write these arrays into the file.

    Raises:
        UserMistake: as for `write`.
    """
    outside: dict[str, str] = {}
    for parameter in capture.parameters:
        prefix = f"parameter:{parameter.name}"
        outside[f"{prefix}:value"] = blob_key(weights_blob, parameter.name)
        if grads_blob is not None:
            outside[f"{prefix}:grad"] = blob_key(grads_blob, prefix)
            if parameter.gradient_key == parameter.grad_key:
                outside[f"{prefix}:gradient"] = blob_key(grads_blob, prefix)
        if before_blob is not None:
            outside[f"{prefix}:grad_before"] = blob_key(before_blob, prefix)
    if grads_blob is not None:
        for number, value in enumerate(capture.input_values):
            outside[f"input:{number}:grad"] = blob_key(grads_blob, f"input:{number}")
            if value.gradient_key == capture.input_grad_keys[number]:
                outside[f"input:{number}:gradient"] = blob_key(grads_blob, f"input:{number}")
    return _write(capture, Path(path), _Collector(outside), durable=False)


def load(path: str | Path) -> Capture:
    """Return the capture that lies in ``path``; its arrays are checked when they are read.

    The file's records are checked as a whole now. An array whose bytes are not those that were
    saved raises `UserMistake` when it is first read. While a capture of 32 MiB or more is in
    use, no other program may cut its file off; see `lenet_viz.capture.container.MappedArrays`.

    Args:
        path: a file that `write` or ``Capture.save`` has made.

    Raises:
        UserMistake: the file is missing, is a folder, is no capture, is damaged or cut off, was
            saved by a newer version, or is beyond the limits (20,000 tensors, 64 MiB of JSON).
    """
    path = Path(path)
    arrays = MappedArrays(path)
    try:
        document = _checked_document(arrays.metadata, arrays.entries)
        check(document, arrays.entries)
        arrays.hashes = document["hashes"]
        source = BlobSource(arrays, _in_blobs(document)) if document["working"] else arrays
        return from_document(document, source, path)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UserMistake(read_failure(path, Unreadable("damaged"))) from error
    except Unreadable as error:
        raise UserMistake(read_failure(path, error)) from error


def _in_blobs(document: Mapping[str, Any]) -> list[str]:
    """Return the keys of the arrays in blobs: of parameters and of inputs' ``.grad``."""
    records = (*document["inputs"], *document["parameters"])
    named = (content for fields in records for content in fields.values())
    return [key for key in named if isinstance(key, str) and is_blob_key(key)]


class _Collector:
    """Gathers the arrays that a capture's records name, each once."""

    def __init__(self, outside: Mapping[str, str]) -> None:
        """Write the keys in ``outside`` as the references they map to, without their arrays."""
        self.arrays: dict[str, Array] = {}
        self.outside = outside
        self._keys: dict[tuple[int, str], str] = {}

    def key_for(self, source: ArraySource, key: str | None, wanted: str) -> str | None:
        """Return the key under which the array ``key`` of ``source`` is written."""
        if key is None:
            return None
        known = self._keys.get((id(source), key))
        if known is None:
            known = self.outside.get(wanted)
            if known is None:
                known = wanted
                self.arrays[wanted] = _storable(source.read(key))
            self._keys[id(source), key] = known
        return known


def _storable(array: Array) -> Array:
    """Return ``array`` without complex numbers, which the format does not know."""
    if not np.iscomplexobj(array):
        return array
    real = np.float32 if array.dtype == np.complex64 else np.float64
    return np.ascontiguousarray(array)[..., None].view(real)


def _write(capture: Capture, path: Path, collector: _Collector, durable: bool) -> Path:
    document = to_document(capture, collector.key_for)
    arrays = collector.arrays
    document["working"] = bool(collector.outside)
    document["hashes"] = {key: array_hash(arrays[key]) for key in sorted(arrays)}
    if len(arrays) > TENSOR_LIMIT:
        template = QT_TRANSLATE_NOOP(
            "capture",
            "This capture has {count} tensors; a file holds at most {limit}. "
            "Capture a smaller part of the model.",
        )
        raise UserMistake(message("capture", template, count=len(arrays), limit=TENSOR_LIMIT))
    records = json.dumps(document, separators=(",", ":"), allow_nan=False)
    metadata = {
        "format": _FORMAT,
        "schema": str(SCHEMA),
        "records": records,
        "sha256": _digest(records, SCHEMA, planned(arrays)),
    }
    write_atomically(
        path, lambda stream: stream.writelines(write_arrays(arrays, metadata)), durable=durable
    )
    return path


def _digest(records: str, schema: int, entries: Mapping[str, Entry]) -> str:
    """Return the SHA-256 over everything in the file's header that has a meaning."""
    text = f"{schema}\n{records}\n{table_text(entries)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _checked_document(metadata: Mapping[str, str], entries: Mapping[str, Entry]) -> dict[str, Any]:
    """Return the document after checking its format, version and hash."""
    if metadata.get("format") != _FORMAT:
        raise Unreadable("no-capture")
    schema = int(metadata["schema"])
    if schema > SCHEMA:
        raise Unreadable("newer")
    records = metadata["records"]
    if _digest(records, schema, entries) != metadata["sha256"]:
        raise Unreadable("damaged")
    document = parse_json(records.encode("utf-8", "surrogatepass"))
    if not isinstance(document, dict):
        raise Unreadable("damaged")
    return document


def check_numbers(capture: Capture) -> None:
    """Read every array of a capture once, so that damage is known before anything is drawn.

    Raises:
        UserMistake: some of the file's numbers are not those that were saved.
    """
    values = [*capture.input_values, *(value for step in capture.steps for value in step.outputs)]
    sources: dict[int, ArraySource] = {id(one.source): one.source for one in values}
    sources |= {id(one.source): one.source for one in capture.parameters}
    for source in sources.values():
        if isinstance(source, MappedArrays):
            source.all()
