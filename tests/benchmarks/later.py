"""Rows of the plan whose subject is not built yet."""

from tests.benchmarks.measure import Row


def training() -> Row:
    """Training while the window shows one sample."""
    return Row(
        "training with the live view / the same loop alone, updates per second",
        "≥ 0.85",
        "not built yet",
    )


def large_matrix() -> Row:
    """The largest weight matrix of a VGG."""
    return Row(
        "a 4096×25088 weight matrix shown / zoomed", "≤ 300 ms / ≤ 16 ms a frame", "not built yet"
    )


MEASURES = (training, large_matrix)
