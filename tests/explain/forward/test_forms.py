"""The same ops as users write them: methods, operators, in place, by position, drawn at random."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.explain.forward.activation import explain_activation
from lenet_viz.explain.terms import Explanation, Unexplained
from tests.explain.forward.reading import close, explained, value_of
from tests.panels.runs import Lambda, odd_captures

Form = Callable[[Tensor], Tensor]


def _written(x: Tensor) -> Tensor:
    h = x * 2
    h[:, 0] = 0
    h[0, 1:] = x[0, :-1]
    h[..., 2] = x[..., :1].squeeze(-1)
    h[h > 1] = 5.0
    return h


def _in_place(x: Tensor) -> Tensor:
    h = x + 1
    h += x
    h.mul_(2).sub_(x, alpha=3).clamp_(-2, 2)
    F.relu_(h)
    return h.div_(3).neg_().exp_().add_(1).sqrt_()


def _copied(x: Tensor) -> Tensor:
    h = torch.zeros(2, 3, 4)
    h.copy_(x[0])
    h.add_(1)
    h.fill_(2.5)
    h.zero_()
    return h + x


FORMS: dict[str, Form] = {
    "x.max(1)": lambda x: x.max(1)[0],
    "x.max()": lambda x: x.max(),
    "x.min(dim)": lambda x: x.min(dim=-1, keepdim=True)[0],
    "torch.max(a, b)": lambda x: torch.max(x, x.flip(0)),
    "x.argmax(1)": lambda x: x.argmax(1),
    "x.argmin()": lambda x: x.argmin(),
    "x.var(1)": lambda x: x.var(1),
    "x.std()": lambda x: x.std(),
    "x.std(unbiased)": lambda x: x.std((0, 2), unbiased=False),
    "x.var(1, False)": lambda x: x.var(1, False),
    "x.norm()": lambda x: x.norm(),
    "x.norm(1, dim)": lambda x: x.norm(1, dim=1),
    "vector_norm": lambda x: torch.linalg.vector_norm(x, dim=1),
    "largest norm": lambda x: torch.linalg.vector_norm(x, ord=float("inf"), dim=1),
    "x.sum(1, True)": lambda x: x.sum(1, True),
    "x.mean((0, -1))": lambda x: x.mean((0, -1)),
    "x.sum(float64)": lambda x: x.sum(dtype=torch.float64),
    "softmin": lambda x: F.softmin(x, dim=1),
    "softmax of float64": lambda x: F.softmax(x, dim=-1, dtype=torch.float64),
    "x.softmax(-1)": lambda x: x.softmax(-1),
    "rms_norm": lambda x: F.rms_norm(x, (4,)),
    "normalize": lambda x: F.normalize(x, dim=1),
    "hardshrink": F.hardshrink,
    "softshrink": F.softshrink,
    "glu": lambda x: F.glu(x, dim=-1),
    "prelu": lambda x: F.prelu(x, x.new_full((3,), 0.25)),
    "einsum": lambda x: torch.einsum("bij,bkj->bik", x, x),
    "einsum without arrow": lambda x: torch.einsum("bij,bkj", x, x),
    "einsum of a trace": lambda x: torch.einsum("bii->b", x[:, :3, :3]),
    "x.bool()": lambda x: x.round().bool(),
    "x.int()": lambda x: (x * 3).int(),
    "comparison": lambda x: (x > 0.1).float(),
    "where with a number": lambda x: torch.where(x > 0, x, 0.5),
    "clamp_min": lambda x: x.clamp_min(0.1),
    "x @ y": lambda x: x @ x.mT,
    "bilinear shape": lambda x: x.flatten(1) @ x.flatten(1).T,
    "x ** 2 / 3 - 1": lambda x: x**2 / 3 - 1,
    "2 ** x": lambda x: 2**x,
    "1 - x": lambda x: 1 - x,
    "x // 2 and x % 2": lambda x: x // 2 + x % 2,
    "max_pool with places": lambda x: F.max_pool1d(x, 2, return_indices=True)[1],
    "written into": _written,
    "in place": _in_place,
    "copied in": _copied,
    "view then write": lambda x: (x * 1).view(-1).mul_(2),
    "dropout in train mode": lambda x: F.dropout(x, 0.4, True),
    "dropout2d": lambda x: F.dropout2d(x[None], 0.4, True),
    "everything dropped": lambda x: F.dropout(x, 1.0, True),
    "dropout in eval mode": lambda x: F.dropout(x, 0.4, False),
    "integers": lambda x: (x * 4).long() * 3 + 1,
    "cumsum": lambda x: x.cumsum(1),
    "logsumexp": lambda x: x.logsumexp((0, 2)),
    "prod": lambda x: x.prod(),
}
MAKES = ("zeros", "full", "new_full", "tensor", "ones")


@pytest.mark.parametrize("name", FORMS)
def test_every_value_of_every_step(name: str) -> None:
    x = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(3))
    capture = lenet_viz.capture(Lambda(lambda _, x: FORMS[name](x)), x, seed=1)
    assert len(capture.steps)
    for number, step in enumerate(capture.steps):
        for output, value in enumerate(step.outputs):
            if step.op in MAKES:
                continue
            for index in np.ndindex(*value.shape):
                explained(capture, value_of(capture, number, index, output))
    if capture.output is not None and "drop" not in name:
        last, output = capture.output.step, capture.output.output
        wanted = FORMS[name](x.double()).numpy()
        for index in np.ndindex(*wanted.shape):
            found = explained(capture, value_of(capture, last, index, output)).total
            # Steps before the last were rounded to float32.
            assert close(found, float(wanted[index]), 1e5 * max(1.0, abs(found)))


def asked(capture: Capture, step: str, *index: int) -> Explanation:
    return explained(capture, Address(Place.STEP, step, index=index))


def test_a_relu_says_that_it_is_inactive() -> None:
    capture = lenet_viz.capture(nn.ReLU(), torch.tensor([-0.31, 0.0, 2.0]))
    shut = asked(capture, "relu", 0)
    assert str(shut.headline) == "max(0, -0.31) = 0"
    assert str(shut.verdict) == "Inactive: its input -0.31 is negative."
    assert (shut.working[0].left, shut.working[0].right) == ("max(0, x)", "max(0, -0.31)")
    assert str(asked(capture, "relu", 1).verdict) == "Zero because its input is zero."
    assert asked(capture, "relu", 2).verdict is None


def test_a_tie_is_told() -> None:
    x = torch.tensor([[[1.0, 3.0], [3.0, 3.0]]])
    answer = asked(lenet_viz.capture(nn.MaxPool2d(2), x), "max_pool2d", 0, 0, 0)
    assert answer.blocks[0].chosen == (0, 1)
    notes = [str(note) for note in answer.notes]
    assert notes == ["Tied: 3 of 4 values are the largest; the first takes all the gradient."]


def test_an_element_of_a_flatten_is_a_channel_a_row_and_a_column() -> None:
    x = torch.randn(2, 16, 6, 6)
    answer = asked(lenet_viz.capture(nn.Flatten(), x), "flatten", 1, 130)
    assert str(answer.headline).startswith("element 130 is channel 3, row 3, column 4 of 0 = ")
    assert [line.right for line in answer.working] == ["3·36 + 3·6 + 4"]
    assert answer.working[0].value == 130
    source = answer.blocks[0].factors[0].at(())
    assert source == Address(Place.INPUT, "0", index=(1, 3, 3, 4))


def test_batch_norm_names_whose_statistics_it_took() -> None:
    model, x = nn.BatchNorm1d(3), torch.randn(4, 3) + 2
    train = asked(lenet_viz.capture(model.train(), x), "batch_norm", 1, 2)
    assert [line.left for line in train.working] == ["mean", "var", "x̂", "y"]
    assert train.working[0].value == pytest.approx(float(x[:, 2].double().mean()), rel=1e-9)
    biased = float(x[:, 2].double().var(unbiased=False))
    assert train.working[1].value == pytest.approx(biased, rel=1e-9)
    assert "Training mode" in str(train.notes[0])
    kept = asked(lenet_viz.capture(model.eval(), x), "batch_norm", 1, 2)
    assert kept.working[0].value == float(model.running_mean[2])
    assert "Evaluation mode" in str(kept.notes[0])
    assert any("running_mean" in str(b.factors[0].address) for b in kept.blocks)


def test_zeros_of_sums_have_a_reason() -> None:
    model = nn.Linear(2, 1, bias=False)
    nn.init.ones_(model.weight)
    zero = asked(lenet_viz.capture(model, torch.zeros(1, 2)), "linear", 0, 0)
    assert str(zero.verdict) == "Zero because each of the 2 terms is zero."
    cancel = asked(lenet_viz.capture(model, torch.tensor([[1.0, -1.0]])), "linear", 0, 0)
    assert str(cancel.verdict) == "Zero because the 2 terms cancel."


def test_coarse_types_are_named() -> None:
    x = torch.randn(1, 4)

    def autocast(module: Any, x: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return module.fc(x)

    capture = lenet_viz.capture(Lambda(autocast, fc=nn.Linear(4, 2)), x)
    answer = asked(capture, capture.steps[-1].name, 0, 1)
    assert answer.dtype == "bfloat16"
    assert "bfloat16" in str(answer.notes[-1])


@pytest.mark.parametrize("name", odd_captures())
def test_no_value_of_an_odd_run_raises(name: str) -> None:
    capture = odd_captures()[name]()
    for step in capture.steps:
        for output, value in enumerate(step.outputs):
            for index in list(np.ndindex(*value.shape))[:: max(1, int(np.prod(value.shape)) // 20)]:
                answer = explain_activation(
                    capture, Address(Place.STEP, step.name, output, index=index)
                )
                if isinstance(answer, Unexplained):
                    assert step.op in ("lstm", "fft_fft2", "zeros", "zeros_like")
                    assert answer.reason.english()
                else:
                    assert answer.adds_up, (step.name, index)


def test_complex_numbers_are_refused_not_halved() -> None:
    capture = lenet_viz.capture(Lambda(lambda _, x: torch.fft.fft(x).sum().abs()), torch.randn(4))
    for step in capture.steps:
        index = (0,) * len(step.shape)
        answer = explain_activation(capture, Address(Place.STEP, step.name, index=index))
        assert isinstance(answer, Unexplained)
        assert answer.captured is None or step.op == "abs"
