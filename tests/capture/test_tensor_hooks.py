"""Hooks on tensors: what `Tensor.register_hook` would do, for the capture and beside it."""

import pytest
import torch

import lenet_viz
from lenet_viz.capture.tensor_hooks import TensorHooks


def _leaf() -> torch.Tensor:
    return torch.tensor([1.0, -2.0, 3.0], requires_grad=True)


@pytest.mark.parametrize("ours", [True, False])
def test_each_value_of_a_tensor_written_in_place_gets_its_own_gradient(ours: bool):
    seen: dict[str, list[float]] = {}

    def follow(tensor: torch.Tensor, name: str) -> None:
        def hook(gradient: torch.Tensor) -> None:
            assert name not in seen
            seen[name] = gradient.tolist()

        if ours:
            hooks.add(tensor, hook)
        else:
            tensor.register_hook(hook)

    hooks = TensorHooks()
    leaf = _leaf()
    follow(leaf, "leaf")
    h = leaf * 2
    follow(h, "product")
    h.mul_(5)
    follow(h, "written")
    h.sum().backward()
    assert seen == {"leaf": [10.0] * 3, "product": [5.0] * 3, "written": [1.0] * 3}


def test_hooks_of_others_on_the_same_tensor_stay():
    calls: list[str] = []
    hooks = TensorHooks()
    leaf = _leaf()
    h = leaf * 2
    before = h.register_hook(lambda g: calls.append("before"))
    hooks.add(h, lambda g: calls.append("ours"))
    after = h.register_hook(lambda g: calls.append("after"))
    h.sum().backward(retain_graph=True)
    assert calls == ["before", "ours", "after"]
    calls.clear()
    hooks.remove()
    h.sum().backward(retain_graph=True)
    assert calls == ["before", "after"]
    before.remove()
    after.remove()
    calls.clear()
    h.sum().backward()
    assert not calls


def test_a_hook_that_comes_first_leaves_room_for_others():
    calls: list[str] = []
    hooks = TensorHooks()
    h = _leaf() * 2
    hooks.add(h, lambda g: calls.append("ours"))
    handle = h.register_hook(lambda g: g * 3)
    hooks.remove()
    handle.remove()
    assert not h._backward_hooks


class Registers(torch.nn.Module):
    """Changes a gradient by a hook of its own, and keeps the tensor."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.kept = x * 2
        self.kept.register_hook(lambda g: g * 100)
        return self.kept.sum()


def test_a_model_that_registers_hooks_keeps_them_and_only_them():
    model = Registers()
    x = torch.ones(2)
    run = lenet_viz.capture(model, x, backward=torch.tensor(1.0))
    assert run.input_values[0].gradient.tolist() == [200.0, 200.0]
    assert len(model.kept._backward_hooks) == 1
