"""The networks that come with the program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.layer_types import nearest, written
from lenet_viz.network.spec import INPUT, Node, SettingValue, Spec
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


class _Chain:
    """Collects nodes of which each takes the one before."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def add(self, node_id: str, op: str, **settings: SettingValue) -> "_Chain":
        """Append a node that takes the last one's output."""
        before = self.nodes[-1].id if self.nodes else INPUT
        self.nodes.append(Node(node_id, op, (before,), settings))
        return self

    def conv(self, node_id: str, channels: tuple[int, int], kernel: int) -> "_Chain":
        """Append a convolution without stride and padding."""
        return self.add(
            node_id,
            "conv2d",
            in_channels=channels[0],
            out_channels=channels[1],
            kernel_size=kernel,
        )

    def linear(self, node_id: str, features: tuple[int, int]) -> "_Chain":
        """Append a linear layer."""
        return self.add(node_id, "linear", in_features=features[0], out_features=features[1])


def _tutorial_network(name: str, kernel: int, features: int, title: str, about: str) -> Spec:
    chain = (
        _Chain()
        .conv("conv1", (1, 6), kernel)
        .add("relu1", "relu")
        .add("pool1", "max_pool2d", kernel_size=(2, 2))
        .conv("conv2", (6, 16), kernel)
        .add("relu2", "relu")
        .add("pool2", "max_pool2d", kernel_size=2)
        .add("view", "view", shape=(-1, features))
        .linear("fc1", (features, 120))
        .add("relu3", "relu")
        .linear("fc2", (120, 84))
        .add("relu4", "relu")
        .linear("fc3", (84, 10))
    )
    return Spec(name, (1, 32, 32), tuple(chain.nodes), "fc3", title, about)


def _lenet5() -> Spec:
    chain = (
        _Chain()
        .add("conv1", "conv2d", in_channels=1, out_channels=6, kernel_size=5, padding=2)
        .add("tanh1", "tanh")
        .add("pool1", "avg_pool2d", kernel_size=2)
        .conv("conv2", (6, 16), 5)
        .add("tanh2", "tanh")
        .add("pool2", "avg_pool2d", kernel_size=2)
        .add("flatten", "flatten", start_dim=1)
        .linear("fc1", (400, 120))
        .add("tanh3", "tanh")
        .linear("fc2", (120, 84))
        .add("tanh4", "tanh")
        .linear("fc3", (84, 10))
    )
    return Spec(
        "lenet5",
        (1, 28, 28),
        tuple(chain.nodes),
        "fc3",
        "LeNet-5, dense",
        "Input 28×28, first convolution padded by 2, tanh and average pooling.",
    )


def _toy() -> Spec:
    chain = (
        _Chain()
        .conv("conv1", (1, 1), 3)
        .add("relu1", "relu")
        .add("pool1", "max_pool2d", kernel_size=2)
        .add("view", "view", shape=(-1, 4))
        .linear("fc1", (4, 2))
    )
    return Spec(
        "toy",
        (1, 6, 6),
        tuple(chain.nodes),
        "fc1",
        "Toy",
        "Small whole numbers throughout: every sum can be checked by hand.",
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
        _tutorial_network(
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
        _tutorial_network(
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
        _lenet5(),
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
        _toy(),
        input_kind="preset",
        weights=_TOY_WEIGHTS,
        image=_TOY_IMAGE,
    ),
)

_PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({preset.name: preset for preset in _ALL})

NAMES: Final = tuple(_PRESETS)
"""The names of all presets, the first being the one the program starts with."""
