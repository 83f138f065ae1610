"""Why a number of a run is what it is, whichever number it is."""

from dataclasses import replace

from lenet_viz.capture.address import Address, Side
from lenet_viz.capture.records import Capture
from lenet_viz.explain.terms import Answer, Explanation
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def explain(capture: Capture, address: Address) -> Answer:
    """Return the arithmetic of any number of a run, or why there is none.

    Args:
        capture: the run.
        address: the number, its index over all axes; ``side`` says whether the value itself or
            its gradient is asked about.
    """
    # Each side brings many rules: only those of the side that is asked are loaded.
    if address.side is Side.GRADIENT:
        from lenet_viz.explain.backward.gradient import explain_gradient
        from lenet_viz.explain.backward.traced import traced_zero

        answer = explain_gradient(capture, address)
        if not isinstance(answer, Explanation) or answer.verdict is None:
            return answer
        traced = traced_zero(capture, address)
        if traced is None:
            return answer
        template = QT_TRANSLATE_NOOP("Why", "{first} {second}")
        whole = message("Why", template, first=answer.verdict, second=traced)
        return replace(answer, verdict=whole)
    from lenet_viz.explain.forward.activation import explain_activation

    return explain_activation(capture, address)
