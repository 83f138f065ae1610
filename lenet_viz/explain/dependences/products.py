"""What matrix products, attention and recurrent networks depend on."""

from collections.abc import Mapping

import numpy as np

from lenet_viz.explain.dependences.relation import (
    Along,
    Constant,
    Exactness,
    Separable,
    Turned,
    everything,
    many,
)
from lenet_viz.explain.dependences.use import Found, Rule, Use, by_place
from lenet_viz.explain.ledger.called import Shape


def linear(use: Use) -> Found | None:
    """Return what ``linear`` and ``bilinear`` depend on: all along the last axis."""
    if use.path[0] not in ("input", "input1", "input2") or not use.before:
        return None
    along: tuple[Along, ...] = (*many("same", (len(use.before) - 1)), "all")
    return Found(Separable(use.before, use.after, along))


def multiplied(use: Use) -> Found | None:
    """Return what a matrix product depends on: a row of the first, a column of the second."""
    places = [path for path, _ in use.called.tensors]
    shapes = use.called.shapes()
    if len(places) != 2 or len(shapes) != 2 or places.count(use.path) != 1:
        return None
    return _factor(use, shapes[0], shapes[1], first=use.path == places[0])


def added_product(use: Use) -> Found | None:
    """Return what ``addmm`` and ``baddbmm`` depend on."""
    places = [path for path, _ in use.called.tensors]
    shapes = use.called.shapes()
    if len(places) != 3 or len(shapes) != 3:
        return None
    if use.path == places[0]:
        return by_place(use)
    return _factor(use, shapes[1], shapes[2], first=use.path == places[1])


def _factor(use: Use, left: Shape, right: Shape, *, first: bool) -> Found | None:
    """Write both operands and the output as (batch …, row, inner or column) and compare."""
    if not left or not right:
        return None
    rows = 1 if len(left) == 1 else left[-2]
    columns = 1 if len(right) == 1 else right[-1]
    rank = max(len(left), len(right), 2) - 2
    mine = left if first else right
    batch = (1,) * (rank - max(len(mine) - 2, 0)) + mine[:-2]
    whole = np.broadcast_shapes(left[:-2], right[:-2])
    view_after = (*whole, rows, columns)
    inner = left[-1]
    view_before = (*batch, rows, inner) if first else (*batch, inner, columns)
    lead: list[Along] = ["same" if a == b else "all" for a, b in zip(batch, whole, strict=True)]
    ends: tuple[Along, Along] = ("same", "all") if first else ("all", "same")
    return Found(Separable(use.before, use.after, (*lead, *ends), view_before, view_after))


def attention(use: Use) -> Found | None:
    """Return what attention depends on: a query on itself, on every key and every value."""
    query, key = use.called.shape("query"), use.called.shape("key")
    value = use.called.shape("value")
    if query is None or key is None or value is None or use.output or use.path[0] == "attn_mask":
        return None
    if use.step.literal("enable_gqa") or not len(query) == len(key) == len(value) >= 2:
        return None
    if query[:-2] != use.before[:-2]:
        return None
    alone = key[-2] == 1 and use.path[0] != "value"
    if alone:
        return Found(Constant(use.before, use.after))
    lead: list[Along] = ["same"] * (len(query) - 2)
    causal = bool(use.step.literal("is_causal", False))
    over: Along = np.tri(query[-2], key[-2], dtype=np.bool_) if causal else "all"
    if use.path[0] == "query":
        first = causal  # with one key in sight the weight is 1, whatever the query
        rows: Along = np.diag(np.arange(query[-2]) > 0) if first else "same"
        along: tuple[Along, ...] = (*lead, rows, "all")
    elif use.path[0] == "key":
        if causal and not isinstance(over, str):
            over = over & (np.arange(query[-2]) > 0)[:, None]
        along = (*lead, over, "all")
    else:
        along = (*lead, over, "same")
    masked = use.called.shape("attn_mask") is not None
    exactness = Exactness.UPPER_BOUND if masked else Exactness.EXACT
    return Found(Separable(use.before, use.after, along), exactness)


