"""`lenet-viz code` and `lenet-viz check`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lenet_viz.commands.network_text import check, code
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.build import build


@pytest.mark.parametrize("name", presets.NAMES)
def test_code_runs_and_has_the_networks_keys(name: str) -> None:
    names: dict[str, object] = {}
    exec(compile(code(name), "<code>", "exec"), names)
    net = names["Net"]()  # type: ignore[operator]
    spec = presets.get(name).spec
    assert list(net.state_dict()) == list(build(spec).state_dict())
    assert net(torch.zeros(2, *spec.input_shape)).shape[0] == 2


def test_code_is_written_to_a_file_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    assert code("toy", output=str(file)) == f"{file}\n"
    assert file.read_text() == code("toy")
    with pytest.raises(UserMistake, match="exists already"):
        code("toy", output=str(file), sequential=True)
    code("toy", output=str(file), sequential=True, force=True)
    assert "nn.Sequential" in file.read_text()


def test_check_prints_the_ledger() -> None:
    text = check("notebook")
    assert "(13 - 2)/2 + 1 = 6.5 → 6" in text
    assert "rows 12, columns 12" in text
    assert "16·6·3·3 + 16 = 880" in text
    assert text.endswith("parameters: 81194\nstructurally zero: 124 of 1024 pixels of input\n")
    found = json.loads(check("notebook", as_json=True))
    assert found["parameters"] == 81_194
    assert found["structurally_zero"] == 124
    assert [step["output_shape"] for step in found["steps"]][-1] == [1, 10]
    assert found["steps"][5]["dropped_rows"] == [12]


def broken(tmp_path: Path) -> Path:
    spec = json.loads(presets.get("tutorial").spec.to_json())
    spec["nodes"][7]["settings"]["in_features"] = 576
    file = tmp_path / "net.json"
    file.write_text(json.dumps(spec))
    return file


def test_check_says_what_does_not_fit_and_ends_with_2(tmp_path: Path) -> None:
    file = broken(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "lenet_viz", "check", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "fc1 takes 576 features, view gives 400" in done.stderr
    assert "Set in_features to 400" in done.stderr
    assert str(file) in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "word", ["gone.py:Net", "run.lvcap", "package:Net", "nothing", "gone.json"]
)
def test_what_is_no_described_network_is_refused(word: str) -> None:
    for command in (check, code):
        with pytest.raises(UserMistake):
            command(word)


def test_neither_loads_torch_nor_qt() -> None:
    program = (
        "import sys; from lenet_viz.cli import main; main(['code', 'toy']); main(['check', 'toy']);"
        "print(sorted({'torch', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.endswith("[]\n"), done.stderr


def test_a_python_file_is_read_and_not_run(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(code("tutorial") + "\nnet = Net()\n")
    assert check(str(file)).splitlines()[-2] == "parameters: 61706"
    assert code(f"{file}:Net") == code("tutorial")
    file.write_text(code("tutorial").replace("super().__init__()", "open('x', 'w').write('ran')"))
    with pytest.raises(UserMistake, match=r"net.py: line 7: “open\('x', 'w'\)"):
        check(str(file))
    assert not Path("x").exists()
