"""Where everything of an answer stands in the Why panel, for a width."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from lenet_viz.capture.records import Capture
from lenet_viz.display.sums import decimals_that_add_up, shown
from lenet_viz.explain.terms import Answer, Block, Explanation, How, Unexplained
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.panels.theme import code_font, text_font
from lenet_viz.panels.why_blocks import block_items, order_of
from lenet_viz.panels.why_column import Acts, Layout, Look
from lenet_viz.panels.why_items import Arrow, Ground, Hit, Text
from lenet_viz.panels.why_pictures import picture_items
from lenet_viz.panels.why_words import field_words

ROWS_SHOWN = 14
"""So many blocks have a row; the smaller ones are summed up in one more until it is clicked."""
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def laid_out(capture: Capture, answer: Answer, look: Look, width: float, acts: Acts) -> Layout:
    """Return everything of an answer for a width in logical pixels."""
    layout = Layout(width)
    _headline(layout, answer)
    if isinstance(answer, Unexplained):
        return layout
    if answer.verdict is not None:
        _band(layout, translated(answer.verdict), "accent_ground", "warning")
    pictures, height = picture_items(
        capture, answer, _pictured(answer, look), width, acts, look.reached
    )
    if pictures:
        layout.add(pictures, height)
    _rows(layout, capture, answer, look, acts)
    _working(layout, answer)
    for note in answer.notes:
        layout.text(translated(note), text_font(9), "muted")
    seen = field_words(capture, answer.asked)
    if seen:
        layout.text(seen, text_font(9), "muted")
    _formula(layout, answer, look, acts)
    return layout


def unfolded_first(answer: Answer | None, *, paper: bool = False) -> frozenset[int]:
    """Return the blocks that are unfolded at first: the only one that has several terms.

    On paper, where nobody can unfold any, the largest one is.
    """
    if not isinstance(answer, Explanation):
        return frozenset()
    several = [at for at, block in enumerate(answer.blocks) if block.products.size > 1]
    if paper and several:
        return frozenset({max(several, key=lambda at: abs(answer.blocks[at].total))})
    return frozenset(several) if len(several) == 1 else frozenset()


def _pictured(answer: Explanation, look: Look) -> Block | None:
    """Return the block whose maps are drawn: the one unfolded, else the largest."""
    if not answer.blocks:
        return None
    opened = [answer.blocks[at] for at in sorted(look.open) if at < len(answer.blocks)]
    if opened:
        return opened[-1]
    return max(answer.blocks, key=lambda block: (block.products.size > 1, abs(block.total)))


def _headline(layout: Layout, answer: Answer) -> None:
    if isinstance(answer, Unexplained):
        _band(layout, translated(answer.reason), "raised", "text")
        if answer.captured is not None:
            text = formatted("Why", "captured value {value}", value=_number(answer.captured))
            layout.text(text, code_font(9), "muted")
        return
    start = layout.y
    ground = Ground(QRectF(0, start, layout.width, 10))
    layout.items.append(ground)
    layout.y += 8
    layout.text(translated(answer.headline), text_font(11, bold=True), indent=10, gap=3)
    layout.text(
        _comparison(answer),
        text_font(8.5),
        "good" if answer.adds_up else "warning",
        indent=10,
        gap=8,
    )
    ground.rect.setHeight(layout.y - start)
    layout.y += 8


def _comparison(answer: Explanation) -> str:
    captured = _number(answer.captured)
    if answer.difference == 0:
        return formatted("Why", "captured value {value}: exactly equal", value=captured)
    difference = f"{abs(answer.difference):.0e}".replace("e-0", "e-").replace("e+00", "")
    if answer.adds_up:
        return formatted(
            "Why",
            "captured value {value}: equal but for rounding, difference {difference}",
            value=captured,
            difference=difference,
        )
    return formatted(
        "Why",
        "captured value {value}: this arithmetic does not reach it, difference {difference}",
        value=captured,
        difference=difference,
    )


def _number(value: float) -> str:
    from lenet_viz.display import numbers

    return numbers.text(np.float64(value), 6, plus=True)


def _band(layout: Layout, text: str, ground: str, role: str) -> None:
    start = layout.y
    item = Ground(QRectF(0, start, layout.width, 10), role=ground)
    layout.items.append(item)
    layout.y += 7
    layout.text(text, text_font(9.5), role, indent=10, gap=7)
    item.rect.setHeight(layout.y - start)
    layout.y += 8


def _rows(layout: Layout, capture: Capture, answer: Explanation, look: Look, acts: Acts) -> None:
    """Add a row for each block, unfolded ones with their terms."""
    blocks = answer.blocks
    if len(blocks) == 1 and answer.how is not How.WORKED_OUT:
        items, height = block_items(capture, answer, blocks[0], layout.width, acts)
        layout.add(items, height)
        return
    order = order_of(answer)
    several = len(blocks) > ROWS_SHOWN + 1
    named = order if look.all_blocks or not several else order[:ROWS_SHOWN]
    rest = [at for at in order if at not in named]
    totals = [blocks[at].total for at in named]
    left = float(sum(blocks[at].total for at in rest))
    decimals = decimals_that_add_up([*totals, left], float(sum(totals)) + left)
    for at in named:
        _row(layout, capture, answer, at, shown(blocks[at].total, decimals), look, acts)
    if rest:
        text = formatted("Why", "{count} smaller ones", count=len(rest))
        tip = translate("Why", "Click to see all of them")
        _line(layout, text, shown(left, decimals), acts.show_all, tip)
    if answer.how is How.SUM and len(blocks) > 1:
        text = translate("Why", "sum")
        _line(layout, text, shown(answer.total, decimals), None, "", bold=True)


def _row(
    layout: Layout,
    capture: Capture,
    answer: Explanation,
    at: int,
    total: str,
    look: Look,
    acts: Acts,
) -> None:
    block = answer.blocks[at]
    title = _title(capture, answer, block)
    opened = at in look.open
    tip = translate("Why", "Click to see its terms")
    single = block.products.size == 1
    if single:
        where = next(
            (f.at(()) for f in block.factors if f.address is not None and not f.values.shape), None
        )
        act = (lambda: acts.ask(where)) if where is not None else None
        _line(layout, title, total, act, "" if where is None else _ask_tip())
        return
    _line(layout, title, total, lambda: acts.toggle(at), tip, opened=opened)
    if opened:
        items, height = block_items(capture, answer, block, layout.width - 16, acts)
        for item in items:
            item.rect.moveLeft(item.rect.left() + 8)
            item.hits = [Hit(h.rect.translated(8, 0), h.act, h.tip, h.address) for h in item.hits]
        layout.add(items, height)


def _title(capture: Capture, answer: Explanation, block: Block) -> str:
    """Return a block's title, with the step it comes back through where there are several."""
    title = translated(block.title)
    if block.via is None or len({each.via for each in answer.blocks}) < 2:
        return title
    step = capture.steps[block.via].name
    if step in title:
        return title
    return formatted("Why", "{title} of {step}", title=title, step=step)


