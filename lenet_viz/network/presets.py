"""The networks that come with the program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network import preset_specs
from lenet_viz.network.layer_types import nearest, written
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Nested = tuple["int | Nested", ...]
"""Numbers in nested tuples, as deep as the tensor has dimensions."""


@dataclass(frozen=True)
class Preset:
    """A network that comes with the program.

    Attributes:
        name: its name on the command line.
        title: its heading.
        description: one sentence on why it is worth looking at.
        spec: the network.
        input_kind: the input it starts with: ``digit``, ``random`` or ``preset`` (its ``image``).
        weights: fixed numbers for every key of the ``state_dict``, or None for random ones.
        image: its own input, nested as (1, C, H, W), or None.
    """

    name: str
    title: Message
    description: Message
    spec: Spec
    input_kind: str = "digit"
    weights: Mapping[str, Nested] | None = field(default=None)
    image: Nested | None = None


def get(name: str) -> Preset:
    """Return the preset called ``name``.

    Raises:
        UserMistake: there is none; lists the known names and the one that was probably meant.
    """
    if name in _PRESETS:
        return _PRESETS[name]
    guess = nearest(name, NAMES)
    if guess is None:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "There is no preset {found}; known: {known}. A model of your own is named by its "
            "file: net.py, net.json.",
        )
        raise UserMistake(message("Network", template, found=written(name), known=", ".join(NAMES)))
    raise UserMistake(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "There is no preset {found}; did you mean {guess}? Known: {known}. A model of your "
                "own is named by its file: net.py, net.json.",
            ),
            found=written(name),
            guess=guess,
            known=", ".join(NAMES),
        )
    )


# Chosen so that the four pooling windows show four cases: two plain maxima (2 and 4), one
# window in which every ReLU is inactive (0), and one tie (3 and 3).
_TOY_WEIGHTS: Final[Mapping[str, Nested]] = MappingProxyType(
    {
        "conv1.weight": ((((1, 1, -1), (0, 0, 1), (0, -1, -1)),),),
        "conv1.bias": (-1,),
        "fc1.weight": ((1, -1, 2, 1), (-1, 2, 1, -2)),
        "fc1.bias": (1, -1),
    }
)
_TOY_IMAGE: Final[Nested] = (
    (
        (
            (0, 0, 0, 0, 0, 0),
            (0, 3, 3, 3, 2, 0),
            (0, 0, 0, 1, 3, 0),
            (0, 0, 1, 3, 0, 0),
            (0, 0, 2, 1, 0, 0),
            (0, 0, 2, 0, 0, 0),
        ),
    ),
)

_ALL: Final = (
    Preset(
        "notebook",
        message("Network", QT_TRANSLATE_NOOP("Network", "Notebook (3×3)")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "The first tutorial's network with 3×3 kernels: its second pooling drops a row and "
                "a column, so 124 of the 1,024 input pixels cannot influence the output.",
            ),
        ),
        preset_specs.tutorial_network(
            "notebook",
            3,
            576,
            "Notebook (3×3)",
            "Two 3×3 convolutions and three linear layers; 13/2 is rounded down.",
        ),
    ),
    Preset(
        "tutorial",
        message("Network", QT_TRANSLATE_NOOP("Network", "Tutorial (5×5)")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "The current tutorial's network with 5×5 kernels: every size divides evenly and "
                "every input pixel counts.",
            ),
        ),
        preset_specs.tutorial_network(
            "tutorial",
            5,
            400,
            "Tutorial (5×5)",
            "Two 5×5 convolutions and three linear layers; nothing is dropped.",
        ),
    ),
    Preset(
        "lenet5",
        message("Network", QT_TRANSLATE_NOOP("Network", "LeNet-5 (dense)")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "LeNet-5 in its modern dense form: a padded first convolution, tanh and average "
                "pooling, where every value of a window takes part.",
            ),
        ),
        preset_specs.lenet5(),
    ),
    Preset(
        "toy",
        message("Network", QT_TRANSLATE_NOOP("Network", "Toy (6×6)")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "A 6×6 image, one kernel, one pooling and two logits in small whole numbers: "
                "everything can be checked by hand.",
            ),
        ),
        preset_specs.toy(),
        input_kind="preset",
        weights=_TOY_WEIGHTS,
        image=_TOY_IMAGE,
    ),
    Preset(
        "mlp",
        message("Network", QT_TRANSLATE_NOOP("Network", "MLP")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "No convolution: 100,480 of its 109,386 parameters join every one of "
                "the 784 pixels to 128 sums, and nothing in it knows which pixels are "
                "neighbours.",
            ),
        ),
        preset_specs.mlp(),
    ),
    Preset(
        "batchnorm",
        message("Network", QT_TRANSLATE_NOOP("Network", "BatchNorm CNN")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "The convolutions have no bias, for BatchNorm2d would subtract it "
                "again; in training mode each of its means mixes a whole map, and "
                "Dropout zeroes about half of the 64 features.",
            ),
        ),
        preset_specs.batchnorm(),
    ),
    Preset(
        "residual",
        message("Network", QT_TRANSLATE_NOOP("Network", "Residual")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "Gradients have two ways back around each block: as they are around the "
                "first, and around the second through a 1×1 convolution with stride 2 "
                "that reads one in four of the 28×28 positions.",
            ),
        ),
        preset_specs.residual(),
    ),
    Preset(
        "allconv",
        message("Network", QT_TRANSLATE_NOOP("Network", "All-convolutional")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "Neither max pooling nor a linear layer: stride 2 shrinks the image, a "
                "1×1 convolution makes a 7×7 map for each class, and the mean of its 49 "
                "values is the logit; 1,418 parameters in all.",
            ),
        ),
        preset_specs.allconv(),
    ),
    Preset(
        "autoencoder",
        message("Network", QT_TRANSLATE_NOOP("Network", "Autoencoder")),
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "784 pixels are squeezed into 4×7×7 = 196 values and drawn again at "
                "28×28, first by Upsample, then by ConvTranspose2d; the output is an "
                "image, so there are no classes.",
            ),
        ),
        preset_specs.autoencoder(),
    ),
)

_PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({preset.name: preset for preset in _ALL})

NAMES: Final = tuple(_PRESETS)
"""The names of all presets, the first being the one the program starts with."""
