"""The builder's list as values: one row for the input, one for each layer."""

from dataclasses import dataclass
from enum import StrEnum

from lenet_viz.display import numbers
from lenet_viz.network.draft import Draft, Examination
from lenet_viz.network.node import INPUT
from lenet_viz.panels.builder_words import op_title, summary
from lenet_viz.panels.text import formatted, translate


class RowState(StrEnum):
    """How far a layer's shape is known."""

    FITS = "fits"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One row.

    Attributes:
        layer: the layer's name, or ``input``.
        op: its op; ``input`` for the input.
        title: its op as torch writes it.
        summary: its settings in short.
        shape: the shape of its output; "" where that is not known.
        count: how many parameters it has, in words; "" for none.
        state: whether it fits.
    """

    layer: str
    op: str
    title: str
    summary: str
    shape: str
    count: str
    state: RowState

    def words(self) -> str:
        """Return the row in words, for a tool tip and for those who do not see it."""
        said = {
            RowState.FITS: self.shape,
            RowState.FAILS: translate("Build", "does not fit"),
            RowState.UNKNOWN: translate("Build", "shape not known yet"),
        }[self.state]
        parts = (self.layer, f"{self.title} {self.summary}".strip(), said, self.count)
        return " · ".join(part for part in parts if part)


def rows_of(draft: Draft, found: Examination) -> tuple[LayerRow, ...]:
    """Return the rows of a list of layers.

    Args:
        draft: the layers.
        found: what is known of them.
    """
    shape = numbers.shape_text((1, *draft.input_shape))
    fails = RowState.FAILS if found.failed == INPUT else RowState.FITS
    first = LayerRow(INPUT, INPUT, translate("Build", "N, C, H, W"), "", shape, "", fails)
    shapes = {each.id: each for each in found.report.nodes}
    rows = [first]
    for node in draft.nodes:
        known = shapes.get(node.id)
        state = RowState.UNKNOWN if known is None else RowState.FITS
        if node.id == found.failed:
            state = RowState.FAILS
        count = 0 if known is None else known.parameter_count
        words = formatted("Build", "{count} parameters", count=f"{count:,}") if count else ""
        output = "" if known is None else numbers.shape_text(known.output)
        rows.append(
            LayerRow(node.id, node.op, op_title(node.op), summary(node), output, words, state)
        )
    return tuple(rows)
