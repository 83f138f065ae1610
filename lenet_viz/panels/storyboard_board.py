"""The widget that paints a storyboard's tiles and the lines between them."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_viz.panels.storyboard_fit import Fit, Fitter
from lenet_viz.panels.storyboard_lines import paint_line
from lenet_viz.panels.storyboard_story import Story
from lenet_viz.panels.storyboard_style import Style, style_for
from lenet_viz.panels.storyboard_tile import paint_tile
from lenet_viz.panels.theme import LIGHT, Theme

NARROWEST = 292


class Board(QWidget):
    """A story's tiles, as large as the widget allows.

    Attributes:
        theme: the theme it draws with.
        story: what it draws; None for nothing.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty board."""
        super().__init__(parent)
        self.setObjectName("storyboard_tiles")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(NARROWEST)
        self.theme: Theme = LIGHT
        self.story: Story | None = None
        self._fitter: Fitter | None = None
        self._styles: dict[int, Style] = {}
        self._fit: tuple[QSize, Fit] | None = None

    def show_story(self, story: Story | None) -> None:
        """Show another story."""
        self.story = story
        self._styles.clear()
        self._fit = None
        self._fitter = None
        if story is not None:
            maps = len(story.sides)
            self._fitter = Fitter(
                story.arrangement, maps, lambda width: self.style_of(width).text_height
            )
        self.updateGeometry()
        self.update()

    def style_of(self, width: float) -> Style:
        """Return the type of tiles of a width."""
        assert self.story is not None
        key = int(width)
        if key not in self._styles:
            self._styles[key] = style_for(key, self.story)
        return self._styles[key]

    def fit(self) -> Fit | None:
        """Return where the tiles stand now; None where there are none."""
        if self._fitter is None or not self.story or not self.story.cards:
            return None
        if self._fit is None or self._fit[0] != self.size():
            self._fit = self.size(), self._fitter.fit(self.width(), self.height())
        return self._fit[1]

    def hasHeightForWidth(self) -> bool:
        """Return that a narrower board is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the least height at which everything can be read."""
        return 40 if self._fitter is None else max(40, int(self._fitter.least_height(width)) + 1)

    def good_height(self, width: int) -> int:
        """Return the height at which the tiles have a good size for a page."""
        return 40 if self._fitter is None else max(40, int(self._fitter.good_height(width)) + 1)

    def sizeHint(self) -> QSize:
        """Return a size at which a small network can be read."""
        return QSize(640, self.heightForWidth(640))

    def minimumSizeHint(self) -> QSize:
        """Return the least width; the height follows from the width there is."""
        return QSize(NARROWEST, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles in the exposed part."""
        fit, story = self.fit(), self.story
        if fit is None or story is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        exposed = QRectF(event.rect())
        self._paint_lines(painter, fit, story)
        style = self.style_of(fit.tile[0])
        for at in range(len(story.cards)):
            tile = fit.rect(at)
            rect = QRectF(tile.x, tile.y, tile.width, tile.height)
            if rect.intersects(exposed):
                paint_tile(painter, rect, story, at, style, self.theme)
        painter.end()

    def _paint_lines(self, painter: QPainter, fit: Fit, story: Story) -> None:
        painter.save()
        painter.translate(fit.left, fit.top)
        color = self.theme.color("muted")
        lines = list(zip(fit.layout.routes, fit.drawing.routes, strict=True))
        # Lines of tiles that follow one another lie over those that stand for tiles left out.
        lines.sort(key=lambda line: (line[0].source, line[0].target) not in story.bridges)
        for route, points in lines:
            paint_line(painter, points, color, (route.source, route.target) in story.bridges)
        painter.restore()
