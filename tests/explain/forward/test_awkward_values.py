"""Values of the awkward models: explained, or it is said why not; none is explained wrong."""

import random

import pytest

from lenet_viz.capture.address import Address, Place
from lenet_viz.explain.forward.activation import explain_activation
from lenet_viz.explain.terms import Explanation
from tests.capture.awkward_models import CASES
from tests.capture.awkward_steps import ran
from tests.explain.forward.reading import check

WITHOUT = {
    "lstm", "gru", "multi_head_attention_forward", "weight_norm", "view_as_complex", "fft_fft2",
    "zeros", "ones", "zeros_like",
}  # fmt: skip
"""Ops that have no arithmetic, or that make a tensor from nothing."""


# The compiler asks for the .grad of what it is given.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.parametrize("name", CASES)
def test_some_values_of_every_step(name: str) -> None:
    capture, dice = ran(CASES[name]), random.Random(name)
    for step in capture.steps:
        for output, value in enumerate(step.outputs):
            if 0 in value.shape:
                continue
            index = tuple(dice.randrange(size) for size in value.shape)
            answer = explain_activation(
                capture, Address(Place.STEP, step.name, output, index=index)
            )
            if isinstance(answer, Explanation):
                check(capture, answer)
                continue
            assert answer.reason.english()
            is_complex = "complex" in value.dtype or "complex" in str(answer.reason)
            assert step.op in WITHOUT or step.opaque or is_complex, (step.op, str(answer.reason))
