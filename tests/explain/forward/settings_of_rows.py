"""Random settings of ops that look at a whole row, channel or map at once."""

from typing import Any

import torch
import torch.nn.functional as F

from tests.explain.forward.drawing import Draw
from tests.explain.forward.reading import Setting


def batch_norm(draw: Draw) -> Setting:
    """Batch norm: of the batch's own statistics, or of the running ones."""
    channels = draw.size(1, 4)
    x = draw.tensor(draw.size(2, 3), channels, *draw.sizes(draw.size(0, 3), 1, 3))
    training = draw.chance()
    tensors = [x, draw.tensor(channels), draw.positive(channels)]
    if draw.chance(0.7):
        tensors += [draw.tensor(channels), draw.tensor(channels)]
    settings = {"training": training, "eps": draw.one([1e-5, 1e-3])}

    def run(
        x: torch.Tensor, mean: torch.Tensor, var: torch.Tensor, *rest: Any, **given: Any
    ) -> Any:
        # Training moves the running statistics: the copies keep the test's own.
        if given["training"] and len(rest) == 0:
            return F.batch_norm(x, None, None, **given)
        if given["training"]:
            return F.batch_norm(x, None, None, *rest, **given)
        return F.batch_norm(x, mean, var, *rest, **given)

    return Setting("batch_norm", run, tuple(tensors), settings)


def layer_norm(draw: Draw) -> Setting:
    """Layer norm over the last axes."""
    shape = draw.sizes(draw.size(1, 4), 1, 4)
    last = shape[draw.size(0, len(shape) - 1) :]
    tensors = [draw.tensor(*shape)]
    if draw.chance(0.7):
        tensors += [draw.tensor(*last)] * 1
        if draw.chance(0.7):
            tensors += [draw.tensor(*last)]
    settings = {"normalized_shape": last, "eps": draw.one([1e-5, 1e-3])}

    def run(x: torch.Tensor, *rest: torch.Tensor, normalized_shape: Any, eps: float) -> Any:
        return F.layer_norm(x, normalized_shape, *rest, eps=eps)

    return Setting("layer_norm", run, tuple(tensors), settings)


def group_norm(draw: Draw) -> Setting:
    """Group norm and instance norm."""
    groups, each = draw.sizes(2, 1, 3)
    channels = groups * each
    x = draw.tensor(draw.size(1, 2), channels, *draw.sizes(draw.size(1, 2), 2, 3))
    tensors = (x, draw.tensor(channels), draw.tensor(channels)) if draw.chance(0.7) else (x,)
    if draw.chance():

        def group(x: torch.Tensor, *rest: torch.Tensor, eps: float) -> Any:
            return F.group_norm(x, groups, *rest, eps=eps)

        return Setting("group_norm", group, tensors, {"eps": 1e-4})

    def instance(x: torch.Tensor, *rest: torch.Tensor) -> Any:
        return F.instance_norm(x, None, None, *rest)

    return Setting("instance_norm", instance, tensors)


def softmax(draw: Draw) -> Setting:
    """softmax, log_softmax and softmin along any axis."""
    shape = draw.sizes(draw.size(1, 4), 1, 5)
    axis = draw.size(-len(shape), len(shape) - 1)
    name = draw.one(["softmax", "log_softmax"])
    x = draw.tensor(*shape) * draw.one([1, 1, 30])
    if draw.chance(0.1) and shape[axis] > 1:
        x.select(axis, 0).fill_(-float("inf"))
    return Setting(name, getattr(torch, name), (x,), {"dim": axis})


def _axes(draw: Draw, count: int) -> Any:
    every = list(range(count))
    draw.dice.shuffle(every)
    chosen = every[: draw.size(1, count)]
    signed = tuple(axis - count if draw.chance(0.3) else axis for axis in chosen)
    return signed[0] if len(signed) == 1 and draw.chance() else signed


_AT_ONCE = ("sum", "mean", "amax", "amin", "logsumexp")
_ALONE = ("prod", "max", "min", "cumsum")


def reduction(draw: Draw) -> Setting:
    """Sums, means, largest values and products, over all or some axes."""
    shape = draw.sizes(draw.size(1, 4), 1, 4)
    x = draw.strange(*shape)
    kind = draw.size(0, 3)
    if kind == 0:
        name = draw.one(["sum", "mean", "max", "min", "prod"])
        return Setting(name, getattr(torch, name), (x,))
    if kind == 1:
        name = draw.one(_ALONE)
        settings: dict[str, Any] = {"dim": draw.size(-len(shape), len(shape) - 1)}
    else:
        name = draw.one(_AT_ONCE)
        settings = {"dim": _axes(draw, len(shape))}
    if name != "cumsum" and draw.chance():
        settings["keepdim"] = True
    return Setting(name, getattr(torch, name), (x,), settings)


def moment(draw: Draw) -> Setting:
    """Variances, deviations and norms."""
    shape = draw.sizes(draw.size(1, 3), 2, 4)
    x, axes = draw.tensor(*shape), _axes(draw, len(shape))
    name = draw.one(["var", "std", "norm"])
    if name == "norm":
        return Setting("norm", torch.norm, (x,), {"dim": axes, "p": draw.one([1, 2])})
    settings = {"dim": axes, "correction": draw.size(0, 1), "keepdim": draw.chance()}
    return Setting(name, getattr(torch, name), (x,), settings)


FAMILIES = {
    "batch norm": (batch_norm, 120),
    "layer norm": (layer_norm, 100),
    "group and instance norm": (group_norm, 80),
    "softmax": (softmax, 150),
    "reductions": (reduction, 200),
    "moments": (moment, 80),
}
