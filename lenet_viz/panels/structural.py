"""Which pixels of a run's input can never matter, as the input panel and the maps hatch them."""

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.explain.ledger.whole import dropped_edges
from lenet_viz.explain.operands import consumers
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


def dropped_mask(run: Run | None, address: Address) -> tuple[Mask, str] | None:
    """Return what of a tensor no window reads, bool of (H, W), and the step that leaves it out.

    None where every row and column is read, or where something else than windows takes it too.
    """
    if run is None or address.place not in (Place.STEP, Place.INPUT):
        return None
    capture = run.capture
    masks, names = [], []
    for number, _ in consumers(capture, address):
        found = dropped_edges(capture, capture.steps[number])
        if found is None or found[1].ndim != 2:
            return None
        masks.append(found[1])
        names.append(capture.steps[number].name)
    if not masks:
        return None
    mask = np.logical_and.reduce(masks)
    return (mask, ", ".join(dict.fromkeys(names))) if mask.any() else None
