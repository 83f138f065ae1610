"""The text of the Python files whose lines ran, as it was when they ran."""

import linecache
from collections.abc import Iterable

FILES_LIMIT = 40
"""The texts of so many files are kept; a model seldom has more than one."""
TEXT_LIMIT = 2**19
"""A file with more characters is not kept."""


def source_texts(files: Iterable[str]) -> dict[str, str]:
    """Return the whole text of each file that can be read, by its name as lines have it.

    Source: Python's own cache of lines, from which the lines' texts were taken, too.

    Args:
        files: paths, or names such as ``<ipython-input-3>`` that Python's cache knows.
    """
    found: dict[str, str] = {}
    for file in dict.fromkeys(files):
        if len(found) >= FILES_LIMIT:
            break
        text = "".join(linecache.getlines(file))
        if text and len(text) <= TEXT_LIMIT:
            found[file] = text
    return found
