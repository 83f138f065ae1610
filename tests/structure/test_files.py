"""What every file of the repository keeps to."""

import re

import pytest

from tests.structure.repository import ROOT, files

LONGEST = 300
# Put together here so that this file does not contain what it looks for.
HOME = re.compile(
    rb"/"
    + rb"home/[a-z_][\w.-]*/|/"
    + rb"Users/[A-Za-z][\w.-]*/|/"
    + rb"root/|[A-Z]:\\"
    + rb"Users\\"
)


def test_no_file_of_the_package_is_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "lenet_viz").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }

    assert long == {}


def test_no_file_names_a_persons_folder() -> None:
    named = [str(path.relative_to(ROOT)) for path in files() if HOME.search(path.read_bytes())]

    assert named == []


@pytest.mark.parametrize(
    "text",
    [b"/ho" + b"me/ada/x", b"/Us" + b"ers/Ada/x", b"/ro" + b"ot/.cache", b"C:\\Us" + b"ers\\A"],
)
def test_a_persons_folder_would_be_noticed(text: bytes) -> None:
    assert HOME.search(b"in " + text)


def test_every_room_is_a_package() -> None:
    rooms = [path for path in (ROOT / "lenet_viz").rglob("*") if path.is_dir()]

    assert [
        str(path)
        for path in rooms
        if path.name not in ("__pycache__", "_resources") and not (path / "__init__.py").is_file()
    ] == []
