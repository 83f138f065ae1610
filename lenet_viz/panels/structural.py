"""Which pixels of a run's input can never matter, as the input panel and the maps hatch them."""

from lenet_viz.explain.structural import Mask, StructuralZeros, zeros_of_run
from lenet_viz.session.state import Run


def zeros_of(run: Run, number: int = 0) -> StructuralZeros | None:
    """Return the structurally zero pixels of one of a run's inputs, from the steps that ran.

    None where nothing can be said: it is no picture, or forward ended early.
    """
    return zeros_of_run(run.capture, number)


def structural_mask(run: Run | None, number: int = 0) -> Mask | None:
    """Return where to hatch a run's input: bool, H × W; None where there is nothing to hatch.

    There is nothing without a run, where every pixel matters or nobody knows, or where the input
    has no pixels.
    """
    zeros = None if run is None else zeros_of(run, number)
    return zeros.mask if zeros is not None and zeros.count else None
