"""Networks in JSON files."""

from pathlib import Path

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets, spec_file
from lenet_viz.network.spec_file import names_spec, read_spec


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "net.json"
    for name in presets.NAMES:
        spec = presets.get(name).spec
        file.write_text(spec.to_json(), encoding="utf-8")
        assert read_spec(file) == spec
        file.write_text("\ufeff" + spec.to_json(), encoding="utf-8")  # as some editors save it
        assert read_spec(file) == spec


def test_the_ending_names_it() -> None:
    assert names_spec("a/b.json")
    assert names_spec("NET.JSON")
    assert not names_spec("net.py")
    assert not names_spec("json")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "64 brackets"),
        (b'{"schema": 99, "name": "x", "input_shape": [1, 1, 1], "nodes": []}', "99"),
        (b'{"schema": 1, "schema": 1}', "schema"),
        (b"null", "null"),
        (b'{"schema": 1, "name": "x", "input_shape": [NaN, 1, 1], "nodes": []}', "input_shape"),
    ],
)
def test_what_is_none_is_told_with_the_file(tmp_path: Path, data: bytes, told: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(data)
    with pytest.raises(UserMistake) as mistake:
        read_spec(file)
    assert "bad.json" in str(mistake.value)
    assert told in str(mistake.value)


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "a\0b.json"):
        with pytest.raises(UserMistake, match="cannot be read"):
            read_spec(path)
    file = tmp_path / "large.json"
    file.write_text(presets.get("toy").spec.to_json())
    monkeypatch.setattr(spec_file, "LARGEST_FILE", 10)
    with pytest.raises(UserMistake, match="bytes"):
        read_spec(file)
