"""A model's text is what print gives, whoever wrote the model."""

import pickle

import pytest
import torch
from torch import nn

import lenet_viz
from lenet_viz.capture.printed import printed
from tests.benchmarks.networks import Notebook, Residual
from tests.capture import awkward_models


class _OwnText(nn.Module):
    def __repr__(self) -> str:
        return "own\ntext"


class _OwnWords(nn.Module):
    """Words of several lines, beside modules inside and without."""

    def __init__(self, **inside: nn.Module) -> None:
        super().__init__()
        for name, module in inside.items():
            setattr(self, name, module)

    def extra_repr(self) -> str:
        return "first\nsecond"


class _OwnStr(nn.Linear):
    def __str__(self) -> str:
        return "own str"


def _patched() -> nn.Module:
    model = nn.Linear(2, 3)
    model.extra_repr = lambda: "words of this one alone"  # type: ignore[method-assign]
    return nn.Sequential(model, _OwnText())


_MODELS = {
    "notebook": Notebook,
    "residual": Residual,
    "empty": lambda: nn.Sequential(),
    "own text": lambda: _OwnWords(a=_OwnText(), b=_OwnWords(), c=_OwnStr(1, 1)),
    "own words": _OwnWords,
    "own str": lambda: _OwnStr(2, 2),
    "none inside": lambda: _OwnWords(a=_OwnWords(b=nn.ReLU())),
    "patched": _patched,
    "lists": lambda: nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.ModuleDict({"a b": nn.Tanh()})]),
    "parameters": lambda: nn.Sequential(nn.ParameterList([torch.zeros(2)]), nn.LazyLinear(3)),
    "attention": lambda: nn.TransformerEncoderLayer(4, 2, batch_first=True),
    "recurrent": lambda: nn.LSTM(2, 3, bidirectional=True),
    "one line": lambda: _OwnWords(**{"name": nn.Conv2d(1, 2, 3, bias=False)}),
}  # fmt: skip


@pytest.mark.parametrize("name", _MODELS)
def test_as_print_gives_it(name: str) -> None:
    model = _MODELS[name]()
    if name == "none inside":
        model._modules["nothing"] = None
    assert printed(model)() == str(model)


@pytest.mark.parametrize("name", awkward_models.CASES)
def test_awkward_models(name: str) -> None:
    model = awkward_models.CASES[name].make()
    assert printed(model)() == str(model)


def test_a_capture_has_the_text_that_the_model_had_when_it_ran() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.25))
    before = str(model)
    run = lenet_viz.capture(model, torch.ones(1, 2))
    model[1].p = 0.75
    model[0].out_features = 7
    model.append(nn.ReLU())
    assert str(model) != before == run.model.text
    assert pickle.loads(pickle.dumps(run)).model.text == before
