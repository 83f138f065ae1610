"""Which pixels of a run's input can never matter, as the input panel and the maps hatch them."""

from lenet_viz.explain.structural import Mask, StructuralZeros, structural_zeros
from lenet_viz.session.provenance import spec_of
from lenet_viz.session.state import Run


def zeros_of(run: Run) -> StructuralZeros | None:
    """Return the structurally zero pixels of a run's network, in the mode it ran in.

    None where the network is known by its run alone: nothing can be said then.
    """
    spec = spec_of(run.capture)
    return None if spec is None else structural_zeros(spec, training=run.capture.model.training)


def structural_mask(run: Run | None) -> Mask | None:
    """Return where to hatch a run's input: bool, H × W; None where there is nothing to hatch.

    There is nothing without a run, where every pixel matters or nobody knows, or where the input
    has no pixels.
    """
    if run is None or not run.capture.input_values:
        return None
    zeros = zeros_of(run)
    shape = run.capture.input_values[0].shape
    fits = zeros is not None and len(shape) > 2 and shape[-2:] == zeros.mask.shape
    return zeros.mask if zeros is not None and zeros.count and fits else None
