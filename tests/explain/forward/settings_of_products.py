"""Random settings of products of matrices."""

import torch
import torch.nn.functional as F

from tests.explain.forward.drawing import Draw
from tests.explain.forward.reading import Setting


def linear(draw: Draw) -> Setting:
    """x·Wᵀ + b with any number of leading axes."""
    inside, out = draw.sizes(2, 1, 9)
    lead = draw.sizes(draw.size(0, 3), 1, 3)
    if draw.chance(0.1):
        return Setting("linear", F.linear, (draw.tensor(*lead, inside), draw.tensor(inside)))
    tensors = (draw.strange(*lead, inside), draw.tensor(out, inside))
    if draw.chance(0.7):
        tensors = (*tensors, draw.tensor(out))
    return Setting("linear", F.linear, tensors)


def matmul(draw: Draw) -> Setting:
    """``@`` of vectors, matrices and batches that are broadcast."""
    n, k, m = draw.sizes(3, 1, 5)
    batch = draw.sizes(draw.size(0, 2), 1, 3)
    thin = tuple(1 if draw.chance(0.3) else size for size in batch)
    short = batch[draw.size(0, len(batch)) :]
    a = draw.one([(k,), (n, k), (*batch, n, k), (*thin, n, k)])
    b = draw.one([(k,), (k, m), (*batch, k, m), (*short, k, m)])
    op = draw.one([torch.matmul, lambda x, y: x @ y])
    return Setting("matmul", op, (draw.tensor(*a), draw.tensor(*b)))


def strict(draw: Draw) -> Setting:
    """Products that take one number of axes alone."""
    n, k, m, batch = draw.sizes(4, 1, 5)
    name = draw.one(["mm", "bmm", "mv", "dot", "outer"])
    shapes = {
        "mm": ((n, k), (k, m)),
        "bmm": ((batch, n, k), (batch, k, m)),
        "mv": ((n, k), (k,)),
        "dot": ((k,), (k,)),
        "outer": ((n,), (m,)),
    }[name]
    tensors = tuple(draw.tensor(*shape) for shape in shapes)
    return Setting(name, getattr(torch, name), tensors)


def added(draw: Draw) -> Setting:
    """A product and what it is added to, each with its factor."""
    n, k, m, batch = draw.sizes(4, 1, 4)
    name = draw.one(["addmm", "baddbmm", "addmv"])
    start = {
        "addmm": draw.one([(n, m), (m,), (1, m), (n, 1)]),
        "baddbmm": draw.one([(batch, n, m), (m,), (1, 1, m)]),
        "addmv": draw.one([(n,), (1,)]),
    }[name]
    shapes = {
        "addmm": ((n, k), (k, m)),
        "baddbmm": ((batch, n, k), (batch, k, m)),
        "addmv": ((n, k), (k,)),
    }[name]
    tensors = tuple(draw.tensor(*shape) for shape in (start, *shapes))
    settings = {}
    if draw.chance():
        settings["alpha"] = draw.number(-2, 2)
    if draw.chance():
        settings["beta"] = draw.number(-2, 2)
    return Setting(name, getattr(torch, name), tensors, settings)


def attention(draw: Draw) -> Setting:
    """Scaled dot products, causal or not, with masks and scales of their own."""
    lead = draw.sizes(draw.size(0, 2), 1, 2)
    long, other, inside, out = draw.sizes(4, 1, 4)
    causal = draw.chance(0.3)
    tensors = [
        draw.tensor(*lead, long, inside),
        draw.tensor(*lead, other, inside),
        draw.tensor(*lead, other, out),
    ]
    settings: dict[str, object] = {"is_causal": causal}
    if not causal and draw.chance(0.3):
        mask = draw.bools(long, other)
        mask[:, 0] = True
        tensors.append(mask if draw.chance() else draw.tensor(long, other))
    if draw.chance(0.3):
        settings["scale"] = draw.number(0.1, 2)
    return Setting(
        "scaled_dot_product_attention", F.scaled_dot_product_attention, tuple(tensors), settings
    )


def embedding(draw: Draw) -> Setting:
    """Rows of a table."""
    count = draw.size(2, 6)
    where = draw.whole(count, *draw.sizes(draw.size(0, 2), 1, 4))
    return Setting("embedding", F.embedding, (where, draw.tensor(count, draw.size(1, 4))))


FAMILIES = {
    "linear": (linear, 120),
    "matmul": (matmul, 150),
    "strict products": (strict, 100),
    "added products": (added, 100),
    "attention": (attention, 100),
    "embedding": (embedding, 50),
}
