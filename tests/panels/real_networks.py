"""Networks as users write them, and runs of them."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture
from lenet_viz.capture.run import RecordingFailed

# The networks are written as users write them, without a word of documentation.


class BasicBlock(nn.Module):
    def __init__(self, cin: int, cout: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return F.relu(out)


class ResNet(nn.Module):
    def __init__(self, widths: tuple[int, ...] = (8, 16), blocks: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        cin = widths[0]
        for number, width in enumerate(widths, 1):
            layers = []
            for block in range(blocks):
                layers.append(BasicBlock(cin, width, 2 if number > 1 and block == 0 else 1))
                cin = width
            setattr(self, f"layer{number}", nn.Sequential(*layers))
        self.count = len(widths)
        self.fc = nn.Linear(cin, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        for number in range(1, self.count + 1):
            x = getattr(self, f"layer{number}")(x)
        x = F.adaptive_avg_pool2d(x, 1)
        return self.fc(torch.flatten(x, 1))


class ConvBn(nn.Module):
    def __init__(self, cin: int, cout: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, padding=kernel // 2)
        self.bn = nn.BatchNorm2d(cout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    def __init__(self, cin: int) -> None:
        super().__init__()
        self.branch1 = ConvBn(cin, 4, 1)
        self.branch3 = nn.Sequential(ConvBn(cin, 4, 1), ConvBn(4, 6, 3))
        self.branch5 = nn.Sequential(ConvBn(cin, 2, 1), ConvBn(2, 4, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(cin, 2, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.branch1(x), self.branch3(x), self.branch5(x), self.pool(x)], 1)


class InceptionNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 6, 5)
        self.inception = Inception(6)
        self.fc = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.inception(F.relu(self.stem(x)))
        return self.fc(x.mean((2, 3)))


class DoubleConv(nn.Module):
    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(cin, cout, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(cout, cout, 3, padding=1),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


class UNet(nn.Module):
    def __init__(self, depth: int = 2) -> None:
        super().__init__()
        widths = [4 * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList()
        cin = 1
        for width in widths[:-1]:
            self.down.append(DoubleConv(cin, width))
            cin = width
        self.bottom = DoubleConv(cin, widths[-1])
        self.up = nn.ModuleList()
        self.merge = nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.up.append(nn.ConvTranspose2d(2 * width, width, 2, 2))
            self.merge.append(DoubleConv(2 * width, width))
        self.out = nn.Conv2d(widths[0], 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for up, merge, skip in zip(self.up, self.merge, reversed(skips), strict=True):
            x = merge(torch.cat([skip, up(x)], dim=1))
        return self.out(x)


class LSTMClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, 12, num_layers=2, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(24, 3)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        _, (h, _) = self.lstm(self.embedding(ids))
        return self.fc(self.dropout(torch.cat([h[-2], h[-1]], dim=1)))


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, length, dim = x.shape
        qkv = self.qkv(x).reshape(n, length, 3, self.heads, dim // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        weights = ((q @ k.transpose(-2, -1)) * self.scale).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, length, dim))


class EncoderBlock(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self, depth: int = 1) -> None:
        super().__init__()
        self.patch = nn.Conv2d(1, 16, 4, 4)
        self.cls = nn.Parameter(torch.zeros(1, 1, 16))
        self.pos = nn.Parameter(torch.randn(1, 17, 16) * 0.02)
        self.blocks = nn.ModuleList([EncoderBlock(16, 2) for _ in range(depth)])
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], dim=1) + self.pos
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


class SharedBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + F.relu(self.conv(x))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3)
        self.block = SharedBlock(4)
        self.fc = nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for _ in range(3):
            x = self.block(x)
        return self.fc(x.mean((2, 3)))


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.image = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.table = nn.Linear(6, 4)
        self.head = nn.Linear(8, 2)

    def forward(self, image: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        seen = self.image(image).flatten(1)
        return self.head(torch.cat([seen, torch.relu(self.table(table))], 1))


class TwoHeads(nn.Module):
    def __init__(self, named: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten())
        self.classes = nn.Linear(4 * 14 * 14, 10)
        self.box = nn.Linear(4 * 14 * 14, 4)
        self.named = named

    def forward(self, x: torch.Tensor) -> Any:
        h = self.body(x)
        logits, box = self.classes(h), torch.sigmoid(self.box(h))
        return {"logits": logits, "box": box} if self.named else (logits, box)


class Nested(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU()),
            nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ReLU()),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(8 * 6 * 6, 16), nn.Linear(16, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x))


class Wrong(nn.Module):
    def __init__(self, late: bool = False) -> None:
        super().__init__()
        self.block = SharedBlock(1)
        self.fc1 = nn.Linear(400, 10)
        self.late = late

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(self.block(x), 2)
        if self.late:
            raise ValueError("no labels were given")
        return self.fc1(torch.flatten(x, 1))


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        return gradients[0] * 2


class WithOpaque(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = Double.apply(self.conv(x))
        return self.fc(x.mean((2, 3)))


def ran(net: nn.Module, *inputs: torch.Tensor, backward: Any = "output:0") -> Capture:
    """A run; one that fails gives what there is of it."""
    torch.manual_seed(0)
    try:
        return capture(net, *inputs, backward=backward, seed=0)
    except RecordingFailed as failure:
        return failure.capture


def _image(channels: int = 1, size: int = 16) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(1, channels, size, size, requires_grad=True)


def real_runs() -> dict[str, Callable[[], Capture]]:
    """Runs of networks as users write them, by name; each is made when called."""
    torch.manual_seed(0)
    ids = torch.randint(0, 50, (1, 9))
    return {
        "resnet": lambda: ran(ResNet(), _image(3)),
        "deep resnet": lambda: ran(ResNet((8, 16, 24, 32), 2), _image(3, 32)),
        "inception": lambda: ran(InceptionNet(), _image()),
        "unet": lambda: ran(UNet(), _image(), backward=None),
        "lstm": lambda: ran(LSTMClassifier(), ids),
        "vit": lambda: ran(ViT(), _image()),
        "deep vit": lambda: ran(ViT(4), _image()),
        "shared": lambda: ran(Recurrent(), _image()),
        "two inputs": lambda: ran(TwoInputs(), _image(), torch.rand(1, 6, requires_grad=True)),
        "two outputs": lambda: ran(TwoHeads(False), _image(), backward=None),
        "dict output": lambda: ran(TwoHeads(True), _image(), backward=None),
        "nested chain": lambda: ran(Nested(), _image()),
        "failed op": lambda: ran(Wrong(), _image()),
        "failed outside": lambda: ran(Wrong(late=True), _image()),
        "opaque": lambda: ran(WithOpaque(), _image()),
    }
