"""A figure as a file that appears whole or not at all."""

from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from lenet_viz.capture.atomic import write_atomically
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def png_bytes(image: QImage) -> bytes:
    """Return an image as the bytes of a PNG file.

    Raises:
        UserMistake: the image is empty or too large to be encoded.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.isNull() or not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise UserMistake(
            message(
                "Export",
                QT_TRANSLATE_NOOP(
                    "Export",
                    "The picture of {width} × {height} pixels cannot be made. "
                    "Choose a smaller scale.",
                ),
                width=image.width(),
                height=image.height(),
            )
        )
    return bytes(buffer.data().data())


def write_png(image: QImage, path: Path) -> Path:
    """Write an image to ``path`` and return that path; an older file stays until then.

    Raises:
        UserMistake: the image cannot be encoded, or the file cannot be written.
    """
    return write_file(path, png_bytes(image))


def write_file(path: Path, encoded: bytes) -> Path:
    """Write a figure's bytes to ``path`` and return that path; an older file stays until then.

    Raises:
        UserMistake: the file cannot be written.
    """

    def fill(stream: BinaryIO) -> None:
        stream.write(encoded)

    write_atomically(path, fill)
    return path
