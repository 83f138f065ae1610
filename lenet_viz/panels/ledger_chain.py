"""One element's way through a pass and an update: ``.grad`` adds up, then the weight moves."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, Qt

from lenet_viz.capture.address import Address, Side
from lenet_viz.display import numbers
from lenet_viz.display.sums import add_up, decimals_that_add_up, shown
from lenet_viz.explain.update import Accumulation, Change
from lenet_viz.network.optimiser import ADAM
from lenet_viz.panels.ledger_items import Cell
from lenet_viz.panels.ledger_numbers import Index, LedgerRow, Step
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.panels.theme import code_font, text_font
from lenet_viz.panels.why_column import Layout
from lenet_viz.panels.why_items import Ground, Hit, Item, Sign, Text

HEAD = 15.0
HIGH = 25.0
SIGN = 17.0
WIDEST = 150.0
MOST, SEEN = 13, 10
"""Decimals: the same gradient twice is twice as much as it is written, a small step is seen."""
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

Ask = Callable[[Address], None]


@dataclass(frozen=True)
class Part:
    """One number of a sum as it is shown.

    Attributes:
        sign: what stands before it; "" for nothing.
        title: what it is.
        value: the number; None for None.
        text: how it is written.
        address: what a click asks about; None for nothing.
        expected: whether it is worked out here, not torch's own.
    """

    sign: str
    title: str
    value: float | None
    text: str
    address: Address | None = None
    expected: bool = False


def add_chain(layout: Layout, row: LedgerRow, index: Index | None, ask: Ask) -> None:
    """Add everything of one element.

    Args:
        layout: where it stands.
        row: the tensor.
        index: which element; None where the tensor is empty.
        ask: called with the number that is clicked.
    """
    if index is None:
        layout.text(translate("Ledger", "This tensor is empty: it has no numbers."), text_font(9))
        return
    if not row.written_out:
        words = translate("Ledger", "Complex numbers are not written out here.")
        layout.text(words, text_font(9), "muted")
        return
    found = row.accumulated(index)
    if found.this is None:
        _heading(layout, translate("Ledger", "Its .grad"))
    else:
        _heading(layout, translate("Ledger", "Backward adds to .grad"))
    _sum(layout, _grad_parts(row, index, found), ask)
    layout.text(translated(found.headline), text_font(8.5), "muted", gap=8)
    if row.is_input:
        layout.text(
            translate(
                "Ledger",
                "zero_grad and the optimiser are given net.parameters(); the input is none of "
                "them. Its .grad is not cleared and it is not updated.",
            ),
            text_font(9),
        )
        return
    done = row.changed(index)
    if done is not None and row.step is not None:
        _add_update(layout, row, index, row.step, done, ask)


def _grad_parts(row: LedgerRow, index: Index, found: Accumulation) -> list[Part]:
    known = [one for one in (found.before, found.this) if one is not None]
    decimals = _decimals(known, 0.0 if found.after is None else found.after)
    asked = row.address(index, Side.GRADIENT)

    def written(value: float | None) -> str:
        return "None" if value is None else shown(value, decimals)

    if found.this is None:  # there is nothing to add, and None + None is no sum
        return [Part("", ".grad", found.after, written(found.after))]
    return [
        Part("", translate("Ledger", ".grad before"), found.before, written(found.before)),
        Part("+", translate("Ledger", "this pass"), found.this, written(found.this), asked),
        # What a click explains is one pass's gradient, which a sum of several is not.
        Part(
            "=",
            ".grad",
            found.after,
            written(found.after),
            asked if found.before is None else None,
        ),
    ]


def _add_update(
    layout: Layout, row: LedgerRow, index: Index, step: Step, done: Change, ask: Ask
) -> None:
    _heading(layout, _update_title(step, done))
    if done.grad is None:
        words = translate(
            "Ledger", "Its .grad is None, so the optimiser passes it by: nothing changes."
        )
        layout.text(words, text_font(9))
        return
    _add_memory(layout, row, index, step, done)
    _sum(layout, _weight_parts(row, index, step, done), ask)
    _add_comparison(layout, row, step, done)
    ground = Ground(QRectF(0, layout.y, layout.width, 10))
    layout.items.append(ground)
    start, layout.y = layout.y, layout.y + 6
    for line in done.lines:
        value = numbers.text(np.float64(line.value), 6)
        text = f"{line.left} = {line.right} = {value}"
        layout.text(text, code_font(8.5), indent=8, gap=2)
    layout.y += 5
    ground.rect.setHeight(layout.y - start)
    layout.y += 6


def _update_title(step: Step, done: Change) -> str:
    if done.grad is None:
        return (
            translate("Ledger", "The update")
            if step.made
            else translate("Ledger", "The next update")
        )
    if step.made:
        return translate("Ledger", "The update moved the weight")
    return translate("Ledger", "The next update would move the weight")


def _weight_parts(row: LedgerRow, index: Index, step: Step, done: Change) -> list[Part]:
    after = done.total if done.captured is None else done.captured
    decimals = _decimals([done.weight, -done.shift], after)
    moved = translate("Ledger", "lr · step") if step.choice.kind != "sgd" else "lr · g"
    # The run shows the weight that it had, which is w only until the first update.
    run_value = row.tensor.value[index] if hasattr(row.tensor, "value") else None
    same = run_value is not None and float(run_value) == done.weight
    weight = row.address(index, Side.ACTIVATION) if same else None
    return [
        Part("", "w", done.weight, shown(done.weight, decimals), weight),
        Part("-", moved, done.shift, shown(done.shift, decimals)),
        Part("=", "w'", after, shown(after, decimals), None, not step.made),
    ]


_MEMORIES = {"momentum_buffer": "b", "exp_avg": "m", "exp_avg_sq": "v"}


def _add_memory(layout: Layout, row: LedgerRow, index: Index, step: Step, done: Change) -> None:
    """Add what the optimiser remembered before and remembers now, a line each."""
    old = row.remembered(index, step.memory)
    new: dict[str, float] = dict(done.memory)
    if step.memory_after is not None:
        new |= row.remembered(index, step.memory_after)
    names = {
        "momentum_buffer": translate("Ledger", "momentum buffer b"),
        "exp_avg": translate("Ledger", "mean of the gradients m"),
        "exp_avg_sq": translate("Ledger", "mean of their squares v"),
    }
    for name, symbol in _MEMORIES.items():
        if name not in new:
            continue
        before = old.get(name)
        value = _written(before)
        parts = [
            Part("", names[name], before, value),
            Part("→", f"{symbol}'", new[name], _written(new[name]), None, not step.made),
        ]
        _sum(layout, parts, lambda address: None)
    if step.choice.kind == ADAM and "step" in new:
        count = int(new["step"])
        layout.text(
            formatted("Ledger", "t = {count}: this is step {count} of Adam", count=count),
            text_font(8.5),
            "muted",
        )


def _written(value: float | None) -> str:
    return "None" if value is None else numbers.text(np.float64(value), 5, plus=True)


def _add_comparison(layout: Layout, row: LedgerRow, step: Step, done: Change) -> None:
    """Add how near torch's number is, or that there is none yet."""
    if done.captured is None:
        words = translate(
            "Ledger", "A preview, worked out here: Update (F7) has torch's optimiser do it."
        )
        if not step.possible:
            words = translate("Ledger", "A preview, worked out here: a record cannot be updated.")
        layout.text(words, text_font(8.5), "muted")
        return
    value = numbers.text(np.float64(done.captured), 7, plus=True)
    if done.difference == 0:
        words = formatted("Ledger", "torch's own w' = {value}: exactly equal", value=value)
    else:
        difference = f"{abs(done.difference):.0e}".replace("e-0", "e-")
        words = (
            formatted(
                "Ledger",
                "torch's own w' = {value}: equal but for rounding, difference {difference}",
                value=value,
                difference=difference,
            )
            if done.adds_up(row.tensor.dtype)
            else formatted(
                "Ledger",
                "torch's own w' = {value}: this arithmetic does not reach it, difference "
                "{difference}",
                value=value,
                difference=difference,
            )
        )
    layout.text(words, text_font(8.5), "good" if done.adds_up(row.tensor.dtype) else "warning")


