"""The one way to the files that come with the program: icons, style, digits, colour maps.

In a wheel they lie in `lenet_viz/_resources`, in the repository in `resources/`.
"""

from functools import cache
from pathlib import Path, PurePosixPath

_PACKAGE = Path(__file__).resolve().parent


class MissingResource(FileNotFoundError):
    """A file that ships with the program is not there: the installation is incomplete."""


@cache
def _root() -> Path:
    """The folder that holds the resources of this installation."""
    installed = _PACKAGE / "_resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


def path(*parts: str) -> Path:
    """The path of an existing resource, such as `path("icons", "forward.svg")`.

    Raises:
        MissingResource: When there is no such file or folder.
        ValueError: When `parts` lead out of the resources.
    """
    relative = PurePosixPath(*parts)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"{str(relative)!r} is not a path inside the resources")
    found = _root() / relative
    if not found.exists():
        raise MissingResource(
            f"the file {str(relative)!r} that ships with lenet_viz is missing from {_root()}; "
            "install lenet_viz again"
        )
    return found


def read_bytes(*parts: str) -> bytes:
    """The content of a resource.

    Raises:
        MissingResource: When there is no such file.
    """
    return path(*parts).read_bytes()


def read_text(*parts: str) -> str:
    """The content of a UTF-8 resource.

    Raises:
        MissingResource: When there is no such file.
    """
    return path(*parts).read_text(encoding="utf-8")
