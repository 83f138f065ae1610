"""Colours, type and spacing of the window, in light and dark.

Red and blue belong to signs alone; selection and buttons use other hues. All text colours keep a
contrast of at least 4.5:1 on the surface they are meant for (a test computes it).
"""

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours.

    Attributes:
        name: ``light`` or ``dark``.
        window: behind the panels.
        surface: a panel's ground.
        raised: cards, chips and fields on a panel.
        line: hairlines and outlines.
        text: main text.
        muted: secondary text.
        accent: selection and links; never red or blue.
        accent_ground: ground of a selected card.
        strong: ground of the main buttons.
        on_strong: text on them.
        warning: text of warnings.
        error: frame and words of a step that failed; not the red of a sign.
        good: text of what agrees.
        hatch: lines over what cannot matter.
        ops: colour of the top edge by kind of op.
    """

    name: str
    window: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    accent_ground: str
    strong: str
    on_strong: str
    warning: str
    error: str
    good: str
    hatch: str
    ops: dict[str, str]

    def color(self, role: str) -> QColor:
        """Return the `QColor` of a role named as the attribute."""
        return QColor(getattr(self, role))

    def op_color(self, op: str) -> QColor:
        """Return the colour that marks this kind of op."""
        return QColor(self.ops[op_kind(op)])


LIGHT = Theme(
    name="light",
    window="#f1f3f7",
    surface="#ffffff",
    raised="#f4f6fa",
    line="#dde2ec",
    text="#1d2433",
    muted="#5a6478",
    accent="#b45309",
    accent_ground="#fffbeb",
    strong="#1d2433",
    on_strong="#ffffff",
    warning="#9a4a07",
    error="#be185d",
    good="#0b6b5d",
    hatch="#7a5c2e",
    ops={
        "input": "#1d2433",
        "conv": "#0f766e",
        "activation": "#7d7311",
        "pool": "#b4540a",
        "reshape": "#667085",
        "linear": "#6d3fb8",
        "other": "#8a5a83",
        "loss": "#1d2433",
    },
)

PRINT = replace(LIGHT, window="#ffffff", raised="#ffffff", line="#b9c1cf", muted="#485164")
"""The light theme without grounds, its quiet colours darker: for paper."""

DARK = Theme(
    name="dark",
    window="#10141c",
    surface="#181d28",
    raised="#222938",
    line="#343d50",
    text="#eef1f7",
    muted="#a5afc3",
    accent="#f5b54a",
    accent_ground="#2d2718",
    strong="#e8ecf5",
    on_strong="#141924",
    warning="#f3b06b",
    error="#fb7fb0",
    good="#5fd0bd",
    hatch="#d9b36c",
    ops={
        "input": "#c9d1e1",
        "conv": "#2fb5a5",
        "activation": "#c3b63a",
        "pool": "#e58a3c",
        "reshape": "#98a3b8",
        "linear": "#a681ea",
        "other": "#c98fc0",
        "loss": "#c9d1e1",
    },
)

_KINDS = {
    "conv": ("conv",),
    "pool": ("pool",),
    "linear": ("linear", "matmul", "addmm", "bmm"),
    "reshape": ("view", "reshape", "flatten", "permute", "transpose", "cat", "stack", "squeeze"),
    "activation": ("relu", "tanh", "sigmoid", "gelu", "softmax", "elu", "silu", "dropout"),
}


def op_kind(op: str) -> str:
    """Return the family of an op: a key of `Theme.ops`."""
    if op in {"input", "loss", "target"}:
        return "loss" if op != "input" else "input"
    for kind, words in _KINDS.items():
        if any(word in op for word in words):
            return kind
    return "other"


def system_prefers_dark() -> bool:
    """Return whether the desktop asks for dark windows."""
    hints = QGuiApplication.styleHints()
    return hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark


def theme_named(name: str) -> Theme:
    """Return the theme called ``light``, ``dark`` or ``system``."""
    if name == "system":
        return DARK if system_prefers_dark() else LIGHT
    return DARK if name == "dark" else LIGHT


def text_font(size: float = 9.5, *, bold: bool = False) -> QFont:
    """Return the font of running text.

    Args:
        size: in points.
        bold: whether it is bold.
    """
    font = QFont(QGuiApplication.font())
    font.setPointSizeF(size)
    font.setBold(bold)
    return font


def code_font(size: float = 9.0, *, bold: bool = False) -> QFont:
    """Return the font of numbers, shapes and code: every digit has the same width.

    Args:
        size: in points.
        bold: whether it is bold.
    """
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSizeF(size)
    font.setBold(bold)
    return font