def _decimals(addends: list[float], total: float) -> int:
    """Return decimals with which two addends make their sum, and the smaller one is seen in it."""
    sizes = [abs(one) for one in addends if one and math.isfinite(one)]
    seen = min(SEEN, 1 - math.floor(math.log10(min(sizes)))) if sizes else 0
    decimals = max(seen, decimals_that_add_up(addends, total, MOST))
    fitting = (one for one in range(decimals, MOST + 1) if add_up(addends, total, one))
    return next(fitting, decimals)


def _rounded(parts: list[Part]) -> bool:
    """Return whether a sum of two numbers is not quite what is written."""
    if len(parts) != 3 or any(one.value is None or not np.isfinite(one.value) for one in parts):
        return False
    first, second, total = (Decimal(one.text) for one in parts)
    return (first - second if parts[1].sign == "-" else first + second) != total


def _heading(layout: Layout, text: str) -> None:
    layout.text(text, text_font(9, bold=True), gap=3)


def _sum(layout: Layout, parts: list[Part], ask: Ask) -> None:
    """Add numbers side by side, their signs between them."""
    signs = SIGN * (len(parts) - 1)
    wide = min(WIDEST, (layout.width - signs) / max(3, len(parts)))
    items: list[Item] = []
    x = 0.0
    sizes = [abs(part.value) for part in parts if part.value is not None]
    most = max((size for size in sizes if np.isfinite(size)), default=1.0)
    for part in parts:
        if part.sign:
            items.append(Sign(QRectF(x, HEAD, SIGN, HIGH), text=part.sign))
            x += SIGN
        room = QRectF(x, 0, wide + SIGN, HEAD)
        items.append(Text(room, text=part.title, font=text_font(8), role="muted", flags=_LEFT))
        rect = QRectF(x, HEAD, wide, HIGH)
        cell = Cell(rect, value=part.value, text=part.text, most=most, expected=part.expected)
        if part.address is not None and part.value is not None:
            tip = formatted("Ledger", "{value}: click to ask why", value=numbers.exact(part.value))
            cell.hits = [Hit(rect, partial(ask, part.address), tip, part.address)]
        items.append(cell)
        x += wide
    layout.add(items, HEAD + HIGH, gap=5)
    if _rounded(parts):
        words = translate("Ledger", "Rounded: the last digits do not quite add up.")
        layout.text(words, text_font(8.5), "muted")
