"""What Qt's SVG lacks: text as wide as it was laid out, fonts for every viewer, metadata."""

import re
from html import escape, unescape

from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF

from lenet_viz.export.figure import Origin

_TEXT = re.compile(r"<text ([^>]*?)\s*>([^<]*)</text>")
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_HEAD = re.compile(r"<title>[^<]*</title>\s*<desc>[^<]*</desc>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 cannot hold, however it is written."""
_FAMILY = re.compile(r'font-family="([^"]*)"')


def finished(document: bytes, origin: Origin, facts: str) -> bytes:
    """Return Qt's SVG with what it lacks.

    Args:
        document: what `QSvgGenerator` wrote.
        origin: title and caption.
        facts: what made the figure, as JSON.
    """
    # Pictures come enlarged: a viewer that shrinks them should smooth them.
    text = _FORBIDDEN.sub("\ufffd", document.decode(errors="replace"))
    text = text.replace(' image-rendering="optimizeSpeed"', "")
    text = _TEXT.sub(_measured, text)
    text = _FAMILY.sub(_with_fallback, text)
    head = (
        f"<title>{escaped(origin.title)}</title>\n<desc>{escaped(origin.caption)}</desc>\n"
        f"<metadata>{escaped(facts)}</metadata>"
    )
    return _HEAD.sub(lambda _: head, text, count=1).encode()


def escaped(words: str) -> str:
    """Return words as XML holds them; signs that it cannot hold are replaced."""
    # `xml.sax.saxutils` has the same, but loads urllib, email and ssl: 15 ms of the window's start.
    return escape(_FORBIDDEN.sub("\ufffd", words), quote=False)


def _measured(found: re.Match[str]) -> str:
    """Give a piece of text the width that it was laid out with.

    Another font may stand in where the file is opened: its letters are then set closer or wider
    instead of running into their neighbours.
    """
    words = unescape(found[2])
    attributes = dict(_ATTRIBUTE.findall(found[1]))
    width = QFontMetricsF(_font(attributes)).horizontalAdvance(words)
    if len(words.strip()) < 2:
        return found[0]
    return f'<text {found[1]} textLength="{width:.2f}">{found[2]}</text>'


def _font(attributes: dict[str, str]) -> QFont:
    font = QFont(unescape(attributes.get("font-family", "")).strip("'"))
    font.setPixelSize(max(1, round(float(attributes.get("font-size", 12)))))
    font.setWeight(QFont.Weight(int(attributes.get("font-weight", 400))))
    font.setItalic(attributes.get("font-style") == "italic")
    return font


def _with_fallback(found: re.Match[str]) -> str:
    asked = unescape(found[1]).strip("'")
    font = QFont(asked)
    drawn = QFontInfo(font)
    generic = "monospace" if drawn.fixedPitch() else "sans-serif"
    return f"font-family=\"'{escape(drawn.family(), quote=False)}', {generic}\""
