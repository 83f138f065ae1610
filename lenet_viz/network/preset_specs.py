"""The graphs of the networks that come with the program."""

from dataclasses import replace

from lenet_viz.network.spec import INPUT, Node, SettingValue, Spec


class Chain:
    """Collects nodes of which each takes the one before."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def add(self, node_id: str, op: str, **settings: SettingValue) -> "Chain":
        """Append a node that takes the last one's output."""
        before = self.nodes[-1].id if self.nodes else INPUT
        self.nodes.append(Node(node_id, op, (before,), settings))
        return self

    def conv(
        self, node_id: str, channels: tuple[int, int], kernel: int, **settings: SettingValue
    ) -> "Chain":
        """Append a convolution, without stride and padding where they are not given."""
        first, second = channels
        return self.add(
            node_id,
            "conv2d",
            in_channels=first,
            out_channels=second,
            kernel_size=kernel,
            **settings,
        )

    def join(self, node_id: str, other: str) -> "Chain":
        """Append the sum of the last node's output and an earlier one's."""
        self.nodes.append(Node(node_id, "add", (self.nodes[-1].id, other)))
        return self

    def project(self, node_id: str, other: str, channels: tuple[int, int]) -> "Chain":
        """Append the sum with an earlier node's output that a 1×1 convolution halves first."""
        last = self.nodes[-1].id
        self.conv("projection", channels, 1, stride=2)
        self.nodes[-1] = replace(self.nodes[-1], inputs=(other,))
        self.nodes.append(Node(node_id, "add", (last, "projection")))
        return self

    def linear(self, node_id: str, features: tuple[int, int]) -> "Chain":
        """Append a linear layer."""
        return self.add(node_id, "linear", in_features=features[0], out_features=features[1])


def tutorial_network(name: str, kernel: int, features: int, title: str, about: str) -> Spec:
    """Return the tutorial's network with kernels of a size and the features they leave."""
    chain = (
        Chain()
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


def lenet5() -> Spec:
    """Return LeNet-5 in its dense form."""
    chain = (
        Chain()
        .conv("conv1", (1, 6), 5, padding=2)
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


def toy() -> Spec:
    """Return the network of the hand-checked example."""
    chain = (
        Chain()
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


def mlp() -> Spec:
    """Return a network of linear layers alone."""
    chain = (
        Chain()
        .add("flatten", "flatten")
        .linear("fc1", (784, 128))
        .add("relu1", "relu")
        .linear("fc2", (128, 64))
        .add("relu2", "relu")
        .linear("fc3", (64, 10))
    )
    about = "Three linear layers on the 784 pixels of a 28×28 image; no convolution."
    return Spec("mlp", (1, 28, 28), tuple(chain.nodes), "fc3", "MLP", about)


def batchnorm() -> Spec:
    """Return a convolutional network with batch normalisation and dropout."""
    chain = (
        Chain()
        .conv("conv1", (1, 8), 3, padding=1, bias=False)
        .add("bn1", "batch_norm2d", num_features=8)
        .add("relu1", "relu")
        .add("pool1", "max_pool2d", kernel_size=2)
        .conv("conv2", (8, 16), 3, padding=1, bias=False)
        .add("bn2", "batch_norm2d", num_features=16)
        .add("relu2", "relu")
        .add("pool2", "max_pool2d", kernel_size=2)
        .add("flatten", "flatten")
        .linear("fc1", (784, 64))
        .add("relu3", "relu")
        .add("dropout", "dropout", p=0.5)
        .linear("fc2", (64, 10))
    )
    about = "Two convolutions without bias, each followed by BatchNorm2d; Dropout before the last."
    return Spec("batchnorm", (1, 28, 28), tuple(chain.nodes), "fc2", "BatchNorm CNN", about)


def residual() -> Spec:
    """Return a residual network: a block around which its input goes as it is, and one where not.

    The second block halves height and width and doubles the channels, so that a 1×1 convolution
    has to fit its input to what is added.
    """
    chain = (
        Chain()
        .conv("conv1", (1, 8), 3, padding=1)
        .add("relu1", "relu")
        .conv("conv2", (8, 8), 3, padding=1)
        .add("relu2", "relu")
        .conv("conv3", (8, 8), 3, padding=1)
        .join("add1", "relu1")
        .add("relu3", "relu")
        .conv("conv4", (8, 16), 3, stride=2, padding=1)
        .add("relu4", "relu")
        .conv("conv5", (16, 16), 3, padding=1)
        .project("add2", "relu3", (8, 16))
        .add("relu5", "relu")
        .add("pool", "adaptive_avg_pool2d", output_size=1)
        .add("flatten", "flatten")
        .linear("fc", (16, 10))
    )
    about = "Two blocks of two convolutions; a link around each, the second with a projection."
    return Spec("residual", (1, 28, 28), tuple(chain.nodes), "fc", "Residual", about)


def allconv() -> Spec:
    """Return a network of convolutions alone, averaged at its end."""
    chain = (
        Chain()
        .conv("conv1", (1, 8), 3, stride=2, padding=1)
        .add("relu1", "relu")
        .conv("conv2", (8, 16), 3, stride=2, padding=1)
        .add("relu2", "relu")
        .conv("conv3", (16, 10), 1)
        .add("pool", "adaptive_avg_pool2d", output_size=1)
        .add("flatten", "flatten")
    )
    about = "Two convolutions with stride 2, one of 1×1 to ten maps, and their means."
    return Spec("allconv", (1, 28, 28), tuple(chain.nodes), "flatten", "All-convolutional", about)


def autoencoder() -> Spec:
    """Return a network that squeezes an image and draws it again at its own size."""
    chain = (
        Chain()
        .conv("conv1", (1, 8), 3, stride=2, padding=1)
        .add("relu1", "relu")
        .conv("conv2", (8, 4), 3, stride=2, padding=1)
        .add("relu2", "relu")
        .add("up", "upsample", scale_factor=2)
        .conv("conv3", (4, 8), 3, padding=1)
        .add("relu3", "relu")
        .add(
            "deconv",
            "conv_transpose2d",
            in_channels=8,
            out_channels=1,
            kernel_size=4,
            stride=2,
            padding=1,
        )
        .add("sigmoid", "sigmoid")
    )
    about = "Two convolutions down to 4×7×7; Upsample and ConvTranspose2d back to 28×28."
    return Spec("autoencoder", (1, 28, 28), tuple(chain.nodes), "sigmoid", "Autoencoder", about)
