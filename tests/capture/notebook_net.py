"""The notebook's network as its author wrote it, and the same steps written out of place."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NAMES = [
    "conv1", "relu", "max_pool2d", "conv2", "relu_2", "max_pool2d_2", "view",
    "fc1", "relu_3", "fc2", "relu_4", "fc3",
]  # fmt: skip
OPS = [
    "conv2d", "relu", "max_pool2d", "conv2d", "relu", "max_pool2d", "view",
    "linear", "relu", "linear", "relu", "linear",
]  # fmt: skip
SHAPES = [
    (6, 30, 30), (6, 30, 30), (6, 15, 15), (16, 13, 13), (16, 13, 13), (16, 6, 6), (576,),
    (120,), (120,), (84,), (84,), (10,),
]  # fmt: skip


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3)
        self.conv2 = nn.Conv2d(6, 16, 3)
        self.fc1 = nn.Linear(16 * 6 * 6, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, self.num_flat_features(x))
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)

    def num_flat_features(self, x: Tensor) -> int:
        count = 1
        for size in x.size()[1:]:
            count *= size
        return count


def seeded_net(seed: int = 0) -> Net:
    """A net with weights from a seed, the global generator as before."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Net()


def random_input(batch: int = 1, seed: int = 1) -> Tensor:
    return torch.randn(batch, 1, 32, 32, generator=torch.Generator().manual_seed(seed))


def all_steps(net: Net, x: Tensor) -> list[Tensor]:
    """Every value of the run, no hook and no mode involved."""
    c1 = F.conv2d(x, net.conv1.weight, net.conv1.bias)
    r1 = torch.relu(c1)
    p1 = F.max_pool2d(r1, 2)
    c2 = F.conv2d(p1, net.conv2.weight, net.conv2.bias)
    r2 = torch.relu(c2)
    p2 = F.max_pool2d(r2, 2)
    flat = p2.reshape(-1, 576)
    f1 = F.linear(flat, net.fc1.weight, net.fc1.bias)
    r3 = torch.relu(f1)
    f2 = F.linear(r3, net.fc2.weight, net.fc2.bias)
    r4 = torch.relu(f2)
    return [
        c1,
        r1,
        p1,
        c2,
        r2,
        p2,
        flat,
        f1,
        r3,
        f2,
        r4,
        F.linear(r4, net.fc3.weight, net.fc3.bias),
    ]
