"""What happened to ``.grad`` and the weights, from event to event, as chips in reading order."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF

from lenet_viz.display import numbers
from lenet_viz.panels.ledger_items import Chip
from lenet_viz.panels.ledger_numbers import Index, LedgerRow, grad_after
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import text_font
from lenet_viz.panels.why_column import Layout
from lenet_viz.panels.why_items import Hit, Item, Sign
from lenet_viz.session.ledger import Event, Happened

HIGH = 34.0
ARROW = 14.0


def add_timeline(
    layout: Layout, events: Sequence[Event], row: LedgerRow, index: Index | None
) -> None:
    """Add the events and what each left of one element's ``.grad``.

    Args:
        layout: where they stand.
        events: the newest last.
        row: the tensor.
        index: which element; None where the tensor is empty.
    """
    if not events:
        return
    layout.text(
        formatted("Ledger", "What happened to {name}", name=name_of(row, index)),
        text_font(9, bold=True),
        gap=4,
    )
    items: list[Item] = []
    x, y = 0.0, 0.0
    for number, event in enumerate(events):
        title, left = title_of(event), _left(event, row, index)
        wide = min(layout.width - ARROW, Chip.wide(title, left))
        if number and x + ARROW + wide > layout.width:
            x, y = 0.0, y + HIGH + 4
        if number:
            items.append(Sign(QRectF(x, y, ARROW, HIGH), text="›"))
            x += ARROW
        broken = event.kind is Happened.ZERO_GRAD and not row.is_input
        role = {Happened.UPDATE: "accent", Happened.BACKWARD: "muted"}.get(event.kind, "line")
        chip = Chip(QRectF(x, y, wide, HIGH), title=title, left=left, role=role, broken=broken)
        chip.hits = [Hit(chip.rect, _nothing, _tip(event, row))]
        items.append(chip)
        x += wide
    layout.add(items, y + HIGH, gap=10)


def _nothing() -> None:
    """Do nothing: a chip only has something to say."""


def name_of(row: LedgerRow, index: Index | None) -> str:
    """Return the name of one element's ``.grad``, such as ``conv1.bias.grad[3]``."""
    inside = "" if not index else f"[{', '.join(map(str, index))}]"
    return f"{row.label}.grad{inside}"


def title_of(event: Event) -> str:
    """Return what an event is called."""
    if event.kind is Happened.UPDATE:
        number = 0 if event.updated is None else event.updated.number
        return formatted("Ledger", "Update {number}", number=number)
    words = {
        Happened.FORWARD: translate("Ledger", "Forward"),
        Happened.ZERO_GRAD: "zero_grad",
        Happened.BACKWARD: translate("Ledger", "Backward"),
    }
    return words[event.kind]


def _left(event: Event, row: LedgerRow, index: Index | None) -> str:
    """Return what an event left, in a few characters."""
    if event.kind is Happened.UPDATE:
        return translate("Ledger", ".grad stays")
    if event.kind is Happened.ZERO_GRAD and row.is_input:
        return translate("Ledger", "left alone")
    if index is None or not row.written_out or not row.countable:
        return ".grad"
    found = grad_after(event, row, index)
    if found is None:
        return "None"
    sign = {Happened.FORWARD: "=", Happened.BACKWARD: "→", Happened.ZERO_GRAD: "→"}[event.kind]
    return f"{sign} {numbers.text(found, 4, plus=True)}"


def _tip(event: Event, row: LedgerRow) -> str:
    """Return the sentence about an event."""
    run = event.run
    if event.kind is Happened.ZERO_GRAD:
        if row.is_input:
            return translate(
                "Ledger",
                "net.zero_grad() clears the parameters' .grad alone: the input is no parameter, "
                "so its .grad goes on adding up.",
            )
        return translate("Ledger", "net.zero_grad() sets every parameter's .grad to None, not to 0")
    if event.kind is Happened.FORWARD:
        return formatted("Ledger", "Run {run}: a forward pass changes no .grad", run=run)
    if event.kind is Happened.UPDATE:
        return formatted(
            "Ledger",
            "optimizer.step() after run {run}: the weights change, .grad stays until zero_grad",
            run=run,
        )
    return formatted(
        "Ledger",
        "Run {run}: backward adds its gradient; the parameters' .grad now adds up {passes} passes",
        run=run,
        passes=event.passes,
    )
