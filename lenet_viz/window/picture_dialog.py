"""Choose what is drawn as a picture, how large, and where it goes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lenet_viz.panels.text import formatted, translate

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_SCALE = 8.0
PREVIEW = QSize(560, 340)


class PictureDialog(QDialog):
    """Asks for a picture: of what, at which scale, to a file or the clipboard.

    Attributes:
        wish: ``save`` or ``copy`` after the dialog was accepted.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        chosen: str,
        draw: "Callable[[str, float], QImage]",
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            names: what can be drawn: key and name.
            chosen: the key that is chosen at first.
            draw: gives the picture of a key at a scale.
            parent: the window.
        """
        super().__init__(parent)
        self.setObjectName("picture_dialog")
        self.setWindowTitle(translate("Picture", "Save or copy a picture"))
        self.wish = ""
        self._draw = draw
        self._what = QComboBox(self)
        self._what.setObjectName("picture_what")
        self._what.setAccessibleName(translate("Picture", "Picture of"))
        self._what.setToolTip(translate("Picture", "What the picture shows"))
        for key, name in names.items():
            self._what.addItem(name, key)
        self._what.setCurrentIndex(max(0, self._what.findData(chosen)))
        self._scale = QDoubleSpinBox(self)
        self._scale.setObjectName("picture_scale")
        self._scale.setAccessibleName(translate("Picture", "Scale"))
        self._scale.setToolTip(
            translate("Picture", "Image pixels per screen pixel; text is drawn anew, not enlarged")
        )
        self._scale.setRange(0.5, LARGEST_SCALE)
        self._scale.setSingleStep(0.5)
        self._scale.setValue(2.0)
        self._size = QLabel(self)
        self._size.setObjectName("picture_size")
        self._size.setProperty("role", "muted")
        self._preview = QLabel(self)
        self._preview.setObjectName("picture_preview")
        self._preview.setAccessibleName(translate("Picture", "Preview"))
        self._preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._preview.setMinimumSize(PREVIEW)
        form = QFormLayout()
        form.addRow(translate("Picture", "Picture of"), self._what)
        form.addRow(translate("Picture", "Scale"), self._scale)
        form.addRow("", self._size)
        buttons = QDialogButtonBox(self)
        save = QPushButton(translate("Picture", "Save PNG …"), self)
        save.setObjectName("picture_save")
        save.setToolTip(translate("Picture", "Choose a file (Enter)"))
        save.setProperty("role", "main")
        save.setDefault(True)
        copy = QPushButton(translate("Picture", "Copy"), self)
        copy.setObjectName("picture_copy")
        copy.setToolTip(translate("Picture", "Put the picture on the clipboard"))
        buttons.addButton(save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        cancel.setToolTip(translate("Picture", "Close without a picture (Esc)"))
        save.clicked.connect(lambda: self._finish("save"))
        copy.clicked.connect(lambda: self._finish("copy"))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self._preview, 1)
        layout.addWidget(buttons)
        self._image = QImage()
        self._what.currentIndexChanged.connect(self._redraw)
        self._scale.valueChanged.connect(self._show_size)
        self._redraw()

    @property
    def what(self) -> str:
        """The key of what is chosen."""
        return str(self._what.currentData())

    @property
    def scale(self) -> float:
        """The chosen scale."""
        return self._scale.value()

    def _finish(self, wish: str) -> None:
        self.wish = wish
        self.accept()

    def _redraw(self) -> None:
        self._image = self._draw(self.what, 1.0)
        self._show_size()
        self._fit()

    def _show_size(self) -> None:
        width, height = self._image.width() * self.scale, self._image.height() * self.scale
        self._size.setText(
            formatted(
                "Picture", "{width} × {height} pixels", width=round(width), height=round(height)
            )
        )

    def _fit(self) -> None:
        if not self._image.isNull():
            fitted = self._image.scaled(
                self._preview.size(),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._preview.setPixmap(QPixmap.fromImage(fitted))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the preview."""
        super().resizeEvent(event)
        self._fit()
