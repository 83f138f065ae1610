"""The networks that come with the program, and asking for one that does not."""

import subprocess
import sys

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets

KNOWN = "notebook, tutorial, lenet5, toy, mlp, batchnorm, residual, allconv, autoencoder"


def test_names():
    assert tuple(KNOWN.split(", ")) == presets.NAMES
    for name in presets.NAMES:
        preset = presets.get(name)
        assert preset.name == preset.spec.name == name
        assert preset.title.english()
        assert preset.description.english().endswith(".")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("notebok", "did you mean notebook? Known: " + KNOWN),
        ("resnet18", "known: " + KNOWN),
        ("", 'no preset ""'),
    ],
)
def test_unknown_name(asked, said):
    with pytest.raises(UserMistake) as caught:
        presets.get(asked)
    assert said in str(caught.value)


def test_only_toy_has_numbers_of_its_own():
    for name in presets.NAMES:
        preset = presets.get(name)
        assert (preset.weights is not None) == (name == "toy") == (preset.image is not None)
        assert preset.input_kind == ("preset" if name == "toy" else "digit")


def test_specs_and_shapes_load_neither_torch_nor_numpy_nor_qt():
    code = (
        "import sys; from lenet_viz.network import presets, shapes, code;"
        "spec = presets.get('notebook').spec; shapes.derive(spec); code.source(spec);"
        "print(sorted({'torch', 'numpy', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
