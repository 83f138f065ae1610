"""Writes numbers on a thread of the pool and says in a sentence what became of it."""

from pathlib import Path
from threading import Event

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.export.arrays import write_npy
from lenet_viz.export.number_text import (
    SPREADSHEET_COLUMNS,
    SPREADSHEET_ROWS,
    check_clipboard,
    csv_size,
    tabbed_text,
    write_csv,
)
from lenet_viz.export.run_file import write_run
from lenet_viz.export.selected_arrays import SelectedArray
from lenet_viz.session.state import Notice
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

CSV = ".csv"


def array_saved(chosen: SelectedArray, path: Path, stop: Event) -> Notice:
    """Write an array as .csv or .npy, as its name ends, and return what is said of it.

    Args:
        chosen: the array.
        path: the file; one that is there is replaced once the new one is complete.
        stop: once set, writing is given up.
    """
    try:
        array = _read(chosen)
        if path.suffix.lower() == CSV:
            write_csv(array, chosen.axes, path, stop)
        else:
            write_npy(array, path, stop)
    except LenetVizError as error:
        return Notice(error.message, mistake=True)
    except MemoryError:
        return Notice(_no_memory(chosen.name), mistake=True)
    return Notice(_where(chosen, array, path))


def run_saved(capture: Capture, path: Path, stop: Event) -> Notice:
    """Write all arrays of a run as .npz and return what is said of it.

    Args:
        capture: the run.
        path: the file; one that is there is replaced once the new one is complete.
        stop: once set, writing is given up.
    """
    try:
        write_run(capture, path, stop)
    except LenetVizError as error:
        return Notice(error.message, mistake=True)
    except MemoryError:
        return Notice(_no_memory(capture.model.name), mistake=True)
    template = QT_TRANSLATE_NOOP("Data", "All arrays of the run are in {path}.")
    return Notice(message("Data", template, path=str(path)))


def array_text(chosen: SelectedArray) -> tuple[str, Notice]:
    """Return what the clipboard gets, "" for nothing, and what is said of it."""
    try:
        check_clipboard(chosen.copied_count, chosen.name)
        array = _read(chosen)[chosen.part]
    except LenetVizError as error:
        return "", Notice(error.message, mistake=True)
    except MemoryError:
        return "", Notice(_no_memory(chosen.name), mistake=True)
    text = tabbed_text(array, chosen.axes[len(chosen.part) :])
    if not array.size:
        template = QT_TRANSLATE_NOOP("Data", "There is nothing to copy: {name} is empty.")
        return "", Notice(message("Data", template, name=chosen.name), mistake=True)
    words = {"name": chosen.name, "size": size_words(array.shape)}
    if chosen.part:
        axes = zip(chosen.axes, chosen.part, strict=False)
        where = ", ".join(f"{axis} = {at}" for axis, at in axes)
        template = QT_TRANSLATE_NOOP(
            "Data", "On the clipboard: {name}, {where}: {size} numbers for a spreadsheet."
        )
        return text, Notice(message("Data", template, **words, where=where))
    template = QT_TRANSLATE_NOOP("Data", "On the clipboard: {name}: {size} numbers.")
    return text, Notice(message("Data", template, **words))


def refused(chosen: SelectedArray) -> Notice:
    """Return why an array without numbers is neither saved nor copied."""
    template = QT_TRANSLATE_NOOP("Data", "{name}: nothing to save or copy. {reason}")
    return Notice(message("Data", template, name=chosen.name, reason=chosen.why_not), mistake=True)


def size_words(shape: tuple[int, ...]) -> str:
    """Return a shape as a product: ``6 × 28 × 28``; ``1`` for a single number."""
    return " × ".join(map(str, shape)) or "1"


def _read(chosen: SelectedArray) -> Array:
    array = chosen.read()
    if array is None:
        raise UserMistake(refused(chosen).message)
    return array


def _where(chosen: SelectedArray, array: Array, path: Path) -> Message:
    words = {"name": chosen.name, "size": size_words(array.shape), "path": str(path)}
    stored = array.dtype.name
    if path.suffix.lower() == CSV and _beyond_spreadsheets(array.shape):
        rows, columns = csv_size(array.shape)
        template = QT_TRANSLATE_NOOP(
            "Data",
            "{path} holds {name}: {size} numbers. Its {rows} lines of {columns} columns are "
            "more than a spreadsheet takes ({most_rows}, {most_columns}); pandas reads them all.",
        )
        sizes = {
            "rows": f"{rows:,}",
            "columns": f"{columns:,}",
            "most_rows": f"{SPREADSHEET_ROWS:,}",
            "most_columns": f"{SPREADSHEET_COLUMNS:,}",
        }
        return message("Data", template, **words, **sizes)
    if chosen.dtype not in {"", stored}:
        template = QT_TRANSLATE_NOOP(
            "Data", "{path} holds {name}: {size} numbers, {dtype} stored as {stored}."
        )
        return message("Data", template, **words, dtype=chosen.dtype, stored=stored)
    template = QT_TRANSLATE_NOOP("Data", "{path} holds {name}: {size} numbers, {stored}.")
    return message("Data", template, **words, stored=stored)


def _beyond_spreadsheets(shape: tuple[int, ...]) -> bool:
    rows, columns = csv_size(shape)
    return rows > SPREADSHEET_ROWS or columns > SPREADSHEET_COLUMNS


def _no_memory(name: str) -> Message:
    template = QT_TRANSLATE_NOOP(
        "Data", "There is not enough memory to write {name}. Close other programs and try again."
    )
    return message("Data", template, name=name)
