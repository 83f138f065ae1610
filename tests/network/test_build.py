"""The built module: reads like the notebook's, leaves nothing behind, says where it is."""

import copy
import pickle

import pytest
import torch
from torch.overrides import TorchFunctionMode

from lenet_viz.errors import UserMistake
from lenet_viz.network import node, presets
from lenet_viz.network.build import apply_weights, build
from lenet_viz.network.spec import Node, Spec

PRINTED = """\
Net(
  (conv1): Conv2d(1, 6, kernel_size=(3, 3), stride=(1, 1))
  (conv2): Conv2d(6, 16, kernel_size=(3, 3), stride=(1, 1))
  (fc1): Linear(in_features=576, out_features=120, bias=True)
  (fc2): Linear(in_features=120, out_features=84, bias=True)
  (fc3): Linear(in_features=84, out_features=10, bias=True)
)"""


class _Seen(TorchFunctionMode):
    def __init__(self, module):
        super().__init__()
        self.module, self.calls = module, []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        line = self.module.current_source
        self.calls.append((func.__name__, line and line.text))
        return func(*args, **(kwargs or {}))


def _notebook(seed=0):
    return build(presets.get("notebook").spec, seed=seed)


def test_prints_like_the_notebooks():
    assert str(_notebook()) == PRINTED


def test_functions_are_called_on_the_lines_that_the_source_gives():
    net = _notebook()
    seen, x = _Seen(net), torch.zeros(1, 1, 32, 32)
    with seen:
        net(x)
    first = "x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))"
    assert [name for name, text in seen.calls if text == first][:2] == ["conv2d", "relu"]
    assert len([name for name, text in seen.calls if text == first]) == 3
    assert ("view", "x = x.view(-1, 576)") in seen.calls
    assert ("linear", "x = self.fc3(x)") in seen.calls
    assert None not in [text for _, text in seen.calls]


def test_current_source_is_none_before_after_and_after_an_exception():
    net = _notebook()
    assert net.current_source is None
    net(torch.zeros(1, 1, 32, 32))
    assert net.current_source is None
    with pytest.raises(RuntimeError):
        net(torch.zeros(1, 1, 20, 20))
    assert net.current_source is None


def test_a_seed_leaves_the_generator_as_it_was_and_none_uses_it():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = _notebook(3), _notebook(3)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.conv1.weight, second.conv1.weight)
    third = _notebook(None)
    assert not torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(5)
    assert torch.equal(_notebook(None).conv1.weight, third.conv1.weight)


def test_a_seed_leaves_the_generator_as_it_was_after_an_exception(monkeypatch):
    before = torch.get_rng_state()
    monkeypatch.setattr(torch.nn, "Linear", None)
    with pytest.raises(TypeError):
        _notebook(3)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, True, "3"])
def test_bad_seed(seed):
    with pytest.raises(UserMistake, match="random seed is"):
        _notebook(seed)


def test_names_that_a_module_has_cannot_be_taken():
    net = _notebook()
    public = {name for name in dir(net) if not name.startswith("_")}
    layers = {"conv1", "conv2", "fc1", "fc2", "fc3"}
    assert public - layers <= node.RESERVED_MODULE_NAMES


def test_copies_and_pickles():
    net = _notebook()
    x = torch.randn(1, 1, 32, 32)
    assert torch.equal(copy.deepcopy(net)(x), net(x))
    assert torch.equal(pickle.loads(pickle.dumps(net))(x), net(x))


def test_a_network_that_does_not_fit_runs_up_to_there():
    nodes = (
        Node("v", "view", ("input",), {"shape": [-1, 16]}),
        Node("fc", "linear", ("v",), {"in_features": 20, "out_features": 2}),
    )
    net = build(Spec("w", (1, 4, 4), nodes))
    seen, x = _Seen(net), torch.zeros(1, 1, 4, 4)
    with pytest.raises(RuntimeError), seen:
        net(x)
    assert [name for name, _ in seen.calls] == ["view", "linear"]


def test_groups_that_do_not_divide():
    settings = {"in_channels": 3, "out_channels": 4, "kernel_size": 1, "groups": 2}
    with pytest.raises(UserMistake, match="2 groups do not divide"):
        build(Spec("g", (3, 4, 4), (Node("c", "conv2d", ("input",), settings),)))


def test_parameters_that_take_too_much_memory_are_refused_before_they_are_made():
    wide = {"in_features": 2**31 - 1, "out_features": 2**31 - 1}
    with pytest.raises(UserMistake, match=r"GiB in float32, and at most 1\.0 GiB are made"):
        build(Spec("big", (1, 4, 4), (Node("f", "linear", ("input",), wide),)))


def test_toy_by_hand():
    preset = presets.get("toy")
    net = build(preset.spec, seed=0)
    apply_weights(net, preset.weights)
    x = torch.tensor(preset.image, dtype=torch.float32)
    conv = [[2, 1, -3, -4], [-2, -1, 3, 4], [-2, -2, -4, 3], [-2, -4, 3, 2]]
    assert net.conv1(x)[0, 0].tolist() == conv
    # Pool: 2, 4, 0 (all inactive), 3 (tied). 2 - 4 + 2·0 + 3 + 1 = 2; -2 + 8 + 0 - 6 - 1 = -1.
    assert net(x).tolist() == [[2, -1]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fc1.bias": None}, "not numbers"),
        ({"fc1.bias": (1, 2, 3)}, r"have shape \(3,\); wanted: finite numbers of shape \(2,\)"),
        ({"fc1.bias": (1.0, float("nan"))}, "finite"),
        ({"fc2.bias": (1, 2)}, "fc2.bias, which the network has not"),
        ({"fc1.weight": ((1, 2), (3,))}, "equally long lists"),
    ],
)
def test_bad_weights_change_nothing(change, said):
    preset = presets.get("toy")
    net = build(preset.spec, seed=0)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    with pytest.raises(UserMistake, match=said):
        apply_weights(net, {**preset.weights, **change})
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


def test_missing_weights():
    with pytest.raises(UserMistake, match=r"no conv1\.weight"):
        apply_weights(build(presets.get("toy").spec), {})
