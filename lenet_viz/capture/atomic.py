"""Files that appear whole or not at all."""

import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_numbers = itertools.count()


def write_atomically(
    path: Path, write: Callable[[BinaryIO], None], *, durable: bool = True
) -> None:
    """Let ``write`` fill a new file and put it in the place of ``path`` at once.

    An older file stays untouched until the new one is complete. On Linux the new file has no
    name until then, so that even a killed process leaves nothing behind.

    Args:
        path: the file to make; where it is a link, the file that the link points to.
        write: gets the new file, opened for binary writing.
        durable: wait until the bytes are on the disk; False for files that can be made again.

    Raises:
        UserMistake: the folder is missing or cannot be written, the name cannot be used, or
            the disk is full.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise UserMistake(_is_folder(path))
        if os.path.lexists(target) and not target.is_file():
            raise UserMistake(_is_no_file(path))
        if not target.parent.is_dir():
            raise UserMistake(_no_folder(path))
        if not _write_unnamed(target, write, durable):
            _write_named(target, write, durable)
    except (OSError, ValueError) as error:
        raise UserMistake(_cannot_write(path, error)) from error


def write_bytes(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put a file of ``content`` in the place of ``path`` at once.

    Args:
        path: as for `write_atomically`.
        content: all of it.
        durable: as for `write_atomically`.

    Raises:
        UserMistake: as for `write_atomically`.
    """

    def fill(stream: BinaryIO) -> None:
        stream.write(content)

    write_atomically(path, fill, durable=durable)


def _write_unnamed(target: Path, write: Callable[[BinaryIO], None], durable: bool) -> bool:
    """Write through a file that has no name until it is whole.

    Returns False, with nothing changed, where the system or the file system cannot do that.
    """
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not os.path.isdir("/proc/self/fd"):
        return False
    try:
        descriptor = os.open(target.parent, flag | os.O_WRONLY, 0o666)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT):
            return False
        raise
    with os.fdopen(descriptor, "wb") as stream:
        _fill(stream, write, durable)
        temporary = _temporary_name(target)
        if not _give_name(descriptor, temporary):
            return False
        _replace(temporary, target)
    return True


def _give_name(descriptor: int, name: Path) -> bool:
    """Give an open file without a name one; return whether that worked."""
    folder = os.open("/proc/self/fd", os.O_RDONLY)
    try:
        # With a folder given, Python calls linkat and follows the link to the open file.
        os.link(str(descriptor), name, src_dir_fd=folder, follow_symlinks=True)
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


def _write_named(target: Path, write: Callable[[BinaryIO], None], durable: bool) -> None:
    """Write through a temporary file beside the target."""
    temporary = _temporary_name(target)
    try:
        with open(temporary, "xb") as stream:
            _fill(stream, write, durable)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _replace(temporary, target)


def _fill(stream: BinaryIO, write: Callable[[BinaryIO], None], durable: bool) -> None:
    write(stream)
    stream.flush()
    if durable:
        os.fsync(stream.fileno())


def _replace(temporary: Path, target: Path) -> None:
    try:
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _temporary_name(target: Path) -> Path:
    # Short, so that a target with the longest name allowed can be written too.
    return target.parent / f".{os.getpid()}-{next(_numbers)}.part"


def _is_folder(path: Path) -> Message:
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture", "“{path}” is a folder, not a file. Give the name of a file inside it."
        ),
        path=str(path),
    )


def _is_no_file(path: Path) -> Message:
    # A device, a pipe or a circle of links: replacing it would do harm elsewhere.
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "“{path}” is not an ordinary file and is left alone. Give the name of a new file.",
        ),
        path=str(path),
    )


def _no_folder(path: Path) -> Message:
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "“{path}” cannot be written: there is no folder “{folder}”. "
            "Make the folder first, or choose another one.",
        ),
        path=str(path),
        folder=str(path.parent),
    )


def _cannot_write(path: Path, error: OSError | ValueError) -> Message:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        template = QT_TRANSLATE_NOOP(
            "capture",
            "“{path}” was not written: the disk is full. Free some space or choose another "
            "disk; an older file of that name is unchanged.",
        )
        return message("capture", template, path=str(path))
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        template = QT_TRANSLATE_NOOP(
            "capture",
            "“{path}” was not written: the folder or the file may not be changed by you. "
            "Choose a folder of your own.",
        )
        return message("capture", template, path=str(path))
    template = QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” was not written: {reason}. Choose another name or folder; an older file of "
        "that name is unchanged.",
    )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return message("capture", template, path=str(path), reason=reason)