def _ask_tip() -> str:
    return translate("Why", "Click to ask why this number is what it is")


def _line(
    layout: Layout,
    text: str,
    total: str,
    act: Callable[[], None] | None,
    tip: str,
    *,
    bold: bool = False,
    opened: bool | None = None,
) -> None:
    high = 23.0
    rect = QRectF(0, layout.y, layout.width, high)
    layout.items.append(Ground(rect, role="accent_ground" if opened else "raised"))
    indent = 10.0
    if opened is not None:
        layout.items.append(Arrow(QRectF(6, layout.y, 14, high), open=opened))
        indent = 24.0
    font = text_font(9, bold=bold)
    wide = QFontMetricsF(code_font(9, bold=True)).horizontalAdvance(total) + 12
    room = QRectF(indent, layout.y, layout.width - indent - wide - 8, high)
    elided = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    layout.items.append(Text(room, text=elided, font=font, flags=LEFT))
    right = QRectF(layout.width - wide - 8, layout.y, wide, high)
    layout.items.append(Text(right, text=total, font=code_font(9, bold=True), flags=RIGHT))
    if act is not None:
        layout.hits.append(Hit(rect, act, tip))
    layout.y += high + 3


def _working(layout: Layout, answer: Explanation) -> None:
    if not answer.working:
        return
    layout.y += 4
    for line in answer.working:
        value = _number(line.value).lstrip("+")
        same = line.right == value
        text = f"{line.left} = {line.right}" + ("" if same else f" = {value}")
        layout.text(text, code_font(9), gap=4, indent=4)
    layout.y += 4


def _formula(layout: Layout, answer: Explanation, look: Look, acts: Acts) -> None:
    if look.paper:
        layout.text(answer.formula, code_font(9), "muted", indent=4)
        return
    words = (
        translate("Why", "general formula ▾")
        if look.formula
        else translate("Why", "general formula ▸")
    )
    rect = layout.text(words, text_font(9), "muted", gap=3)
    tip = translate("Why", "The rule for every element, without numbers")
    layout.hits.append(Hit(rect, acts.show_formula, tip))
    if look.formula:
        layout.text(answer.formula, code_font(9), indent=4)
