"""The command line from outside: what it prints, what it writes, how it ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lenet_viz
from lenet_viz.capture.records import Capture
from lenet_viz.cli import main
from lenet_viz.network import presets

NOTEBOOK_STEPS = [
    ("conv1", "conv2d", [1, 6, 30, 30], 60),
    ("relu", "relu", [1, 6, 30, 30], 0),
    ("max_pool2d", "max_pool2d", [1, 6, 15, 15], 0),
    ("conv2", "conv2d", [1, 16, 13, 13], 880),
    ("relu_2", "relu", [1, 16, 13, 13], 0),
    ("max_pool2d_2", "max_pool2d", [1, 16, 6, 6], 0),
    ("view", "view", [1, 576], 0),
    ("fc1", "linear", [1, 120], 69_240),
    ("relu_3", "relu", [1, 120], 0),
    ("fc2", "linear", [1, 84], 10_164),
    ("relu_4", "relu", [1, 84], 0),
    ("fc3", "linear", [1, 10], 850),
]


def program(*arguments: str, **kwargs: object) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "lenet_viz", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        **kwargs,  # type: ignore[call-overload]
    )


def test_help_and_version_import_neither_torch_nor_qt_nor_numpy() -> None:
    code = (
        "import sys\n"
        "from lenet_viz.cli import main\n"
        "status = [main(['--version']), main(['--help']), main(['capture', '--help'])]\n"
        "heavy = {'torch', 'PySide6', 'numpy', 'pyqtgraph', 'safetensors'} & set(sys.modules)\n"
        "sys.exit(repr((status, heavy)) if heavy or any(status) else 0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"lenet-viz {lenet_viz.__version__}\n")


def test_a_summary_imports_no_torch() -> None:
    code = (
        "import sys\n"
        "from lenet_viz.cli import main\n"
        "status = main(['summary', 'notebook'])\n"
        "sys.exit(status or 'torch' in sys.modules or 'PySide6' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


@pytest.mark.parametrize("command", [[], ["summary"], ["capture"]])
def test_every_help_has_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    printed = capsys.readouterr()
    assert f"\n  {' '.join(['lenet-viz', *command])}" in printed.out.partition("examples:")[2]
    assert printed.err == ""


def test_summary_as_json_has_the_notebooks_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "notebook", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["model"] == "notebook"
    assert document["input_shape"] == [1, 1, 32, 32]
    steps = document["steps"]
    found = [(s["name"], s["op"], s["output_shape"], s["parameter_count"]) for s in steps]
    assert found == NOTEBOOK_STEPS
    assert steps[3]["input_shapes"] == [[1, 6, 15, 15]]
    assert steps[3]["module"] == "conv2"
    assert steps[1]["module"] == ""
    assert steps[3]["parameters"] == [
        {"name": "conv2.weight", "shape": [16, 6, 3, 3], "count": 864},
        {"name": "conv2.bias", "shape": [16], "count": 16},
    ]
    assert document["totals"] == {
        "steps": 12,
        "parameters": 81_194,
        "parameter_tensors": 10,
        "layers": 5,
    }


@pytest.mark.parametrize("name", presets.NAMES)
def test_the_columns_of_the_table_add_up(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    rule = lines[3]
    assert lines[-2] == rule
    # The rule's gaps tell where the columns are.
    starts = [0, *(i + 2 for i in range(len(rule)) if rule.startswith("  ", i))]

    def cells(line: str) -> list[str]:
        ends = [*(start - 2 for start in starts[1:]), len(line)]
        return [line[a:b].strip() for a, b in zip(starts, ends, strict=True)]

    assert cells(lines[2]) == ["step", "op", "module", "input", "output", "count", "parameters"]
    rows = [cells(line) for line in lines[4:-2]]
    counts = [int(row[5].replace(",", "")) for row in rows if row[5]]
    total = cells(lines[-1])
    assert total[0] == f"{len(rows)} steps"
    assert sum(counts) == int(total[5].replace(",", ""))
    arithmetic = [row[6] for row in rows if row[6]]
    tensors = sum(row.count(" + ") + 1 for row in arithmetic)
    assert total[6] == f"{tensors} parameter tensors in {len(arithmetic)} layers"
    for row in rows:
        if row[6]:
            sizes, _, count = row[6].partition(" = ")
            products = [
                np.prod([int(n) for n in p.split()[1].split("×")]) for p in sizes.split("+")
            ]
            assert sum(products) == int(count.replace(",", "")) == int(row[5].replace(",", ""))


def test_the_table_writes_the_arithmetic_out(capsys: pytest.CaptureFixture[str]) -> None:
    main(["summary", "notebook"])
    printed = capsys.readouterr().out
    assert "weight 6×1×3×3 + bias 6 = 60\n" in printed
    assert "weight 120×576 + bias 120 = 69,240\n" in printed


def test_a_batch_changes_the_shapes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "tutorial", "--batch", "64", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["input_shape"] == [64, 1, 32, 32]
    assert document["steps"][-1]["output_shape"] == [64, 10]
    assert document["totals"]["parameters"] == 61_706


def test_a_file_that_is_called_like_a_preset_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy").write_bytes(b"some file")
    assert main(["summary", "toy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "toy"
    assert main(["summary", "./toy"]) == 2
    assert "is not a capture" in capsys.readouterr().err


MISTAKES = [
    (["summary", "notebok"], "did you mean notebook"),
    (["sumary", "notebook"], "did you mean summary"),
    (["--model", "toyy"], "did you mean toy"),
    (["--model", "toy", "summary", "notebook"], "--model toy"),
    (["--model", "toy", "capture", "notebook", "-o", "x.lvcap"], "--model toy"),
    (["summary"], "MODEL"),
    (["summary", "notebook", "--batch", "0"], "--batch"),
    (["summary", "gone.lvcap"], "gone.lvcap"),
    (["capture", "notebook"], "-o"),
    (["capture", "nothing-like-it", "-o", "x.lvcap"], "lenet5, toy, mlp, batchnorm"),
    (["capture", "notebook", "-o", "x.lvcap", "--input", "digit:10"], "0 to 9"),
    (["capture", "notebook", "-o", "x.lvcap", "--input", "digit:7:99999"], "99999"),
    (["capture", "notebook", "-o", "x.lvcap", "--input", "cat.png"], "cat.png"),
    (["capture", "notebook", "-o", "x.lvcap", "--backward", "output:10"], "0 to 9"),
    (["capture", "toy", "-o", "x.lvcap", "--backward", "cross-entropy:2"], "0 to 1"),
    (["capture", "autoencoder", "-o", "x.lvcap", "--backward", "cross-entropy:1"], "0 to 0"),
    (["capture", "autoencoder", "-o", "x.lvcap", "--backward", "output:28"], "0 to 27"),
    (["capture", "notebook", "-o", "x.lvcap", "--backward", "output"], "output"),
    (["capture", "notebook", "-o", "x.lvcap", "--backward", "sum"], "cross-entropy:K"),
    (["capture", "notebook", "-o", "x.lvcap", "--seed", "-1"], "--seed"),
    (["capture", "notebook", "-o", "x.lvcap", "--seed", "3.5"], "--seed"),
    (["capture", "notebook", "-o", "no/such/x.lvcap"], "no/such"),
    (["capture", "notebook", "-o", "."], "folder"),
    (["capture", "notebook", "-o", "taken.lvcap"], "--force"),
]


@pytest.mark.parametrize(("arguments", "told"), MISTAKES, ids=lambda v: " ".join(v)[-40:])
def test_a_mistake_ends_with_2_and_one_clear_line(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.lvcap").write_bytes(b"mine")
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert told in printed.err
    assert printed.err.startswith("lenet-viz")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.lvcap"]
    assert (tmp_path / "taken.lvcap").read_bytes() == b"mine"


RANDOM = ["--input", "random", "--seed", "5", "--backward", "random"]


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture of the notebook's network, written by the program."""
    path = tmp_path_factory.mktemp("captures") / "one.lvcap"
    ran = program("capture", "notebook", "-o", str(path), *RANDOM)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{path}\n"
    assert "\r" not in ran.stderr
    assert ran.stderr.strip(), "the stages are told on stderr"
    return path


