"""Awkward models and random programs: the sum is right, or it says why it is not there."""

import pytest
import torch

from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.explain.terms import Unexplained
from lenet_viz.explain.why import explain
from lenet_viz.explain.zeros import zero_causes
from tests.capture.awkward_models import CASES
from tests.capture.awkward_steps import ran
from tests.capture.random_programs import Author
from tests.explain.backward.checking import at, gradients, sampled

UNWRITTEN = {
    "CheckpointFunction",
    "Scripted",
    "Squared",
    "alias",
    "gru",
    "lstm",
    "multi_head_attention_forward",
    "view_as",
    "view_as_complex",
    "weight_norm",
}
"""Ops whose derivatives are not written; every other one must add up."""


def honest(run: Capture) -> int:
    """Check sampled elements of every gradient; how many had terms that add up."""
    views = any(
        value.gradient_state is GradientState.ALIASED
        for step in run.steps
        for value in step.outputs
    )
    added = 0
    for address, array in gradients(run):
        causes = zero_causes(run, address)
        assert causes is None or ((causes.causes != 0) == (array == 0)).all()
        for index in sampled(array.shape, 5):
            answer = explain(run, at(address, index))
            if isinstance(answer, Unexplained):
                known = answer.op in UNWRITTEN or "complex" in str(answer.reason)
                outside = not answer.op and "No recorded step uses it" in str(answer.reason)
                assert known or outside or views, (str(answer.asked), str(answer.reason))
                continue
            notes = [str(note) for note in answer.notes if "incomplete" in str(note)]
            assert answer.adds_up or notes, (str(answer.asked), answer.total, answer.captured)
            why = ("view", "not written", "is opaque")
            assert answer.adds_up or any(word in notes[0] for word in why), notes
            added += answer.adds_up
    return added


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.parametrize("name", CASES)
def test_awkward_models(name: str) -> None:
    honest(ran(CASES[name]))


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_random_programs(seed: int) -> None:
    program = Author(seed).write()
    x = program.input().requires_grad_()
    torch.manual_seed(seed)
    honest(capture(program.model(), x, backward="random", seed=seed))
