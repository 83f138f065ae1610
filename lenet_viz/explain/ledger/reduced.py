"""Shapes of what makes one number of many: sums, means, largest values, losses."""

from collections.abc import Mapping

from lenet_viz.explain.ledger.called import Called, Rule, Shape, ShapeLedger, box, product
from lenet_viz.explain.ledger.each import place_by_place
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

# fmt: off
_REDUCTIONS = (
    "all", "amax", "amin", "any", "argmax", "argmin", "count_nonzero", "linalg_norm",
    "linalg_vector_norm", "logsumexp", "max", "mean", "median", "min", "mode", "nanmean", "nansum",
    "norm", "prod", "quantile", "std", "sum", "var", "std_mean", "var_mean",
)
_LOSSES = (
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "huber_loss",
    "kl_div", "l1_loss", "mse_loss", "nll_loss", "smooth_l1_loss", "soft_margin_loss",
    "gaussian_nll_loss", "poisson_nll_loss",
)
# fmt: on
_DIMS = ("dim", "axis", "other", "unbiased", "1")
"""Under which names the axes may be recorded: ``x.max(1)`` has them where another tensor goes."""


def reduced(called: Called) -> ShapeLedger | None:
    """Return the ledger of a reduction: which axes become one number."""
    shape = called.input
    if shape is None:
        return None
    if called.op in ("max", "min") and called.shape("other") is not None:
        return place_by_place(called)
    if len(called.tensors) != 1:
        return None
    dims = called.numbers(*_DIMS)
    rank = len(shape)
    if dims is None or not rank:
        axes = tuple(range(rank))
    else:
        axes = tuple(sorted({dim % rank for dim in dims}))
    keep = bool(called.step.literal("keepdim", called.step.literal("2", False)))
    gives: Shape = tuple(
        1 if axis in axes else size for axis, size in enumerate(shape) if keep or axis not in axes
    )
    return ShapeLedger(
        formulas=(f"{box(shape)} → {box(gives)}",),
        notes=(_note(shape, axes, keep=keep),),
        gives=gives,
    )


def _note(shape: Shape, axes: tuple[int, ...], *, keep: bool) -> Message:
    sizes = tuple(shape[axis] for axis in axes)
    counted = str(sizes[0]) if len(sizes) == 1 else product(sizes)
    if len(sizes) > 1:
        count = 1
        for size in sizes:
            count *= size
        counted = f"{counted} = {count}"
    if len(axes) == len(shape) and not keep:
        template = QT_TRANSLATE_NOOP("Shape", "All {count} values become one number.")
        return message("Shape", template, count=counted)
    names = ", ".join(map(str, axes))
    template = (
        QT_TRANSLATE_NOOP(
            "Shape",
            "Along axis {axes}, {count} values become one number; keepdim leaves an axis of size "
            "1 there.",
        )
        if keep
        else QT_TRANSLATE_NOOP(
            "Shape", "Along axis {axes}, {count} values become one number: the axis goes."
        )
    )
    return message("Shape", template, axes=names, count=counted)


def loss(called: Called) -> ShapeLedger | None:
    """Return the ledger of a loss: one number, or one for each value or sample."""
    shape, target = called.input, called.shape("target")
    if shape is None or target is None:
        return None
    classes = called.op in ("cross_entropy", "nll_loss")
    reduction = called.step.literal("reduction", "mean")
    terms = (*shape[:1], *shape[2:]) if classes and len(shape) > 1 else () if classes else shape
    if reduction == "none":
        return ShapeLedger(formulas=(f"{box(shape)}, {box(target)} → {box(terms)}",), gives=terms)
    if reduction not in ("mean", "sum", "batchmean"):
        return None
    template = (
        QT_TRANSLATE_NOOP("Shape", "{count} terms are added up to one number.")
        if reduction == "sum"
        else QT_TRANSLATE_NOOP("Shape", "{count} terms are averaged to one number.")
    )
    return ShapeLedger(
        formulas=(f"{box(shape)}, {box(target)} → []",),
        notes=(message("Shape", template, count=product(terms)),),
        gives=(),
    )


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_REDUCTIONS, reduced),
    **dict.fromkeys(_LOSSES, loss),
}
