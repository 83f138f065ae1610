"""A window with scrolled content on a device that cannot clip: only what is in view is drawn."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QTableView, QWidget

from lenet_viz.export.easel import overflow_of

FINE = 4
"""Image pixels per logical pixel of a widget that the edge of its scroll area cuts."""


def paint_window(painter: QPainter, window: QWidget) -> None:
    """Paint a window; what its scroll areas cut off is not there.

    Widgets that are wholly in view stay lines and letters; one that an edge cuts is drawn as an
    image of the part in view.

    Args:
        painter: on any device; one unit is a logical pixel of the window.
        window: laid out.
    """
    areas = [area for area in _areas(window) if max(overflow_of(area)) > 0]
    contents = [_content(area) for area in areas]
    with _hidden(contents):
        window.render(painter, QPoint(0, 0))
    for area, content in zip(areas, contents, strict=True):
        viewport = area.viewport()
        view = QRect(viewport.mapTo(window, QPoint(0, 0)), viewport.size())
        _paint_part(painter, content, window, view)


def _areas(window: QWidget) -> list[QAbstractScrollArea]:
    found = window.findChildren(QAbstractScrollArea)
    return [
        area for area in found if area.isVisibleTo(window) and not area.visibleRegion().isEmpty()
    ]


def _content(area: QAbstractScrollArea) -> QWidget:
    """Return the widget that is larger than its area, or what draws it."""
    content = area.widget() if isinstance(area, QScrollArea) else None
    return area.viewport() if content is None else content


@contextmanager
def _hidden(widgets: list[QWidget]) -> Iterator[None]:
    for widget in widgets:
        widget.hide()
    try:
        yield
    finally:
        for widget in widgets:
            widget.show()


def _paint_part(painter: QPainter, widget: QWidget, window: QWidget, view: QRect) -> None:
    """Paint a widget as far as ``view``, in the window's pixels, shows it."""
    corner = widget.mapTo(window, QPoint(0, 0))
    place = QRect(corner, widget.size())
    if not place.intersects(view):
        return
    children = [
        child
        for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if child.isVisibleTo(widget) and not child.isWindow()
    ]
    if view.contains(place):
        painter.save()
        painter.translate(corner)
        flags = QWidget.RenderFlag.DrawChildren
        widget.render(painter, QPoint(0, 0), QRegion(), flags)
        painter.restore()
    elif children:
        for child in children:
            _paint_part(painter, child, window, view)
    else:
        part = place.intersected(view)
        painter.drawImage(QRectF(part), _image(widget, part.translated(-corner)))


def _image(widget: QWidget, part: QRect) -> QImage:
    image = QImage(part.size() * FINE, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.scale(FINE, FINE)
    widget.render(painter, QPoint(0, 0), QRegion(part), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image


def show_whole_rows(window: QWidget) -> None:
    """Make tables as high as the rows that are wholly in view: a page should cut none."""
    for table in window.findChildren(QTableView):
        if not table.isVisibleTo(window) or overflow_of(table)[1] <= 0:
            continue
        row = table.verticalHeader().defaultSectionSize()
        head = table.horizontalHeader().height()
        rows = table.viewport().height() // max(1, row)
        if rows:
            table.setMaximumHeight(head + rows * row)
