"""Maps of causes against the cause of each zero by itself, and against torch."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.explain.backward.gradient import explain_gradient, parts_of
from lenet_viz.explain.backward.pull import Cause
from lenet_viz.explain.backward.verdict import verdict_of
from lenet_viz.explain.structural import structural_zeros
from lenet_viz.explain.terms import Explanation
from lenet_viz.explain.zeros import zero_causes
from lenet_viz.network import presets
from lenet_viz.network.build import build
from tests.explain.backward.checking import gradients, ran, sampled


def one_by_one(run: Capture, address: Address, index: tuple[int, ...]) -> Cause:
    asked = replace(address, index=index)
    answer = explain_gradient(run, asked)
    assert isinstance(answer, Explanation)
    shares, start = parts_of(run, asked)
    names = tuple(run.steps[share.number].name for share in shares)
    halt = verdict_of(shares, names, start, answer.total)
    assert answer.verdict == halt.sentence
    return halt.cause


def check_maps(run: Capture, most: int = 60, seed: int = 0) -> dict[Cause, int]:
    """Compare each map with the single verdicts; how often each cause was met."""
    met: dict[Cause, int] = {}
    for address, array in gradients(run):
        found = zero_causes(run, address)
        assert found is not None
        assert found.causes.shape == array.shape
        assert ((found.causes != 0) == (array == 0)).all()
        assert sum(found.counts.values()) == int((array == 0).sum())
        assert set(found.legend) == set(found.counts)
        places = np.argwhere(array == 0)
        for number in sampled((len(places),), most, seed) if len(places) else ():
            index = tuple(int(one) for one in places[number[0]])
            cause = one_by_one(run, address, index)
            assert found.causes[index] == cause, (str(address), index, cause)
            met[cause] = met.get(cause, 0) + 1
    return met


@pytest.fixture(scope="module")
def notebook() -> Capture:
    torch.manual_seed(0)
    spec = presets.get("notebook").spec
    digit = torch.zeros(1, 1, 32, 32)
    digit[0, 0, 8:24, 12:18] = torch.rand(16, 6)
    return ran(lambda m, x: m.net(x), digit.requires_grad_(), backward="output:3", net=build(spec))


def test_the_notebook_with_a_digit(notebook: Capture) -> None:
    met = check_maps(notebook)
    wanted = {Cause.INACTIVE, Cause.LOST, Cause.OUTSIDE, Cause.DOWNSTREAM, Cause.NO_DEPENDENCE}
    assert wanted <= set(met)


def test_the_pools_of_the_notebook_against_torch(notebook: Capture) -> None:
    names = [step.name for step in notebook.steps]
    before = notebook.steps[names.index("relu_2") if "relu_2" in names else 4]
    x = torch.from_numpy(before.activation.copy())
    pooled, where = F.max_pool2d(x, 2, return_indices=True)
    address = Address(Place.STEP, before.name, 0, Side.GRADIENT)
    found = zero_causes(notebook, address)
    assert found is not None
    won = torch.zeros(*x.shape[:2], 169, dtype=torch.bool)
    won.scatter_(2, where.reshape(1, 16, -1), True)
    largest = F.interpolate(pooled, scale_factor=2)
    inside = torch.zeros(x.shape, dtype=torch.bool)
    inside[..., :12, :12] = True
    tied = torch.zeros(x.shape, dtype=torch.bool)
    tied[..., :12, :12] = (x[..., :12, :12] == largest) & ~won.reshape(x.shape)[..., :12, :12]
    outside = int((~inside).sum())
    assert found.counts[Cause.OUTSIDE] == outside == 16 * 25
    assert found.counts.get(Cause.TIED, 0) == int(tied.sum())
    lost = inside & ~tied & ~won.reshape(x.shape)
    assert found.counts[Cause.LOST] == int(lost.sum())


def test_structural_zeros_are_never_live(notebook: Capture) -> None:
    mask = structural_zeros(presets.get("notebook").spec).mask
    found = zero_causes(notebook, Address(Place.INPUT, "0"))
    assert found is not None
    assert mask.sum() == 124
    assert (found.causes[0, 0][mask] == Cause.DOWNSTREAM).all()


def test_weights_of_a_black_image() -> None:
    x = torch.zeros(1, 1, 6, 6)
    x[..., 3:] = 1
    parts = {"conv": nn.Conv2d(1, 2, 3, padding=1), "fc": nn.Linear(72, 3)}
    run = ran(lambda m, x: m.fc(m.conv(x * 0).flatten(1)), x.requires_grad_(), **parts)
    met = check_maps(run)
    assert met[Cause.INPUT_ZERO] == 18


def _network(rng: random.Random) -> nn.Module:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            groups = rng.choice([1, 2])
            self.a = nn.Conv2d(2, 4, 3, rng.choice([1, 2]), rng.choice([0, 1]), groups=groups)
            self.up = nn.ConvTranspose2d(4, 4, 3, 2, 1, groups=groups)
            self.pool = rng.choice(
                [nn.MaxPool2d(2), nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2), nn.AvgPool2d(3, 2)]
            )
            self.bend = rng.choice([F.relu, F.relu6, F.hardtanh, torch.tanh])
            self.end = nn.Linear(4, 3)
            self.way = rng.randint(0, 5)
            with torch.no_grad():
                for parameter in self.parameters():
                    parameter[torch.rand_like(parameter) < 0.3] = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = self.bend(self.a(x))
            if self.way == 0:
                h = h * torch.relu(h - 0.2)
            elif self.way == 1:
                h = torch.cat([h[:, :2], h[:, :2].detach()], 1)
            elif self.way == 2:
                h = self.bend(self.up(h))
            elif self.way == 3:
                h = h + torch.relu(self.up(h))[..., : h.shape[2], : h.shape[3]]
            elif self.way == 4:
                h = F.pad(h, (1, 0, 0, 1)) - h.amax((2, 3), keepdim=True)
            h = self.pool(h)
            return self.end(torch.relu(h).mean((2, 3)))

    return Net()


@pytest.mark.parametrize("seed", range(60))
def test_random_networks(seed: int) -> None:
    rng = random.Random(seed)
    torch.manual_seed(seed)
    x = torch.randn(rng.randint(1, 2), 2, rng.randint(7, 9), 8).round()
    backward = rng.choice(["random", "output:1", "cross-entropy:2", "mse"])
    run = ran(lambda m, x: m.net(x), x.requires_grad_(), backward=backward, net=_network(rng))
    check_maps(run, 12, seed)


def test_embedding_and_one_axis() -> None:
    looked = torch.tensor([[1, 2, 1], [0, 4, 2]])
    emb = nn.Embedding(9, 3, padding_idx=2)
    met = check_maps(ran(lambda m, i: torch.relu(m.emb(i)), looked, emb=emb))
    assert met[Cause.OUTSIDE] == 18
    x = torch.randn(2, 3, 9).round().requires_grad_()
    check_maps(ran(lambda m, x: F.relu(F.max_pool1d(m.c(x), 2)), x, c=nn.Conv1d(3, 3, 2)))
    volume = torch.randn(1, 2, 5, 5, 4).round().requires_grad_()
    check_maps(ran(lambda m, x: F.max_pool3d(F.relu(m.c(x)), 2), volume, c=nn.Conv3d(2, 2, 2)))


def test_no_gradient_has_no_map() -> None:
    run = ran(lambda m, x: x * 2, torch.ones(2), backward=None)
    assert zero_causes(run, Address(Place.INPUT, "0")) is None
    assert zero_causes(run, Address(Place.STEP, "no such")) is None


def test_an_element_that_only_detached_steps_read() -> None:
    x = torch.randn(2, 4, requires_grad=True)
    run = ran(lambda m, x: torch.cat([x[:, :2] * 2, x[:, 2:].detach()], 1), x)
    found = zero_causes(run, Address(Place.INPUT, "0"))
    assert found is not None
    assert found.causes.tolist() == [[0, 0, Cause.NOT_REACHED, Cause.NOT_REACHED]] * 2
