"""Shapes of matrix products and of what is made of them: linear, attention, embedding."""

from collections.abc import Mapping

from lenet_viz.explain.ledger.called import Called, Rule, Shape, ShapeLedger, box, product
from lenet_viz.explain.ledger.each import stretched
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def linear(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``linear``: a weighted sum along the last axis."""
    shape, weight = called.input, called.shape("weight")
    if not shape or weight is None or len(weight) != 2 or shape[-1] != weight[1]:
        return None
    outputs, inputs = weight
    lead = f"{shape[0]}×" if len(shape) == 2 else "" if len(shape) == 1 else "…×"
    plus = "" if called.shape("bias") is None else " + b"
    note = QT_TRANSLATE_NOOP(
        "Shape", "Each of the {outputs} outputs is a weighted sum of all {inputs} inputs."
    )
    return ShapeLedger(
        formulas=(f"x[{lead}{inputs}] · Wᵀ[{inputs}×{outputs}]{plus} = [{lead}{outputs}]",),
        notes=(message("Shape", note, outputs=outputs, inputs=inputs),),
        gives=(*shape[:-1], outputs),
    )


def matrices(left: Shape, right: Shape) -> Shape | None:
    """Return the shape of a matrix product as torch's ``matmul`` has it; None where none fits.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.matmul.html
    """
    if not left or not right:
        return None
    rows = () if len(left) == 1 else left[-2:-1]
    columns = () if len(right) == 1 else right[-1:]
    inner = right[0] if len(right) == 1 else right[-2]
    batch = stretched((left[:-2], right[:-2]))
    return None if batch is None or left[-1] != inner else (*batch, *rows, *columns)


def multiplied(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``matmul``, ``mm``, ``bmm``, ``mv`` and ``dot``."""
    shapes = called.shapes()
    if len(shapes) != 2:
        return None
    left, right = shapes
    gives = matrices(left, right)
    if gives is None:
        return None
    template = QT_TRANSLATE_NOOP(
        "Shape",
        "Rows times columns: the {inner} in the middle are added up and go; axes before the last "
        "two are a batch.",
    )
    return ShapeLedger(
        formulas=(f"{box(left)} · {box(right)} = {box(gives)}",),
        notes=(message("Shape", template, inner=left[-1]),),
        gives=gives,
    )


def added_product(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``addmm``, ``addmv`` and ``baddbmm``."""
    shapes = called.shapes()
    if len(shapes) != 3:
        return None
    first, left, right = shapes
    gives = matrices(left, right)
    if gives is None:
        return None
    formula = f"{box(first)} + {box(left)} · {box(right)} = {box(gives)}"
    return ShapeLedger(formulas=(formula,), gives=gives)


def einsum(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``einsum``: each letter is an axis; those left out are added up."""
    equation = called.step.literal("0", called.step.literal("equation"))
    shapes = called.shapes()
    if not isinstance(equation, str) or "..." in equation or "->" not in equation:
        return None
    text = equation.replace(" ", "")
    sides, _, out = text.partition("->")
    terms = sides.split(",")
    if len(terms) != len(shapes) or any(
        len(term) != len(shape) for term, shape in zip(terms, shapes, strict=True)
    ):
        return None
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for letter, size in zip(term, shape, strict=True):
            if sizes.get(letter, 1) == 1:
                sizes[letter] = size
    gives = tuple(sizes[letter] for letter in out)
    summed = [letter for letter in sizes if letter not in out]
    template = QT_TRANSLATE_NOOP("Shape", "{equation}: {letters} are added up.")
    notes = (
        (message("Shape", template, equation=equation, letters=", ".join(summed)),)
        if summed
        else ()
    )
    operands = " · ".join(f"{term}{box(shape)}" for term, shape in zip(terms, shapes, strict=True))
    return ShapeLedger(formulas=(f"{operands} = {out}{box(gives)}",), notes=notes, gives=gives)


def bilinear(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``bilinear``."""
    left, right, weight = called.shape("input1"), called.shape("input2"), called.shape("weight")
    if not left or not right or weight is None or len(weight) != 3:
        return None
    gives = (*left[:-1], weight[0])
    return ShapeLedger(
        formulas=(f"{box(left)} · W{box(weight)} · {box(right)} = {box(gives)}",), gives=gives
    )


def outer(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``outer``: every pair of two vectors."""
    shapes = called.shapes()
    if len(shapes) != 2 or any(len(shape) != 1 for shape in shapes):
        return None
    gives = (*shapes[0], *shapes[1])
    return ShapeLedger(
        formulas=(f"{box(shapes[0])} · {box(shapes[1])}ᵀ = {box(gives)}",), gives=gives
    )


def attention(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``scaled_dot_product_attention``.

    Source: https://docs.pytorch.org/docs/stable/generated/
    torch.nn.functional.scaled_dot_product_attention.html
    """
    query, key, value = (called.shape(name) for name in ("query", "key", "value"))
    if query is None or key is None or value is None or min(map(len, (query, key, value))) < 2:
        return None
    turned = (*key[:-2], key[-1], key[-2])
    if called.step.literal("enable_gqa"):
        return None
    scores = matrices(query, turned)
    gives = None if scores is None else matrices(scores, value)
    if scores is None or gives is None:
        return None
    note = QT_TRANSLATE_NOOP(
        "Shape",
        "Each of the {queries} queries has one weight for each of the {keys} keys; softmax makes "
        "them add up to 1, and the values are added with them.",
    )
    return ShapeLedger(
        formulas=(
            f"q{box(query)} · kᵀ{box(turned)} = {box(scores)}",
            f"{box(scores)} · v{box(value)} = {box(gives)}",
        ),
        notes=(message("Shape", note, queries=query[-2], keys=key[-2]),),
        gives=gives,
    )


def many_heads(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``multi_head_attention_forward``.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html,
    "Shapes", with the batch as second axis.
    """
    query, key, heads = called.shape("query"), called.shape("key"), called.number("num_heads")
    if query is None or key is None or not heads or len(query) not in (2, 3):
        return None
    features = query[-1]
    queries, keys = query[0], key[0]
    batch = f"{query[1]}×" if len(query) == 3 else ""
    each = features // heads
    note = QT_TRANSLATE_NOOP(
        "Shape",
        "Each of the {heads} heads compares {queries} queries with {keys} keys; the heads' outputs "
        "lie side by side and are mixed by out_proj.",
    )
    lead = f"{batch}{heads}×"
    return ShapeLedger(
        formulas=(
            f"each head: {features}/{heads} = {each}",
            f"q[{lead}{queries}×{each}] · kᵀ[{lead}{each}×{keys}] = [{lead}{queries}×{keys}]",
            f"[{lead}{queries}×{keys}] · v[{lead}{keys}×{each}] = [{lead}{queries}×{each}]",
            f"side by side: {heads}·{each} = {features}",
        ),
        notes=(message("Shape", note, heads=heads, queries=queries, keys=keys),),
        gives=query,
    )


def looked_up(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``embedding``: each index picks a row of the table."""
    indices, table = called.input, called.shape("weight")
    if indices is None or table is None or len(table) != 2:
        return None
    bag = called.op == "embedding_bag"
    if bag and len(indices) != 2:
        return None
    gives = (indices[0], table[1]) if bag else (*indices, table[1])
    if bag:
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "Each index picks one of the {rows} rows of {width} numbers; a bag's rows become one.",
        )
        note = message("Shape", template, rows=table[0], width=table[1])
    else:
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "Each of the {count} indices picks one of the {rows} rows of {width} numbers.",
        )
        note = message("Shape", template, count=product(indices), rows=table[0], width=table[1])
    return ShapeLedger(
        formulas=(f"W{box(table)} at {box(indices)} → {box(gives)}",), notes=(note,), gives=gives
    )


RULES: Mapping[str, Rule] = {
    "linear": linear,
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot", "vdot"), multiplied),
    **dict.fromkeys(("addmm", "addmv", "baddbmm"), added_product),
    "einsum": einsum,
    "bilinear": bilinear,
    **dict.fromkeys(("outer", "ger"), outer),
    "scaled_dot_product_attention": attention,
    "multi_head_attention_forward": many_heads,
    **dict.fromkeys(("embedding", "embedding_bag"), looked_up),
}
