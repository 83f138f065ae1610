"""Inputs that are found by trying, for models of every kind."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from lenet_viz.engine.propose import propose
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_question import ModelQuestion
from tests.engine import model_zoo as zoo

FOUND: dict[str, tuple[Callable[[], nn.Module], list[str]]] = {
    "LeNet": (zoo.LeNet, ["1,1,32,32"]),
    "3x3": (lambda: zoo.LeNet(3, 576), ["1,1,32,32"]),
    "28 only": (zoo.Mnist, ["1,1,28,28"]),
    "notebook": (zoo.Notebook, ["1,1,32,32"]),
    "residual": (zoo.ResNet, ["1,3,64,64"]),
    "U-Net": (zoo.UNet, ["1,3,32,32"]),
    "LSTM": (zoo.Lstm, ["1,16:int64:0..1000"]),
    "GRU, batch first": (lambda: zoo.Gru(True), ["1,16,7"]),
    "GRU, length first": (lambda: zoo.Gru(False), ["16,1,7"]),
    "ViT": (zoo.Vit, ["1,3,32,32"]),
    "ViT of 48": (lambda: zoo.Vit(48), ["1,3,48,48"]),
    "ViT of 60": (lambda: zoo.Vit(60), ["1,3,60,60"]),
    "MLP of pictures": (zoo.Mlp, ["1,1,28,28"]),
    "MLP of a table": (zoo.Table, ["2,13"]),
    "two inputs": (zoo.TwoInputs, ["1,3,32,32", "1,5"]),
    "BERT": (zoo.Bert, ["1,16:int64:0..500", "mask=1,16:bool"]),
    "fixed length": (zoo.FixedLength, ["1,37:int64:0..50"]),
    "channels last": (zoo.ChannelsLast, ["1,32,32,5"]),
    "a signal": (zoo.Unsqueezed, ["1,32"]),
    "says 224": (zoo.Checked, ["1,3,224,224"]),
    "two alike": (zoo.Siamese, ["1,3,16,16", "1,3,16,16"]),
    "no input": (zoo.NoInput, []),
    "autoencoder": (zoo.autoencoder, ["1,1,28,28"]),
    "float64": (lambda: zoo.LeNet().double(), ["1,1,32,32:float64"]),
    "bfloat16": (lambda: zoo.Table().bfloat16(), ["2,13:bfloat16"]),
    "eval": (lambda: zoo.Table().eval(), ["1,13"]),
    "conv 3d": (lambda: nn.Sequential(nn.Conv3d(2, 3, 3)), ["1,2,32,32,32"]),
    "conv 1d": (
        lambda: nn.Sequential(nn.Conv1d(2, 3, 3), nn.Flatten(), nn.Linear(90, 1)),
        ["1,2,32"],
    ),
    "embedding bag": (lambda: nn.EmbeddingBag(7, 3), ["1,16:int64:0..7"]),
    "attention": (lambda: nn.TransformerEncoderLayer(8, 2), ["16,1,8"]),
    "relu": (nn.ReLU, ["1,3,32,32"]),
    "cell": (lambda: nn.LSTMCell(5, 3), ["1,5"]),
    "batch norm": (lambda: nn.BatchNorm2d(5), ["1,5,32,32"]),
    "one hot": (zoo.OneHot, ["1,16:int64:0..2"]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("name", FOUND)
def test_an_input_is_found_that_the_model_takes(name: str) -> None:
    make, wanted = FOUND[name]
    begin = time.monotonic()
    shapes = propose(make)
    assert [shape.words() for shape in shapes] == wanted
    assert time.monotonic() - begin < 8
    called_with(make(), shapes)


def called_with(model: nn.Module, shapes: tuple[InputShape, ...], **more: Any) -> Any:
    """Call it here, with tensors made here."""
    args, kwargs = [], {}
    for shape in shapes:
        dtype = getattr(torch, shape.dtype)
        if dtype.is_floating_point:
            tensor = torch.ones(shape.shape, dtype=dtype)
        else:
            tensor = torch.full(shape.shape, max(0, shape.high - 1), dtype=dtype)
        if shape.name:
            kwargs[shape.name] = tensor
        else:
            args.append(tensor)
    return model(*args, **kwargs, **more)


def test_keywords_are_passed_and_what_is_given_is_not_looked_for() -> None:
    found = propose(zoo.Unreachable, {"graph": zoo.graph()})
    assert [shape.words() for shape in found] == ["1,4"]


def test_the_model_given_is_asked_for_once_and_generators_stay() -> None:
    made: list[nn.Module] = []

    def make() -> nn.Module:
        made.append(zoo.Lstm())
        return made[-1]

    torch.manual_seed(0)
    make()
    before = torch.get_rng_state()
    torch.manual_seed(0)
    propose(make)
    assert len(made) == 2
    assert torch.equal(torch.get_rng_state(), before)


def test_where_nothing_is_found_it_is_told_what_was_tried_and_why_not() -> None:
    with pytest.raises(ModelQuestion) as question:
        propose(zoo.Unreachable)
    told = str(question.value)
    assert (question.value.kind, question.value.options) == ("shape", ("x", "graph"))
    assert "'Tensor' object has no attribute 'scale'." in told
    assert "1,4 1,4" in told
    assert "(x, graph)" in told
    assert told.endswith("as in 1,3,32,32.")
    assert "--" not in told  # the window has no options


def test_an_argument_that_is_no_tensor_is_asked_for() -> None:
    class Scaled(nn.Module):
        def forward(self, x: torch.Tensor, times: int) -> torch.Tensor:
            return x * times

    with pytest.raises(ModelQuestion, match=r"times of type int.*times=…"):
        propose(Scaled)
    assert [shape.words() for shape in propose(Scaled, {"times": 3})] == ["1,3,32,32"]


def test_it_ends_in_time() -> None:
    class Slow(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            time.sleep(0.2)
            raise ValueError("no")

    begin = time.monotonic()
    with pytest.raises(ModelQuestion):
        propose(Slow, seconds=0.5)
    assert 0.4 < time.monotonic() - begin < 2
