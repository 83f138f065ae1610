"""Random settings of losses inside a model."""

from typing import Any

import torch.nn.functional as F

from tests.explain.forward.drawing import Draw
from tests.explain.forward.reading import Setting

_REDUCTIONS = ("mean", "sum", "none")
_PAIRS = {
    "mse_loss": F.mse_loss,
    "l1_loss": F.l1_loss,
    "smooth_l1_loss": F.smooth_l1_loss,
    "huber_loss": F.huber_loss,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "binary_cross_entropy": F.binary_cross_entropy,
}


def pair(draw: Draw) -> Setting:
    """A loss that compares each value with the one in its place."""
    name = draw.one(list(_PAIRS))
    shape = draw.sizes(draw.size(0, 3), 1, 4)
    x, target = draw.tensor(*shape), draw.tensor(*shape)
    settings: dict[str, Any] = {"reduction": draw.one(_REDUCTIONS)}
    if name.startswith("binary"):
        target = target.sigmoid() if draw.chance() else (target > 0).float()
    if name == "binary_cross_entropy":
        x = x.sigmoid()
    if name == "smooth_l1_loss" and draw.chance():
        settings["beta"] = draw.number(0.2, 2)
    if name == "huber_loss" and draw.chance():
        settings["delta"] = draw.number(0.2, 2)
    return Setting(name, _PAIRS[name], (x, target), settings)


def classes(draw: Draw) -> Setting:
    """cross_entropy and nll_loss of class numbers: batches, maps, weights, ignored places."""
    name = draw.one(["cross_entropy", "nll_loss"])
    count = draw.size(2, 5)
    batch = () if draw.chance(0.15) else (draw.size(1, 4),)
    sizes = draw.sizes(draw.one([0, 0, 1, 2]), 1, 3) if batch else ()
    x = draw.tensor(*batch, count, *sizes)
    target = draw.whole(count, *batch, *sizes)
    settings: dict[str, Any] = {"reduction": draw.one(_REDUCTIONS)}
    if target.numel() > 1 and draw.chance(0.2):
        settings["ignore_index"] = int(target.reshape(-1)[0])
        if bool((target == settings["ignore_index"]).all()):
            del settings["ignore_index"]
    if name == "cross_entropy" and draw.chance(0.2):
        settings["label_smoothing"] = draw.number(0.01, 0.5)
    tensors = (x, target)
    if draw.chance(0.25):
        tensors = (*tensors, draw.positive(count))
    return Setting(name, getattr(F, name), tensors, settings)


def shares(draw: Draw) -> Setting:
    """cross_entropy with a share of each class as the target."""
    shape = draw.sizes(2, 2, 4)
    target = draw.tensor(*shape).softmax(1)
    settings: dict[str, Any] = {"reduction": draw.one(_REDUCTIONS)}
    return Setting("cross_entropy", F.cross_entropy, (draw.tensor(*shape), target), settings)


FAMILIES = {
    "losses of pairs": (pair, 150),
    "losses of classes": (classes, 200),
    "losses of shares": (shares, 30),
}
