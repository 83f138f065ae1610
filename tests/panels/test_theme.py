from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.panels.style import style_sheet
from lenet_viz.panels.theme import DARK, LIGHT, Theme, code_font, op_kind, text_font, theme_named

# What is written on what: by the style sheet, the cards, the log and the captions.
WRITTEN = [
    *[("text", ground) for ground in ("surface", "raised", "window", "accent_ground")],
    *[("muted", ground) for ground in ("surface", "raised", "window", "accent_ground")],
    ("warning", "surface"),
    ("warning", "accent_ground"),
    ("error", "surface"),
    ("error", "accent_ground"),
    ("good", "surface"),
    ("accent", "surface"),
    ("on_strong", "strong"),
    ("on_strong", "muted"),
    ("surface", "accent"),
]


def luminance(color: QColor) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast(QColor("white"), QColor("black")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ink", "ground"), WRITTEN)
def test_text_can_be_read(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(theme.color(ink), theme.color(ground)) >= 4.5


def test_titles_in_the_colour_of_their_op_can_be_read(theme: Theme) -> None:
    for kind, color in theme.ops.items():
        assert contrast(QColor(color), theme.color("surface")) >= 4.5, kind


def test_marks_can_be_seen(theme: Theme) -> None:
    """Outlines and marks that carry meaning need 3:1 (WCAG 1.4.11)."""
    for mark in ("accent", "muted", "hatch"):
        assert contrast(theme.color(mark), theme.color("surface")) >= 3, mark


def test_no_ink_is_the_red_or_the_blue_of_a_sign(theme: Theme) -> None:
    for role in ("accent", "warning", "error", "good", "hatch"):
        hue = theme.color(role).hsvHueF() * 360
        assert 15 < hue < 200 or 260 < hue < 345, role


@pytest.mark.parametrize(
    ("op", "kind"),
    [
        ("input", "input"),
        ("conv2d", "conv"),
        ("max_pool2d", "pool"),
        ("avg_pool2d", "pool"),
        ("linear", "linear"),
        ("relu", "activation"),
        ("tanh", "activation"),
        ("view", "reshape"),
        ("flatten", "reshape"),
        ("loss", "loss"),
        ("target", "loss"),
        ("fft_fft2", "other"),
    ],
)
def test_each_op_has_the_colour_of_its_family(theme: Theme, op: str, kind: str) -> None:
    assert op_kind(op) == kind
    assert theme.op_color(op) == QColor(theme.ops[kind])


def test_both_themes_name_the_same_families() -> None:
    assert LIGHT.ops.keys() == DARK.ops.keys()


def test_themes_are_found_by_name(qapp: QApplication) -> None:
    assert theme_named("light") is LIGHT
    assert theme_named("dark") is DARK
    assert theme_named("system") in (LIGHT, DARK)


def test_digits_of_code_are_equally_wide(qapp: QApplication) -> None:
    metrics = QFontMetricsF(code_font(9))
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789 -."}) == 1


def test_fonts_have_the_size_that_was_asked_for(qapp: QApplication) -> None:
    assert text_font(8.5).pointSizeF() == 8.5
    assert code_font(7.0, bold=True).pointSizeF() == 7.0
    assert code_font(7.0, bold=True).bold()
    assert not text_font().bold()


def test_the_style_sheet_is_understood_and_its_pictures_exist(theme: Theme, qtbot: QtBot) -> None:
    """Qt warns about a sheet it cannot read, and a warning fails the test."""
    widget = QWidget()
    qtbot.addWidget(widget)
    sheet = style_sheet(theme)
    widget.setStyleSheet(sheet)
    widget.show()
    paths = [part.split('"')[0] for part in sheet.split('url("')[1:]]
    assert paths
    for path in paths:
        assert Path(path).is_file()
    assert theme.surface in sheet
