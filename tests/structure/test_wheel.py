"""What is installed is complete: the wheel and the source archive carry the resources."""

import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from lenet_viz import resources
from tests.structure.repository import ROOT, copy_package, python

RESOURCES = sorted(
    path.relative_to(ROOT / "resources").as_posix()
    for path in (ROOT / "resources").rglob("*")
    if path.is_file()
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a build reads."""
    copy = copy_package(tmp_path_factory.mktemp("sources"))
    shutil.copytree(ROOT / "resources", copy / "resources")
    for name in ("setup.py", "MANIFEST.in", "LICENSE", "README.md", "constraints.txt"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip builds."""
    target = tmp_path_factory.mktemp("wheel")
    line = ("-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "-w", str(target))
    ended = python(*line, cwd=sources)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (found,) = target.glob("lenet_viz-*.whl")
    return found


def test_there_are_resources() -> None:
    assert RESOURCES


def test_the_wheel_contains_everything(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {f"lenet_viz/_resources/{name}" for name in RESOURCES} <= names
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lenet_viz").rglob("*.py")}
    assert modules <= names
    assert "lenet_viz/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "devtools/", "resources/")) for name in names)


def test_the_wheel_has_both_commands(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))

    text = archive.read(name).decode()

    assert "[console_scripts]\nlenet-viz = lenet_viz.cli:main" in text
    assert "[gui_scripts]\nlenet-viz-gui = lenet_viz.cli:main" in text


def test_resources_are_found_in_the_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from lenet_viz import resources; print(resources.path(*{!r}))".format(
        tuple(RESOURCES[0].split("/"))
    )

    ended = python("-c", code, cwd=tmp_path)

    assert ended.stdout.strip() == str(tmp_path / "lenet_viz/_resources" / RESOURCES[0])


def test_the_source_archive_builds_the_same(sources: Path, tmp_path: Path) -> None:
    code = f"from setuptools import build_meta; print(build_meta.build_sdist({str(tmp_path)!r}))"
    ended = python("-c", code, cwd=sources)
    assert ended.returncode == 0, ended.stderr
    (archive,) = tmp_path.glob("*.tar.gz")

    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}

    assert {f"resources/{name}" for name in RESOURCES} <= names
    assert {"setup.py", "pyproject.toml", "LICENSE", "lenet_viz/resources.py"} <= names


def test_an_editable_checkout_reads_the_repository() -> None:
    assert resources.path(*RESOURCES[0].split("/")) == ROOT / "resources" / RESOURCES[0]


def test_content_is_read_as_it_is() -> None:
    parts = RESOURCES[0].split("/")

    assert resources.read_bytes(*parts) == (ROOT / "resources" / RESOURCES[0]).read_bytes()


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(resources.MissingResource, match=r"icons/none\.svg.*install lenet_viz"):
        resources.read_text("icons", "none.svg")


@pytest.mark.parametrize("parts", [("..", "pyproject.toml"), ("/etc/passwd",)])
def test_only_resources_are_read(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not a path inside the resources"):
        resources.path(*parts)
