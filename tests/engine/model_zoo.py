"""Models as their users write them, by what they take."""

from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LeNet(nn.Module):
    def __init__(self, kernel: int = 5, width: int = 400) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, kernel), nn.Conv2d(6, 16, kernel)
        self.fc1, self.fc2 = nn.Linear(width, 120), nn.Linear(120, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))


class Mnist(nn.Module):
    """Takes 28 × 28 only."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.fc = nn.Linear(9216, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        return F.log_softmax(self.fc(x.view(-1, 9216)), dim=1)


class Notebook(LeNet):
    """A view that would take other pictures too, and make several rows of them."""

    def __init__(self) -> None:
        super().__init__(3, 576)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.view(-1, 576))))


class Block(nn.Module):
    def __init__(self, c: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c, out, 3, stride, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.short = nn.Conv2d(c, out, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + self.short(x))


class ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 7, 2, 3), nn.BatchNorm2d(8), nn.MaxPool2d(3, 2, 1)
        )
        self.layers = nn.Sequential(*(Block(8 * 2**i, 16 * 2**i, 2) for i in range(3)))
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layers(self.stem(x)).mean((2, 3)))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 8, 3, 1, 1), nn.Conv2d(8, 16, 3, 1, 1), None
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(16, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = F.relu(self.a(x))
        b = F.relu(self.b(F.max_pool2d(a, 2)))
        return self.out(torch.cat([self.up(b), a], 1))


class Lstm(nn.Module):
    def __init__(self, batch_first: bool = True) -> None:
        super().__init__()
        self.embed = nn.Embedding(1000, 24)
        self.lstm = nn.LSTM(24, 32, batch_first=batch_first)
        self.head = nn.Linear(32, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        out, _ = self.lstm(self.embed(tokens))
        return self.head(out[:, -1])


class Gru(nn.Module):
    """A head registered before the recurrent part."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.head = nn.Linear(16, 4)
        self.rnn = nn.GRU(7, 16, batch_first=batch_first)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(x)[0])


class Vit(nn.Module):
    def __init__(self, side: int = 32) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 16))
        self.places = nn.Parameter(torch.zeros(1, (side // 4) ** 2 + 1, 16))
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.places
        return self.head(self.encoder(x)[:, 0])


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(784, 32), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(F.relu(self.a(x.view(-1, 784))))


class Table(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Linear(13, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.fc = nn.Linear(5, 6)
        self.head = nn.Linear(10, 2)

    def forward(self, image: Tensor, features: Tensor) -> Tensor:
        return self.head(torch.cat([self.conv(image).mean((2, 3)), self.fc(features)], 1))


class Bert(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(500, 12), nn.Embedding(64, 12)
        self.layer = nn.TransformerEncoderLayer(12, 2, 16, batch_first=True)

    def forward(self, input_ids: Tensor, *, mask: Tensor, scale: float = 1.0) -> dict[str, Tensor]:
        places = torch.arange(input_ids.shape[1])
        x = self.tokens(input_ids) + self.places(places)
        return {"hidden": self.layer(x, src_key_padding_mask=mask) * scale}


class FixedLength(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(50, 8)
        self.places = nn.Parameter(torch.zeros(1, 37, 8))
        self.head = nn.Linear(8 * 37, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head((self.tokens(x) + self.places).flatten(1))


class ChannelsLast(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(5, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.permute(0, 3, 1, 2))


class Unsqueezed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 3)

    def forward(self, signal: Tensor) -> Tensor:
        return self.conv(signal.unsqueeze(1)).mean(2)


class Checked(nn.Module):
    """Says in words of its own what it wants."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 16, 16)

    def forward(self, x: Tensor) -> Tensor:
        _, _, h, w = x.shape
        assert (h, w) == (224, 224), f"Input size ({h}*{w}) doesn't match the model's (224*224)"
        return self.conv(x)


class Siamese(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 8))

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return (self.trunk(a) - self.trunk(b)).abs().sum(1)


class OneHot(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(9, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(F.one_hot(x, 9).float())


class Unreachable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Tensor, graph: Any) -> Tensor:
        return self.fc(x) * graph.scale


class NoInput(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.ones(2, 3))

    def forward(self) -> Tensor:
        return self.w * 2


def autoencoder() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 14 * 14, 8),
        nn.Linear(8, 196), nn.Unflatten(1, (1, 14, 14)), nn.ConvTranspose2d(1, 1, 2, 2),
    )  # fmt: skip


def graph(scale: float = 1.0) -> SimpleNamespace:
    return SimpleNamespace(scale=scale)
