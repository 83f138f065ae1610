"""Normalisation, dropout, embeddings and losses inside a model against torch's backward."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lenet_viz.explain.backward.gradient import explain_gradient
from lenet_viz.explain.terms import Explanation
from tests.explain.backward.checking import at, check, gradients, ran

NORMS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "batch 1d": (lambda: nn.BatchNorm1d(4), (5, 4)),
    "batch 1d long": (lambda: nn.BatchNorm1d(4), (2, 4, 3)),
    "batch 2d": (lambda: nn.BatchNorm2d(3), (2, 3, 3, 2)),
    "batch 3d": (lambda: nn.BatchNorm3d(2), (2, 2, 2, 2, 2)),
    "batch plain": (lambda: nn.BatchNorm2d(3, affine=False), (2, 3, 3, 2)),
    "batch without running": (lambda: nn.BatchNorm2d(3, track_running_stats=False), (2, 3, 3, 2)),
    "layer": (lambda: nn.LayerNorm(4), (3, 4)),
    "layer of two": (lambda: nn.LayerNorm((3, 4)), (2, 2, 3, 4)),
    "layer plain": (lambda: nn.LayerNorm(4, elementwise_affine=False), (3, 4)),
    "layer without bias": (lambda: nn.LayerNorm(4, bias=False), (3, 4)),
    "rms": (lambda: nn.RMSNorm(4), (3, 4)),
    "group": (lambda: nn.GroupNorm(2, 4), (2, 4, 3)),
    "group 2d": (lambda: nn.GroupNorm(3, 6), (2, 6, 2, 2)),
    "instance": (lambda: nn.InstanceNorm2d(3, affine=True), (2, 3, 3, 2)),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NORMS)
def test_normalisation(name: str, training: bool) -> None:
    make, shape = NORMS[name]
    torch.manual_seed(4)
    norm = make()
    for parameter in norm.parameters():
        nn.init.normal_(parameter)
    for buffer in norm.buffers():
        if buffer.dtype.is_floating_point:
            buffer.uniform_(0.5, 2)
    norm.train(training)
    for shift in (0, 30):
        x = (torch.randn(shape) + shift).requires_grad_()
        run = ran(lambda m, x: m.norm.eval()(x) if not training else m.norm(x), x, norm=norm)
        assert check(run, 16) >= 12


@pytest.mark.parametrize("kind", [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d])
def test_dropout(kind: type[nn.Module]) -> None:
    axes = {nn.Dropout1d: 1, nn.Dropout2d: 2, nn.Dropout3d: 3}.get(kind, 1)
    x = torch.randn(2, 4, *[2] * axes, requires_grad=True)
    for p in (0.5, 0.2, 0.0, 1.0):
        check(ran(lambda m, x: m.drop(x), x, drop=kind(p)), 20)
    check(ran(lambda m, x: m.drop.eval()(x), x, drop=kind(0.5)), 20)


def test_dropout_of_a_zero_cannot_be_read() -> None:
    x = torch.tensor([[0.0, 1.0, -2.0, 0.0]], requires_grad=True)
    run = ran(lambda m, x: F.dropout(x, 0.5) + x, x)
    address = next(gradients(run))[0]
    answer = explain_gradient(run, at(address, (0, 0)))
    assert isinstance(answer, Explanation)
    assert "cannot be read" in answer.notes[0].english()


def test_dropout_of_a_zero_is_read_from_what_came_back() -> None:
    x = torch.randn(4, 8, requires_grad=True)
    run = ran(lambda m, x: F.dropout(torch.relu(x), 0.5), x)
    assert check(run, 32) == 96
    assert check(ran(lambda m, x: F.dropout(torch.relu(x), 0.5)[:, :4], x), 32)


def test_embedding() -> None:
    looked = torch.tensor([[1, 2, 1], [0, 4, 2]])
    for settings in ({}, {"padding_idx": 2}, {"padding_idx": -1}, {"scale_grad_by_freq": True}):
        module = nn.Embedding(5, 3, **settings)
        assert check(ran(lambda m, i: m.emb(i), looked, emb=module), 18) == 15 + 18
    x = torch.randn(3, 4, requires_grad=True)
    places = torch.tensor([[0, 0, 3], [1, 2, 0]])
    check(ran(lambda m, x, i: x.gather(1, i), x, places), 12)
    check(ran(lambda m, x, i: x.gather(0, i.clamp(max=2)), x, places), 12)
    check(ran(lambda m, x, i: x.index_select(1, i[0]), x, places), 12)


CLASSES = torch.tensor([1, 2, 1])
WEIGHTS = torch.tensor([0.5, 2.0, 1.0, 3.0])
LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], Any]] = {
    "cross-entropy": lambda x, t: F.cross_entropy(x, CLASSES),
    "sum": lambda x, t: F.cross_entropy(x, CLASSES, reduction="sum"),
    "none": lambda x, t: F.cross_entropy(x, CLASSES, reduction="none"),
    "weighted": lambda x, t: F.cross_entropy(x, CLASSES, WEIGHTS),
    "ignored": lambda x, t: F.cross_entropy(x, CLASSES, ignore_index=2),
    "smoothed": lambda x, t: F.cross_entropy(x, CLASSES, label_smoothing=0.1),
    "one row": lambda x, t: F.cross_entropy(x[0], CLASSES[0]),
    "nll": lambda x, t: F.nll_loss(x.log_softmax(1), CLASSES),
    "nll weighted": lambda x, t: F.nll_loss(x, CLASSES, WEIGHTS),
    "mse": lambda x, t: F.mse_loss(x, t),
    "mse sum": lambda x, t: F.mse_loss(x, t, reduction="sum"),
    "mse none": lambda x, t: F.mse_loss(x, t, reduction="none"),
    "l1": lambda x, t: F.l1_loss(x, t),
    "smooth": lambda x, t: F.smooth_l1_loss(x, t, beta=0.5),
    "huber": lambda x, t: F.huber_loss(x, t, delta=0.5),
    "bce": lambda x, t: F.binary_cross_entropy_with_logits(x, t.detach()),
    "bce of shares": lambda x, t: F.binary_cross_entropy(x.sigmoid(), t.detach().sigmoid()),
    "kl": lambda x, t: F.kl_div(x.log_softmax(1), t.detach().softmax(1), reduction="batchmean"),
    "kl log": lambda x, t: F.kl_div(x, t.detach(), reduction="sum", log_target=True),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    torch.manual_seed(5)
    x, t = torch.randn(3, 4, requires_grad=True), torch.randn(3, 4, requires_grad=True)
    assert check(ran(lambda m, x, t: LOSSES[name](x, t), x, t), 12) >= 12
