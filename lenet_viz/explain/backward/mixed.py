"""Ops of several tensors that fit nowhere else: PReLU, GLU, addcmul, normalize, einsum."""

from itertools import chain
from math import prod

import numpy as np

from lenet_viz.explain.backward.broadcast import shrunk, stretched
from lenet_viz.explain.backward.parts import (
    folded,
    one_term,
    picked,
    through,
    worked_out,
)
from lenet_viz.explain.backward.pull import CannotTell, Pull, Rule
from lenet_viz.explain.operands import Call, Operand, Path
from lenet_viz.explain.terms import Indices


def _prelu(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    x, weight = call.operand("input"), call.operand("weight")
    if x is None or weight is None:
        raise CannotTell
    title, name = through(call.step.name), "1 if x > 0 else w"
    channels = len(weight.shape) == 1 and weight.shape[0] > 1
    if path == ("input",):
        place = (index[1],) if channels else (0,) * len(weight.shape)
        here = float(picked(x.array, np.asarray(index, np.int64)))
        slope = 1.0 if here > 0 else float(weight.array[place])
        return (one_term(title, index, (worked_out("dy/dx", slope),), f"g[x] = g[y] · ({name})"),)
    if path != ("weight",):
        raise CannotTell
    axes = [np.arange(size) for size in x.shape]
    if channels:
        axes[1] = np.asarray([index[0]])
    mesh = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1) if axes else np.zeros((0,), int)
    reached = folded(np.asarray(mesh, np.int64))
    values = np.minimum(picked(x.array, reached), 0.0)
    factor = worked_out("min(x, 0)", values, values.shape)
    return (Pull((title,), reached, (factor,), "g[w] = Σ g[y] · min(x, 0)"),)


def _glu(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    """Return the rule of ``a · σ(b)``, where a and b are the input's halves."""
    x, dim = call.operand("input"), call.step.literal("dim", -1)
    if x is None or path != ("input",) or not isinstance(dim, int):
        raise CannotTell
    axis = dim % len(index)
    half = x.shape[axis] // 2
    first = index[axis] < half
    reached = tuple(one % half if n == axis else one for n, one in enumerate(index))
    other = tuple(
        one + (half if first else -half) if n == axis else one for n, one in enumerate(index)
    )
    a, b = (float(x.array[place]) for place in ((index, other) if first else (other, index)))
    gate = 0.5 * (1 + np.tanh(b / 2))
    slope = float(gate if first else a * gate * (1 - gate))
    formula = "σ(b)" if first else "a·σ(b)·(1 - σ(b))"
    factor = (worked_out("d", slope),)
    title = through(call.step.name)
    return (one_term(title, reached, factor, f"g[x] = g[y] · {formula}", rounding=abs(a) + 1),)


def _add_product(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    own, first, second = (call.operand(*path), call.operand("tensor1"), call.operand("tensor2"))
    value = call.step.literal("value", 1)
    if own is None or first is None or second is None or not isinstance(value, int | float):
        raise CannotTell
    reached = folded(stretched(own.shape, index, call.step.shape))
    a = picked(first.array, shrunk(reached, first.shape))
    b = picked(second.array, shrunk(reached, second.shape))
    divides = call.op == "addcdiv"
    slopes = {
        "input": np.ones(a.shape),
        "tensor1": value / b if divides else value * b,
        "tensor2": -value * a / b**2 if divides else value * a,
    }
    if path[0] not in slopes:
        raise CannotTell
    factor = worked_out("d", slopes[str(path[0])], a.shape)
    formula = "y = x + value · a / b" if divides else "y = x + value · a · b"
    return (Pull((through(call.step.name),), reached, (factor,), formula),)


def _normalize(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    x, dim = call.operand("input"), call.step.literal("dim", 1)
    if x is None or path != ("input",) or not isinstance(dim, int):
        raise CannotTell
    eps = call.step.literal("eps", 1e-12)
    if call.step.literal("p", 2.0) != 2 or not isinstance(eps, int | float):
        raise CannotTell
    axis = dim % len(index)
    row: Indices = np.tile(np.asarray(index, np.int64), (x.shape[axis], 1))
    row[:, axis] = np.arange(x.shape[axis])
    length = float(np.sqrt((picked(x.array, row) ** 2).sum()))
    if length <= eps:
        raise CannotTell
    output = call.output().activation
    y = picked(output, row)
    same = (np.arange(len(row)) == index[axis]) - y * y[index[axis]]
    return (
        Pull(
            (through(call.step.name),),
            row[None],
            (
                worked_out("δ - y·y[i]", same, (1, len(row))),
                worked_out("1/|x|", 1 / length, (1, len(row))),
            ),
            "g[x, i] = Σ_j g[y, j] · (δ[i,j] - y[i]·y[j]) / |x|",
            rounding=1 / length,
        ),
    )


def _einsum(call: Call, path: Path, index: tuple[int, ...]) -> tuple[Pull, ...]:
    """Return the rule of ``einsum``: every term that holds the element."""
    names, operands, result = _letters(call)
    own = next((n for n, each in enumerate(operands) if each.path == path), None)
    if own is None or len(set(names[own])) != len(names[own]) or len(set(result)) != len(result):
        raise CannotTell
    sizes: dict[str, int] = {}
    for name, operand in zip(names, operands, strict=True):
        for letter, size in zip(name, operand.shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
            if sizes[letter] != size:
                raise CannotTell  # a size of 1 that is stretched
    fixed = dict(zip(names[own], index, strict=True))
    # The output's letters first, so that a block's rows belong to one output.
    free = [letter for letter in dict.fromkeys(chain(result, *names)) if letter not in fixed]
    count = prod(sizes[letter] for letter in free)
    mesh = np.indices([sizes[letter] for letter in free]).reshape((len(free), count))
    places = {letter: mesh[n] for n, letter in enumerate(free)}

    def at(name: str) -> Indices:
        parts = [
            np.full(count, fixed[letter]) if letter in fixed else places[letter] for letter in name
        ]
        stacked = np.stack(parts, axis=-1) if parts else np.zeros((count, 0))
        return np.asarray(stacked, np.int64)[None]

    values = np.ones((1, count))
    for n, (name, operand) in enumerate(zip(names, operands, strict=True)):
        if n != own:
            values = values * picked(operand.array, at(name))
    factor = worked_out("w", values, values.shape)
    formula = f"einsum {','.join(names)}->{result}"
    return (Pull((through(call.step.name),), at(result), (factor,), formula),)


def _letters(call: Call) -> tuple[list[str], list[Operand], str]:
    equation = call.step.literal("0") or call.step.literal("equation")
    operands = list(call.operands())
    if not isinstance(equation, str) or "." in equation:
        raise CannotTell
    inputs, arrow, result = equation.replace(" ", "").partition("->")
    names = inputs.split(",")
    if not arrow:
        letters = sorted(set(inputs) - {","})
        result = "".join(each for each in letters if inputs.count(each) == 1)
    fits = len(names) == len(operands) and all(
        len(name) == len(operand.shape) for name, operand in zip(names, operands, strict=True)
    )
    if not fits:
        raise CannotTell
    return names, operands, result


RULES: dict[str, Rule] = {
    "prelu": _prelu,
    "glu": _glu,
    "addcmul": _add_product,
    "addcdiv": _add_product,
    "normalize": _normalize,
    "einsum": _einsum,
}
