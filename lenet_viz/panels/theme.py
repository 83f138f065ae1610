"""Colours, type and spacing of the window, in light and dark.

Red and blue belong to signs alone; selection and buttons use other hues. All text colours keep a
contrast of at least 4.5:1 on the surface they are meant for (a test computes it).
"""

from dataclasses import dataclass

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


def style_sheet(theme: Theme) -> str:
    """Return the Qt style sheet that gives every standard control the theme's look."""
    t = theme
    return f"""
    QMainWindow, QDialog {{ background: {t.window}; }}
    QWidget {{ color: {t.text}; }}
    QFrame#panel {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 8px; }}
    QLabel {{ background: transparent; border: none; }}
    QLabel[role="title"] {{ font-weight: 600; }}
    QLabel[role="muted"] {{ color: {t.muted}; }}
    QLabel[role="warning"] {{ color: {t.warning}; }}
    QToolTip {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line};
        padding: 4px; }}
    QPushButton, QToolButton, QComboBox, QSpinBox, QLineEdit {{
        background: {t.surface}; border: 1px solid {t.line}; border-radius: 6px;
        padding: 4px 9px; min-height: 20px; }}
    QPushButton:hover, QToolButton:hover, QComboBox:hover, QSpinBox:hover {{
        border-color: {t.muted}; }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus, QSpinBox:focus, QLineEdit:focus {{
        border: 1px solid {t.accent}; }}
    QPushButton:disabled, QToolButton:disabled, QComboBox:disabled, QSpinBox:disabled {{
        color: {t.muted}; background: {t.raised}; }}
    QPushButton[role="main"] {{ background: {t.strong}; color: {t.on_strong};
        border-color: {t.strong}; font-weight: 600; }}
    QPushButton[role="main"]:hover {{ background: {t.muted}; border-color: {t.muted}; }}
    QPushButton[role="main"]:disabled {{ background: {t.line}; color: {t.muted};
        border-color: {t.line}; }}
    QPushButton[role="switch"] {{ border-radius: 11px; padding: 2px 12px; background: {t.raised};
        color: {t.muted}; border-color: {t.raised}; min-height: 18px; }}
    QPushButton[role="switch"]:checked {{ background: {t.strong}; color: {t.on_strong};
        border-color: {t.strong}; }}
    QPushButton[role="switch"]:focus {{ border: 1px solid {t.accent}; }}
    QComboBox {{ padding-right: 20px; }}
    QComboBox::drop-down {{ border: none; width: 18px; }}
    QComboBox QAbstractItemView, QMenu {{ background: {t.surface}; color: {t.text};
        border: 1px solid {t.line}; selection-background-color: {t.accent_ground};
        selection-color: {t.text}; outline: none; }}
    QMenu::item {{ padding: 5px 22px; }}
    QMenu::item:selected {{ background: {t.accent_ground}; color: {t.text}; }}
    QMenu::item:disabled {{ color: {t.muted}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
    QMenuBar {{ background: {t.surface}; }}
    QMenuBar::item {{ padding: 4px 9px; background: transparent; }}
    QMenuBar::item:selected {{ background: {t.accent_ground}; }}
    QToolBar {{ background: {t.surface}; border: none; border-bottom: 1px solid {t.line};
        spacing: 6px; padding: 6px 10px; }}
    QToolBar::separator {{ background: {t.line}; width: 1px; margin: 4px 4px; }}
    QStatusBar {{ background: {t.surface}; border-top: 1px solid {t.line}; color: {t.muted}; }}
    QStatusBar::item {{ border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 11px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 11px; margin: 0; }}
    QScrollBar::handle {{ background: {t.line}; border-radius: 5px; min-height: 24px;
        min-width: 24px; margin: 2px; }}
    QScrollBar::handle:hover {{ background: {t.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QAbstractScrollArea {{ background: {t.surface}; border: none; }}
    QTableView {{ background: {t.surface}; alternate-background-color: {t.raised};
        gridline-color: {t.line}; selection-background-color: {t.accent_ground};
        selection-color: {t.text}; border: none; }}
    QHeaderView::section {{ background: {t.surface}; color: {t.muted}; border: none;
        border-bottom: 1px solid {t.line}; padding: 4px 8px; }}
    QHeaderView {{ background: {t.surface}; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 6px 12px; border: none;
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QDockWidget {{ color: {t.text}; font-weight: 600; }}
    QMainWindow::separator {{ background: {t.window}; width: 8px; height: 8px; }}
    QProgressBar {{ background: {t.raised}; border: none; border-radius: 3px; max-height: 6px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
    QPlainTextEdit, QTextEdit {{ background: {t.surface}; border: none;
        selection-background-color: {t.accent}; selection-color: {t.surface}; }}
    """
