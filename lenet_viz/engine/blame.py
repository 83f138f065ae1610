"""Whose fault it is that a run could not be finished: the user's, or the machine's."""

from collections.abc import Iterator
from contextlib import contextmanager

from lenet_viz.errors import RunBroke, UserMistake


def out_of_memory(error: BaseException | None) -> bool:
    """Return whether ``error`` says that there is not enough memory."""
    return isinstance(error, MemoryError) or "can't allocate memory" in str(error)


@contextmanager
def own_files() -> Iterator[None]:
    """Read and write files that the program has chosen itself.

    Raises:
        RunBroke: one of them is missing, damaged or cannot be written.
    """
    try:
        yield
    except UserMistake as error:
        raise RunBroke(error.message) from error