@pytest.fixture
def run(captured: Path) -> Capture:
    return lenet_viz.load(captured)


def test_the_same_seed_gives_the_same_bytes(captured: Path, tmp_path: Path) -> None:
    again = tmp_path / "two.lvcap"
    assert main(["capture", "notebook", "-o", str(again), *RANDOM]) == 0
    assert again.read_bytes() == captured.read_bytes()


def test_summary_and_capture_name_the_same_steps(
    captured: Path, run: Capture, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(run.steps) == 12
    assert main(["summary", "notebook", "--json"]) == 0
    of_preset = json.loads(capsys.readouterr().out)
    assert main(["summary", str(captured), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == of_preset
    assert [step.name for step in run.steps] == [step["name"] for step in of_preset["steps"]]


def test_weights_and_gradients_are_those_of_a_hand_written_network(run: Capture) -> None:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional

    class Net(torch.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = torch.nn.Conv2d(1, 6, 3)
            self.conv2 = torch.nn.Conv2d(6, 16, 3)
            self.fc1 = torch.nn.Linear(16 * 6 * 6, 120)
            self.fc2 = torch.nn.Linear(120, 84)
            self.fc3 = torch.nn.Linear(84, 10)

        def forward(self, x):  # type: ignore[no-untyped-def]
            x = functional.max_pool2d(functional.relu(self.conv1(x)), (2, 2))
            x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
            x = x.view(-1, 576)
            x = functional.relu(self.fc1(x))
            x = functional.relu(self.fc2(x))
            return self.fc3(x)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            net = Net()
            torch.manual_seed(6)
            x = torch.randn(1, 1, 32, 32, requires_grad=True)
            torch.manual_seed(7)
            v = torch.randn(1, 10)
        net(x).backward(v)
    finally:
        torch.set_num_threads(threads)
    assert list(run.parameters.keys()) == list(net.state_dict())
    for name, parameter in net.named_parameters():
        assert np.array_equal(run.parameters[name].value, parameter.detach().numpy())
        assert np.array_equal(run.parameters[name].gradient, parameter.grad.numpy())
    assert np.array_equal(run.inputs[0], x.detach().numpy())
    assert run.objective is not None
    assert np.array_equal(run.objective.upstream, v.numpy())
    assert np.array_equal(run.input_gradients[0], x.grad.numpy())


def test_the_input_gradient_has_its_124_structural_zeros(run: Capture) -> None:
    gradient = run.input_gradients[0]
    assert gradient is not None
    outside = np.ones((32, 32), dtype=bool)
    outside[:30, :30] = False
    assert outside.sum() == 124
    assert not gradient[0, 0][outside].any()
    assert gradient[0, 0][~outside].any()


def test_without_backward_only_forward_runs_and_force_replaces(tmp_path: Path) -> None:
    path = tmp_path / "run.lvcap"
    path.write_bytes(b"an older file")
    assert main(["capture", "toy", "-o", str(path), "--force"]) == 0
    run = lenet_viz.load(path)
    assert run.objective is None
    assert run.input_gradients == (None,)
    assert [step.name for step in run.steps] == ["conv1", "relu", "max_pool2d", "view", "fc1"]
    assert [path.name for path in tmp_path.iterdir()] == ["run.lvcap"]


def test_a_bug_is_one_line_with_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from lenet_viz.commands import summary

    monkeypatch.setattr(summary, "of_spec", lambda *_: 1 / 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["summary", "notebook"]) == 1
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    (report,) = tmp_path.iterdir()
    assert str(report) in printed.err
    assert "Traceback" in report.read_text()


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes on Windows")
def test_a_reader_that_went_away_gives_no_traceback() -> None:
    line = f"{sys.executable} -m lenet_viz summary notebook --json --batch 64 | true; exit 0"
    # The reader ends at once; often enough the program still has something to write.
    for _ in range(3):
        ran = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
        assert ran.stderr == ""


def test_a_lost_engine_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "lenet_viz.engine.client.engine_command", lambda: (sys.executable, "-c", "raise OSError")
    )
    assert main(["capture", "toy", "-o", str(tmp_path / "run.lvcap")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "lenet-viz: The engine" in printed.err
    assert "Forward" not in printed.err
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_breaks_through_no_mistake_of_the_user_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gone = tmp_path / "gone"

    class Folder:
        def __init__(self, **_: object) -> None:
            pass

        def __enter__(self) -> str:
            return str(gone)

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("lenet_viz.commands.capture.TemporaryDirectory", Folder)
    assert main(["capture", "toy", "-o", str(tmp_path / "run.lvcap")]) == 1
    assert str(gone) in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is sent another way on Windows")
def test_ctrl_c_ends_with_130_and_leaves_no_file(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "lenet_viz", "capture", "toy", "-o", str(tmp_path / "run.lvcap")]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, start_new_session=True) as ran:
        assert ran.stderr is not None
        first = ran.stderr.readline()
        assert "engine" in first
        os.killpg(ran.pid, signal.SIGINT)  # a terminal sends it to the engine too
        assert ran.stderr.read() == "lenet-viz: interrupted\n"
    assert ran.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["figure", "toy", "-o", "{}.png"],
        ["capture", "toy", "-o", "{}.lvcap"],
        ["summary", "{}.lvcap"],
        ["{}.lvcap"],
    ],
    ids=" ".join,
)
def test_a_name_that_the_system_does_not_take_is_a_mistake_in_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name = "a" * 300
    assert main([word.format(name) for word in words]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert "File name too long" in said
    assert "give another" in said
    assert said.count("\n") == 1
