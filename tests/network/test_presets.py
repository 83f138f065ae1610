"""The networks that come with the program, and asking for one that does not."""

import subprocess
import sys

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.shapes import derive

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


def _said(name: str) -> str:
    return presets.get(name).description.english()


def test_the_numbers_in_the_descriptions_are_those_of_the_networks():
    reports = {name: derive(presets.get(name).spec).require() for name in presets.NAMES}
    first = reports["mlp"].node("fc1")
    assert (first.inputs, first.output) == (((1, 784),), (1, 128))
    assert f"{first.parameter_count:,} of its {reports['mlp'].parameter_count:,}" in _said("mlp")
    assert reports["batchnorm"].node("dropout").output == (1, 64)
    assert "64 features" in _said("batchnorm")
    norms = [presets.get("batchnorm").spec.node(name) for name in ("conv1", "conv2")]
    assert not any(node.flag("bias") for node in norms)
    projection = reports["residual"].node("projection")
    assert [len(axis.dropped) for axis in projection.axes] == [14, 14]
    assert [axis.in_size for axis in projection.axes] == [28, 28]
    assert reports["allconv"].node("conv3").output == (1, 10, 7, 7)
    assert f"{reports['allconv'].parameter_count:,} parameters" in _said("allconv")
    code = reports["autoencoder"].node("relu2").output
    assert code == (1, 4, 7, 7)
    assert "4×7×7 = 196" in _said("autoencoder")
    assert reports["autoencoder"].node("sigmoid").output == (1, 1, 28, 28)


def test_no_convolution_has_max_pooling_or_a_linear_layer_in_allconv():
    ops = {node.op for node in presets.get("allconv").spec.nodes}
    assert not ops & {"max_pool2d", "avg_pool2d", "linear"}
