"""Figures as the bytes of PNG, SVG and PDF files; the same figure gives the same bytes."""

import json
import re
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QHashSeed,
    QIODevice,
    QMarginsF,
    QRect,
    QSize,
    QSizeF,
    QUuid,
)
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from lenet_viz.errors import UserMistake
from lenet_viz.export.figure import Figure, Origin
from lenet_viz.export.sheet import PER_INCH
from lenet_viz.export.svg_text import escaped, finished
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

PROGRAM = "lenet_viz"
LARGEST_IMAGE = 256_000_000
"""Pixels of a PNG; Qt needs four bytes for each."""
_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
_FIXED_DATE = rb"/\1 (D:20000101000000"
"""A date would make two runs' files differ; this one has the same length."""


def image_of(figure: Figure, scale: float) -> QImage:
    """Return a figure as an image.

    Args:
        figure: what is drawn.
        scale: image pixels per logical pixel, above 0; text and lines are drawn at that scale.

    Raises:
        UserMistake: the image would be too large.
    """
    width, height = max(1, round(figure.width * scale)), max(1, round(figure.height * scale))
    image = QImage()
    if width * height <= LARGEST_IMAGE:
        image = QImage(QSize(width, height), QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise _too_large(width, height)
    image.fill(figure.theme.color("surface"))
    painter = QPainter(image)
    try:
        painter.scale(scale, scale)
        figure.paint(painter)
    finally:
        # Whatever stopped it: a painter that outlives its device takes the program along.
        painter.end()
    dots = round(PER_INCH * scale / 0.0254)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    for name, text in (
        ("Title", figure.origin.title),
        ("Description", figure.origin.caption),
        ("Software", PROGRAM),
        ("lenet_viz", facts_text(figure.origin)),
    ):
        image.setText(name, text)
    return image


def png(figure: Figure, scale: float = 2.0) -> bytes:
    """Return a figure as the bytes of a PNG file.

    Raises:
        UserMistake: the image would be too large.
    """
    return png_bytes(image_of(figure, scale))


def png_bytes(image: QImage) -> bytes:
    """Return an image as the bytes of a PNG file.

    Raises:
        UserMistake: the image is empty or too large to be encoded.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.isNull() or not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise _too_large(image.width(), image.height())
    return bytes(buffer.data().data())


def _too_large(width: int, height: int) -> UserMistake:
    template = QT_TRANSLATE_NOOP(
        "Export", "The picture of {width} × {height} pixels cannot be made. Choose a smaller scale."
    )
    return UserMistake(message("Export", template, width=width, height=height))


def svg(figure: Figure) -> bytes:
    """Return a figure as the bytes of an SVG file: text is text, maps are sharp."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # SVG Tiny has no clipping: Qt puts the clips of widgets in the wrong places. What has to be
    # cut is cut by who paints it.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.SvgTiny12)
    generator.setOutputDevice(buffer)
    size = QSize(round(figure.width), round(figure.height))
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    # Without this, axes and data drift apart in silence.
    generator.setResolution(round(PER_INCH))
    painter = QPainter(generator)
    try:
        figure.paint(painter)
    finally:
        painter.end()
    return finished(bytes(buffer.data().data()), figure.origin, facts_text(figure.origin))


def pdf(figures: Sequence[Figure]) -> bytes:
    """Return figures as the bytes of a PDF file, one on each page, text as text.

    Args:
        figures: at least one; each page has its figure's own size.
    """
    # Fonts are written in the order of a hash table, whose order is chance otherwise.
    QHashSeed.setDeterministicGlobalSeed()
    try:
        return _DATE.sub(_FIXED_DATE, _pages(figures))
    finally:
        QHashSeed.resetRandomGlobalSeed()


def _pages(figures: Sequence[Figure]) -> bytes:
    first = figures[0].origin
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(round(PER_INCH))
    writer.setCreator(PROGRAM)
    writer.setTitle(first.title)
    facts = [facts_text(figure.origin) for figure in figures]
    writer.setDocumentXmpMetadata(QByteArray(_xmp(first, "\n".join(facts)).encode()))
    # Made from the content instead of by chance.
    words = "\n".join((first.caption, *facts)).encode("utf-8", "backslashreplace").decode()
    writer.setDocumentId(QUuid(str(uuid5(NAMESPACE_URL, words))))
    painter = QPainter()
    try:
        _paint_pages(writer, painter, figures)
    finally:
        painter.end()
    return bytes(buffer.data().data())


def _paint_pages(writer: QPdfWriter, painter: QPainter, figures: Sequence[Figure]) -> None:
    for number, figure in enumerate(figures):
        point = PER_INCH / 72
        points = QSizeF(figure.width / point, figure.height / point)
        exact = QPageSize.SizeMatchPolicy.ExactMatch
        writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", exact))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        if number:
            writer.newPage()
        else:
            painter.begin(writer)
        painter.save()
        figure.paint(painter)
        painter.restore()


def facts_text(origin: Origin) -> str:
    """Return what a figure's file says of how it was made, as JSON."""
    return json.dumps(dict(origin.facts), ensure_ascii=False, sort_keys=True)


def _xmp(origin: Origin, facts: str) -> str:
    """Return a PDF's metadata packet."""

    def text(tag: str, words: str) -> str:
        inside = f'<rdf:Alt><rdf:li xml:lang="x-default">{escaped(words)}</rdf:li></rdf:Alt>'
        return f"<{tag}>{inside}</{tag}>"

    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">'
        f"<xmp:CreatorTool>{PROGRAM}</xmp:CreatorTool>"
        + text("dc:title", origin.title)
        + text("dc:description", origin.caption)
        + f"<pdf:Keywords>{escaped(facts)}</pdf:Keywords>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    )
