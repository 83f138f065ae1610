"""The part of a Python text that belongs together around one line: for a page."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from typing import Final

SHORT_CLASS: Final = 60
"""A class of no more lines is shown whole."""
AROUND: Final = 12
"""Lines before and after, where no function can be told."""

_Defined = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def excerpt(rows: Sequence[str], row: int) -> range:
    """Return the rows of the method or function around a row, or of its class if that is short.

    Args:
        rows: the whole text's lines.
        row: the row in the middle, from 0.

    Returns:
        The rows around it that no function holds or that Python cannot read, if need be.
    """
    around = [node for node in _defined(rows) if row in _rows_of(node)]
    classes = [node for node in around if isinstance(node, ast.ClassDef)]
    for node in classes:
        if len(_rows_of(node)) <= SHORT_CLASS:
            return _rows_of(node)
    inside = classes[-1].lineno if classes else 0
    functions = [
        node for node in around if not isinstance(node, ast.ClassDef) and node.lineno > inside
    ]
    if functions:
        return _rows_of(functions[0])
    return range(max(0, row - AROUND), min(len(rows), row + AROUND + 1))


def narrowed(rows: range, row: int) -> range:
    """Return half as many rows around a row; the same where fewer would say nothing."""
    size = len(rows) // 2
    if size < AROUND // 2:
        return rows
    start = min(max(rows.start, row - size // 2), rows.stop - size)
    return range(start, start + size)


def _defined(rows: Sequence[str]) -> Iterator[_Defined]:
    """Return classes and functions, outer before inner; none where Python cannot read the text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the text's own oddities are not ours to report
            tree = ast.parse("\n".join(rows))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return iter(())
    return (node for node in ast.walk(tree) if isinstance(node, _Defined))


def _rows_of(node: _Defined) -> range:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return range(first - 1, node.end_lineno or node.lineno)