def many_heads(use: Use) -> Found | None:
    """Return what ``multi_head_attention_forward`` depends on, sample by sample."""
    query = use.called.shape("query")
    if query is None or len(query) != 3 or use.output or len(use.before) != 3:
        return None
    if use.path[0] not in ("query", "key", "value"):
        return None
    over: Along = "same" if use.path[0] == "query" else "all"
    masked = use.called.shape("attn_mask") or use.called.shape("key_padding_mask")
    causal = masked is not None or bool(use.step.literal("is_causal", False))
    exactness = Exactness.UPPER_BOUND if causal else Exactness.EXACT
    return Found(Separable(use.before, use.after, (over, "same", "all")), exactness)


def recurrent(use: Use) -> Found | None:
    """Return what a recurrent network's output depends on: its sample up to its time.

    In two directions, or for the last states, on all times.
    """
    if use.path != ("input",) or use.step.argument("batch_sizes") is not None:
        return None
    first = bool(use.step.literal("batch_first", False))
    both = bool(use.step.literal("bidirectional", False))
    rank = len(use.before)
    if use.output or rank not in (2, 3):
        return None
    time = 1 if first and rank == 3 else 0
    along: list[Along] = ["same"] * rank
    along[-1] = "all"
    along[time] = "all" if both else np.tri(use.before[time], dtype=np.bool_)
    exactness = Exactness.UPPER_BOUND if both else Exactness.EXACT
    return Found(Separable(use.before, use.after, tuple(along)), exactness)


def cell(use: Use) -> Found | None:
    """Return what one time step of a recurrent network depends on: its own sample."""
    if use.path[0] not in ("input", "hx") or len(use.before) != len(use.after):
        return None
    along: tuple[Along, ...] = (*many("same", (len(use.before) - 1)), "all")
    exactness = Exactness.EXACT if use.path[0] == "input" else Exactness.UPPER_BOUND
    return Found(Separable(use.before, use.after, along), exactness)


def looked_up(use: Use) -> Found | None:
    """Return what ``embedding`` depends on: an index for each row, and a table by its numbers."""
    if use.path[0] != "input":
        return None
    after = use.after
    if use.before != after[:-1]:
        return None
    along: tuple[Along, ...] = (*many("same", len(use.before)), "all")
    return Found(Separable(use.before, after, along, (*use.before, 1), after))


def letters(use: Use) -> Found | None:
    """Return what ``einsum`` depends on: all along the letters that are added up."""
    equation, shapes = use.step.literal("0"), use.called.shapes()
    places = [path for path, _ in use.called.tensors]
    if not isinstance(equation, str) or "->" not in equation or "." in equation:
        return None
    sides, _, out = equation.replace(" ", "").partition("->")
    terms = sides.split(",")
    if len(terms) != len(places) or len(shapes) != len(places):
        return None
    mine = terms[places.index(use.path)]
    if len(set(mine)) != len(mine) or len(set(out)) != len(out) or len(mine) != len(use.before):
        return None
    turned = sorted(range(len(mine)), key=lambda axis: (out + mine).index(mine[axis]))
    order = [*out, *(letter for letter in mine if letter not in out)]
    size_of = dict(zip(mine, use.before, strict=True)) | dict(zip(out, use.after, strict=True))
    view_before = tuple(size_of[one] if one in mine else 1 for one in order)
    view_after = tuple(size_of[one] if one in out else 1 for one in order)
    along: tuple[Along, ...] = tuple(
        "same" if one in mine and one in out else "all" for one in order
    )
    before = tuple(use.before[axis] for axis in turned)
    inner = Separable(before, use.after, along, view_before, view_after)
    return Found(Turned(tuple(turned), inner))


def loss(use: Use) -> Found | None:
    """Return what a loss that is one number depends on: everything."""
    if use.after != () or use.path[0] not in ("input", "target"):
        return None
    return Found(everything(use.before, use.after))


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("linear", "bilinear"), linear),
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot"), multiplied),
    **dict.fromkeys(("addmm", "baddbmm", "addmv"), added_product),
    "scaled_dot_product_attention": attention,
    "multi_head_attention_forward": many_heads,
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), recurrent),
    **dict.fromkeys(("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"), cell),
    "embedding": looked_up,
    "einsum": letters,
    **dict.fromkeys(
        ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div", "cross_entropy",
         "binary_cross_entropy", "binary_cross_entropy_with_logits"),
        loss,
    ),
}  # fmt: skip
