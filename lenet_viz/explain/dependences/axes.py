"""What ops depend on that mix along some axes: norms, softmax, reductions, running sums."""

from collections.abc import Mapping

import numpy as np

from lenet_viz.explain.dependences.relation import Along, Constant, Exactness, Separable, many
from lenet_viz.explain.dependences.use import Found, Rule, Use, by_place
from lenet_viz.explain.ledger.called import from_end


def mixed(use: Use, axes: set[int], *, alone: bool = False) -> Found:
    """Return the relation in which each output depends on all along some axes.

    Args:
        use: an op that keeps the shape.
        axes: the axes.
        alone: whether an output that mixes one value alone is a constant.
    """
    count = int(np.prod([use.before[axis] for axis in axes]))
    if alone and count == 1:
        return Found(Constant(use.before, use.after))
    along: tuple[Along, ...] = tuple(
        "all" if axis in axes else "same" for axis in range(len(use.before))
    )
    return Found(Separable(use.before, use.after, along))


def softmax(use: Use) -> Found | None:
    """Return what ``softmax`` depends on; that of a single value is 1, whatever the value."""
    dim = use.called.number("dim", "1")
    axis = None if dim is None else from_end(dim, len(use.before))
    if axis is None or use.before != use.after or not use.main:
        return None
    return mixed(use, {axis}, alone=True)


def batch_norm(use: Use) -> Found | None:
    """Return what ``batch_norm`` depends on: in training on all of a channel."""
    if not use.main or use.before != use.after:
        return None
    step = use.step
    if step.literal("training") is False and step.literal("use_input_stats") is not True:
        return by_place(use)
    return mixed(use, set(range(len(use.before))) - {1})


def layer_norm(use: Use) -> Found | None:
    """Return what ``layer_norm`` depends on: the last axes."""
    sizes = use.called.numbers("normalized_shape")
    if not use.main or sizes is None:
        return None
    rank = len(use.before)
    return mixed(use, set(range(rank - len(sizes), rank)), alone=True)


def instance_norm(use: Use) -> Found | None:
    """Return what ``instance_norm`` depends on: one channel of one sample."""
    if not use.main or len(use.before) < 3:
        return None
    if use.step.literal("use_input_stats") is False:
        return by_place(use)
    return mixed(use, set(range(2, len(use.before))))


def group_norm(use: Use) -> Found | None:
    """Return what ``group_norm`` depends on: one group of channels of one sample."""
    groups = use.called.number("num_groups")
    if not use.main or not groups or len(use.before) < 2 or use.before[1] % groups:
        return None
    batch, channels, *rest = use.before
    view = (batch, groups, channels // groups, *rest)
    along: tuple[Along, ...] = ("same", "same", *many("all", 1 + len(rest)))
    return Found(Separable(use.before, use.after, along, view, view))


def across_channels(use: Use) -> Found | None:
    """Return at most what ``local_response_norm`` depends on: all channels of one place."""
    if not use.main or len(use.before) < 3:
        return None
    return mixed(use, {1}).at_worst(Exactness.UPPER_BOUND)


def reduced(use: Use) -> Found | None:
    """Return what a sum, mean or largest value depends on: all along the axes that go."""
    if len(use.called.tensors) != 1:
        found = by_place(use)
        return None if found is None else found.at_worst(Exactness.DATA_DEPENDENT)
    rank = len(use.before)
    dims = use.called.numbers("dim", "axis", "other", "unbiased", "1")
    axes = set(range(rank)) if dims is None or not rank else {dim % rank for dim in dims}
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(use.before))
    if np.prod(kept) != np.prod(use.after):
        return None
    along: tuple[Along, ...] = tuple("all" if axis in axes else "same" for axis in range(rank))
    relation = Separable(use.before, use.after, along, use.before, kept)
    return Found(relation, Exactness.DATA_DEPENDENT if use.op in _CHOOSING else Exactness.EXACT)


def running(use: Use) -> Found | None:
    """Return what ``cumsum`` depends on: what came before along an axis."""
    dim = use.called.number("dim", "1")
    axis = None if dim is None else from_end(dim, len(use.before))
    if axis is None or not use.main:
        return None
    along: list[Along] = ["same"] * len(use.before)
    along[axis] = np.tri(use.before[axis], dtype=np.bool_)
    return Found(Separable(use.before, use.after, tuple(along)))


def halved(use: Use) -> Found | None:
    """Return what ``glu`` depends on: a place of the first half and the same of the second."""
    axis = from_end(use.called.number("dim", default=-1) or 0, len(use.before))
    if axis is None or not use.main:
        return None
    half = np.eye(use.after[axis], dtype=np.bool_)
    along: list[Along] = ["same"] * len(use.before)
    along[axis] = np.concatenate([half, half], axis=1)
    return Found(Separable(use.before, use.after, tuple(along)))


_CHOOSING = frozenset(
    {"max", "min", "amax", "amin", "argmax", "argmin", "median", "mode", "quantile"}
)

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("softmax", "log_softmax", "softmin"), softmax),
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "local_response_norm": across_channels,
    **dict.fromkeys(
        ("sum", "mean", "prod", "logsumexp", "std", "var", "norm", "linalg_norm", "nansum",
         "linalg_vector_norm", "all", "any", "count_nonzero", *_CHOOSING),
        reduced,
    ),
    **dict.fromkeys(("cumsum", "cumprod", "logcumsumexp"), running),
    "glu": halved,
}  # fmt: skip
