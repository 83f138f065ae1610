"""What capturing costs beside the bare pass, and beside TorchLens."""

import sys
import time
from collections.abc import Callable

import torch

import lenet_viz
from lenet_viz.engine.allocator import keep_freed_memory
from tests.benchmarks.bare_recorder import copied
from tests.benchmarks.measure import Row, in_turns, ms, times
from tests.benchmarks.networks import Notebook, Residual, made

CALLS = 3
"""How many passes in a row are timed as one."""


def batch_64() -> Row:
    """The notebook's network with a batch."""
    return _overhead("notebook net, batch 64", Notebook, (64, 1, 32, 32), "≤ 1.3, aim 1.15", 40)


def batch_1() -> Row:
    """The notebook's network with one sample, as the notebook runs it."""
    return _overhead("notebook net, batch 1", Notebook, (1, 1, 32, 32), "≤ 2.0", 200)


def residual() -> Row:
    """A deeper network."""
    return _overhead("ResNet-18-like, 1×3×64×64", Residual, (1, 3, 64, 64), "≤ 1.3", 12)


def _overhead(
    name: str, network: type[torch.nn.Module], shape: tuple[int, ...], must: str, rounds: int
) -> Row:
    torch.set_num_threads(1)  # as the engine has it
    keep_freed_memory()  # the same, for both sides
    net = made(network)
    x = torch.randn(shape)
    v = torch.randn(shape[0], 10)
    bare = _bare(net, x, v)

    def capture() -> None:
        lenet_viz.capture(net, x, backward=v)

    def beside(work: Callable[[], object]) -> tuple[float, float]:
        """Return the medians of the bare pass and of ``work``, these two in turns."""
        plain, other = in_turns(
            bare, work, rounds=rounds, calls=CALLS, warm_up=5, limit=8, clock=time.process_time
        )
        return plain, other

    plain, captured = beside(_from_nothing(net, capture))
    plain_2, least = beside(_from_nothing(net, lambda: copied(net, x, v)))
    plain_3, adding = beside(_to_others(net, capture))
    flowing, resting = in_turns(
        *_copies(net, x, v), rounds=rounds, calls=CALLS, clock=time.process_time
    )
    return Row(
        f"capture of everything, forward and backward / bare pass: {name}",
        must,
        times(captured / plain),
        f"bare {ms(plain)}, capture {ms(captured)}; a recorder of this design that only copies "
        f"{ms(least)} = {times(least / plain_2)}; the bare copies alone: activations and "
        f"gradients {ms(flowing)} = {times(1 + flowing / plain)}, parameters and theirs "
        f"{ms(resting)} = {times(1 + resting / plain)}; where each .grad is there already, which "
        f"a capture copies too, {ms(adding)} = {times(adding / plain_3)} (CPU time, one thread)",
    )


def _bare(net: torch.nn.Module, x: torch.Tensor, v: torch.Tensor) -> Callable[[], None]:
    def run() -> None:
        net.zero_grad()
        leaf = x.clone().requires_grad_()  # a capture leaves its caller's tensor alone too
        net(leaf).backward(v)

    return run


def _from_nothing(net: torch.nn.Module, record: Callable[[], object]) -> Callable[[], None]:
    """Return what begins as the bare pass does: without gradients to add to."""

    def run() -> None:
        net.zero_grad()
        record()

    return run


def _to_others(net: torch.nn.Module, record: Callable[[], object]) -> Callable[[], None]:
    """Return what finds gradients of another pass."""
    others = [torch.randn_like(parameter) for parameter in net.parameters()]

    def run() -> None:
        for parameter, other in zip(net.parameters(), others, strict=True):
            parameter.grad = other
        record()

    return run


def _copies(net: torch.nn.Module, x: torch.Tensor, v: torch.Tensor) -> list[Callable[[], None]]:
    """Return what copies as many numbers as a capture of this run must hold, and no more.

    The first copies the activations and their gradients, the second the parameters and theirs.
    """
    run = lenet_viz.capture(net, x, backward=v)
    values = [*run.input_values, *(value for step in run.steps for value in step.outputs)]
    flowing = [value.activation for value in values]
    flowing += [gradient for value in values if (gradient := value.gradient) is not None]
    resting = [parameter.value for parameter in run.parameters]
    resting += [g for parameter in run.parameters if (g := parameter.gradient) is not None]

    def copier(tensors: list[torch.Tensor]) -> Callable[[], None]:
        def copy() -> None:
            kept = [tensor.clone() for tensor in tensors]
            del kept

        return copy

    return [copier([torch.tensor(array) for array in arrays]) for arrays in (flowing, resting)]


def torchlens_forward() -> Row:
    """TorchLens, which records only forward here."""
    what = "capture, forward and backward, against TorchLens' forward alone: notebook net"
    must = "≥ 20 times faster"
    try:
        import torchlens
    except ImportError:
        return Row(what, must, "torchlens not installed")
    torch.set_num_threads(1)
    net = made(Notebook)
    x = torch.randn(1, 1, 32, 32)
    v = torch.randn(1, 10)
    ours, theirs = in_turns(
        lambda: lenet_viz.capture(net, x, backward=v),
        lambda: torchlens.trace(net, x),
        rounds=20,
        calls=CALLS,
        clock=time.process_time,
    )
    version = getattr(torchlens, "__version__", "?")
    return Row(
        what,
        must,
        times(theirs / ours),
        f"ours {ms(ours)}, TorchLens {version} {ms(theirs)} "
        f"(Python {sys.version_info[0]}.{sys.version_info[1]}, torch {torch.__version__})",
    )


MEASURES = (batch_64, batch_1, residual, torchlens_forward)
