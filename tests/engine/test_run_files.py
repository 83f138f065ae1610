"""Files of old runs go, files that are still named stay."""

from pathlib import Path

from lenet_viz.engine.messages import RunDone, RunFailed
from lenet_viz.engine.run_files import RunFiles
from lenet_viz.wording import message


def name(letter: str) -> str:
    return letter * 64


def finished(folder: Path, run: int, weights: str, grads: str | None) -> RunDone:
    capture = folder / f"run-{run}.lvcap"
    capture.write_bytes(b"capture")
    for blob in (weights, grads):
        if blob is not None:
            (folder / f"{blob}.safetensors").write_bytes(b"blob")
    return RunDone(run, str(capture), weights, grads)


def test_old_captures_go_and_the_last_stay(tmp_path: Path) -> None:
    files = RunFiles(kept=3)
    for run in range(10):
        files.add(finished(tmp_path, run, name("a"), None))
    assert sorted(path.name for path in tmp_path.glob("*.lvcap")) == [
        "run-7.lvcap",
        "run-8.lvcap",
        "run-9.lvcap",
    ]


def test_blobs_that_a_kept_run_names_stay(tmp_path: Path) -> None:
    files = RunFiles(kept=2)
    for run, grads in enumerate("bcdef0"):
        files.add(finished(tmp_path, run, name("a"), name(grads)))
    left = {path.stem[0] for path in tmp_path.glob("*.safetensors")}
    # Two runs are kept, and the .grad that the older of them started from.
    assert left == {"a", "e", "f", "0"}


def test_a_blob_made_again_by_a_later_run_stays(tmp_path: Path) -> None:
    files = RunFiles(kept=1)
    for run, weights in enumerate("abcab"):
        files.add(finished(tmp_path, run, name(weights), None))
    left = {path.stem[0] for path in tmp_path.glob("*.safetensors")}
    assert left == {"a", "b"}


def test_files_that_are_gone_already_do_no_harm(tmp_path: Path) -> None:
    files = RunFiles(kept=1)
    first = finished(tmp_path, 0, name("a"), name("b"))
    files.add(first)
    for path in tmp_path.iterdir():
        path.unlink()
    for run in range(1, 4):
        files.add(finished(tmp_path, run, name("c"), None))
    assert (tmp_path / "run-3.lvcap").exists()


def test_files_of_failed_runs_go_like_those_of_others(tmp_path: Path) -> None:
    files = RunFiles(kept=1)
    captures = []
    for number in range(3):
        capture = tmp_path / f"run-{number}.lvcap"
        capture.write_bytes(b"x")
        captures.append(capture)
        said = message("engine", "it failed")
        files.add(RunFailed(number, said, str(capture), weights=None))
    files.add(RunFailed(9, message("engine", "it never began")))
    assert [capture.exists() for capture in captures] == [False, False, True]
