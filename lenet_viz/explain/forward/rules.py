"""Which rule explains which op's values."""

from collections.abc import Mapping
from typing import Final

from lenet_viz.explain.copies import COPIES
from lenet_viz.explain.forward import (
    attention,
    binary,
    choices,
    class_losses,
    contractions,
    convolution,
    elementwise,
    losses,
    moments,
    moved,
    normalisation,
    pooling,
    products,
    reductions,
    resampling,
    softmax,
    written,
)
from lenet_viz.explain.forward.finding import CannotSay, Finding, Index, Rule
from lenet_viz.explain.operands import Call
from lenet_viz.explain.windows import AVERAGE_POOLS, CONVOLUTIONS, MAX_POOLS, TRANSPOSED


def _power(call: Call, output: int, index: Index) -> Finding:
    """Return how a power was made, of a plain exponent or of a tensor."""
    plain = any(isinstance(call.step.literal(n), int | float) for n in ("exponent", "1", "other"))
    base = any(True for operand in call.operands() if operand.shape == call.step.shape)
    if plain and base:
        try:
            return elementwise.elementwise(call, output, index)
        except CannotSay:
            pass
    return binary.worked_out(call, output, index)


def _largest(call: Call, output: int, index: Index) -> Finding:
    """Return the larger of two tensors' numbers, the largest of many, or its place."""
    if call.operand("other") is not None and len(call.step.outputs) == 1:
        return binary.worked_out(call, output, index)
    return moments.place(call, output, index) if output else reductions.extreme(call, output, index)


RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(binary.WORKED, binary.worked_out),
    **dict.fromkeys(elementwise.WORK, elementwise.elementwise),
    **dict.fromkeys(COPIES, moved.moved),
    **dict.fromkeys(CONVOLUTIONS | TRANSPOSED, convolution.convolution),
    **dict.fromkeys(MAX_POOLS, pooling.max_pool),
    **dict.fromkeys(AVERAGE_POOLS, pooling.average_pool),
    **dict.fromkeys(losses.PAIRWISE, losses.pairwise),
    **dict.fromkeys(("cross_entropy", "nll_loss"), class_losses.class_loss),
    **dict.fromkeys(("add", "radd", "sub", "subtract", "rsub"), binary.added),
    **dict.fromkeys(("mul", "multiply", "rmul"), binary.multiplied),
    **dict.fromkeys(("true_divide", "divide"), binary.worked_out),
    **dict.fromkeys(("matmul", "bmm", "mm", "mv", "dot", "rmatmul"), products.matmul),
    **dict.fromkeys(("addmm", "baddbmm", "addmv"), products.added_product),
    **dict.fromkeys(("softmax", "log_softmax", "softmin"), softmax.softmax),
    **dict.fromkeys(("sum", "mean"), reductions.summed),
    **dict.fromkeys(("amax", "amin"), reductions.extreme),
    **dict.fromkeys(("max", "min"), _largest),
    **dict.fromkeys(("argmax", "argmin"), moments.place),
    **dict.fromkeys(("var", "std"), moments.spread),
    **dict.fromkeys(("norm", "linalg_vector_norm", "linalg_norm"), moments.norm),
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d"), elementwise.dropout),
    **dict.fromkeys(("clamp", "clip", "clamp_min", "clamp_max"), choices.clamp),
    **dict.fromkeys(("outer", "ger"), choices.outer),
    **dict.fromkeys(("interpolate", "upsample"), resampling.interpolate),
    "where": choices.where,
    "setitem": written.set_item,
    "copy": written.copied_in,
    "alias": written.aliased,
    **dict.fromkeys(("fill", "zero"), written.filled),
    "einsum": contractions.einsum,
    "rms_norm": normalisation.rms_norm,
    "normalize": normalisation.unit_length,
    "masked_fill": choices.masked_fill,
    "lerp": choices.lerp,
    "addcmul": choices.added_product,
    "addcdiv": choices.added_quotient,
    "glu": choices.glu,
    "prelu": choices.prelu,
    "prod": moments.product,
    "logsumexp": moments.log_sum,
    "cumsum": moments.running_sum,
    "linear": products.linear,
    "gelu": elementwise.gelu,
    "batch_norm": normalisation.batch_norm,
    "layer_norm": normalisation.layer_norm,
    "group_norm": normalisation.group_norm,
    "instance_norm": normalisation.instance_norm,
    "embedding": moved.embedding,
    "scaled_dot_product_attention": attention.attention,
    "pow": _power,
}
"""By torch's name of the op, without the underscore of its in-place form."""
