"""The columns of the gradient ledger's table, and what they mean."""

from enum import IntEnum

from lenet_viz.panels.text import translate


class Column(IntEnum):
    """The table's columns from left to right."""

    NAME = 0
    SHAPE = 1
    BEFORE = 2
    THIS = 3
    GRAD = 4
    PASSES = 5
    WEIGHT = 6
    CHANGE = 7
    RATIO = 8


def column_title(column: Column) -> str:
    """Return a column's title."""
    titles = {
        Column.NAME: translate("Ledger", "tensor"),
        Column.SHAPE: translate("Ledger", "shape"),
        Column.BEFORE: translate("Ledger", "‖before‖"),
        Column.THIS: translate("Ledger", "‖pass‖"),
        Column.GRAD: "‖.grad‖",
        Column.PASSES: translate("Ledger", "passes"),
        Column.WEIGHT: "‖w‖",
        Column.CHANGE: "‖Δw‖",
        Column.RATIO: "Δw / w",
    }
    return titles[column]


def column_tip(column: Column) -> str:
    """Return what a column means."""
    tips = {
        Column.NAME: translate("Ledger", "Parameters, and the inputs that have a gradient"),
        Column.SHAPE: translate("Ledger", "Its shape"),
        Column.BEFORE: translate("Ledger", "Norm of .grad before this pass; None is not 0"),
        Column.THIS: translate("Ledger", "Norm of this pass's gradient alone"),
        Column.GRAD: translate("Ledger", "Norm of .grad after this pass"),
        Column.PASSES: translate("Ledger", "Backward passes that .grad adds up"),
        Column.WEIGHT: translate("Ledger", "Norm of the weights before the update"),
        Column.CHANGE: translate("Ledger", "Norm of what the update changes"),
        Column.RATIO: translate("Ledger", "What the update changes, as a share of the weights"),
    }
    return tips[column]
