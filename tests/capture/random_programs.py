"""Random networks in two forms: as a user writes them, and out of place for comparison."""

import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_KEEPS_NO_OUTPUT = {"conv", "linear", "scale", "add", "input"}
"""Ops whose backward does not need their own output, so that it may be written over."""


@dataclass(frozen=True)
class Line:
    """One line of a program.

    Attributes:
        kind: what is computed.
        style: how the user writes it.
        number: a size, or which remembered value.
        layer: name of the layer it uses.
    """

    kind: str
    style: str = ""
    number: int = 0
    layer: str = ""


class Written(nn.Module):
    """The program as its user wrote it: modules, functions, methods, ops in place."""

    def __init__(self, lines: list[Line], layers: dict[str, nn.Module]) -> None:
        super().__init__()
        self.lines = lines
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.relu_module = nn.ReLU()
        self.relu_inplace = nn.ReLU(inplace=True)
        self.tanh_module = nn.Tanh()
        self.pool_module = nn.MaxPool2d(2)
        self.flat_module = nn.Flatten()

    def forward(self, x: Tensor) -> Tensor:
        saved: list[Tensor] = []
        for line in self.lines:
            if line.kind == "save":
                saved.append(x)
            elif line.kind in ("conv", "linear"):
                x = getattr(self, line.layer)(x)
            elif line.kind == "add":
                x = self._add(x, saved[line.number], line.style)
            elif line.kind == "cat":
                x = torch.cat([x, saved[line.number]], 1)
            else:
                x = self._single(x, line)
        return x

    def _add(self, x: Tensor, other: Tensor, style: str) -> Tensor:
        if style == "inplace":
            x += other
            return x
        return torch.add(x, other) if style == "function" else x + other

    def _single(self, x: Tensor, line: Line) -> Tensor:
        written = {
            "relu": {
                "function": F.relu, "torch": torch.relu, "method": Tensor.relu,
                "module": self.relu_module, "inplace": F.relu_, "inplace_module": self.relu_inplace,
                "inplace_method": Tensor.relu_, "inplace_flag": lambda t: F.relu(t, inplace=True),
            },
            "tanh": {"function": torch.tanh, "module": self.tanh_module, "method": Tensor.tanh},
            "scale": {
                "function": lambda t: t * 0.5, "method": lambda t: t.mul(0.5),
                "inplace": lambda t: t.mul_(0.5),
            },
            "max": {
                "function": lambda t: F.max_pool2d(t, 2), "module": self.pool_module,
                "torch": lambda t: torch.max_pool2d(t, 2),
            },
            "mean": {"function": lambda t: F.avg_pool2d(t, 2)},
            "flat": {
                "method": lambda t: t.flatten(1), "module": self.flat_module,
                "function": lambda t: torch.flatten(t, 1),
            },
            "narrow": {"function": lambda t: t[:, : line.number]},
            "turn": {"method": lambda t: t.transpose(2, 3)},
        }  # fmt: skip
        return written[line.kind][line.style](x)


STYLES = {
    "relu": ["function", "torch", "method", "module"],
    "tanh": ["function", "module", "method"],
    "scale": ["function", "method"],
    "max": ["function", "module", "torch"],
    "mean": ["function"],
    "flat": ["method", "module", "function"],
    "add": ["operator", "function"],
    "narrow": ["function"],
    "turn": ["method"],
}
_IN_PLACE = {
    "relu": ["inplace", "inplace_module", "inplace_method", "inplace_flag"],
    "scale": ["inplace"],
    "add": ["inplace"],
}


def reference(model: Written, x: Tensor) -> list[Tensor]:
    """Every value the program makes, each in memory of its own."""
    saved: list[Tensor] = []
    values: list[Tensor] = []
    for line in model.lines:
        if line.kind == "save":
            saved.append(x)
            continue
        x = _reference_line(model, line, x, saved)
        values.append(x)
    return values


def _reference_line(model: Written, line: Line, x: Tensor, saved: list[Tensor]) -> Tensor:
    if line.kind in ("conv", "linear"):
        layer = getattr(model, line.layer)
        if line.kind == "conv":
            return F.conv2d(x, layer.weight, layer.bias, padding=1)
        return F.linear(x, layer.weight, layer.bias)
    if line.kind == "add":
        return x + saved[line.number]
    if line.kind == "cat":
        return torch.cat((x, saved[line.number]), dim=1)
    return {
        "relu": torch.relu,
        "tanh": torch.tanh,
        "scale": lambda t: t * 0.5,
        "max": lambda t: F.max_pool2d(t, 2),
        "mean": lambda t: F.avg_pool2d(t, 2),
        "flat": lambda t: t.reshape(t.shape[0], -1),
        "narrow": lambda t: t[:, : line.number],
        "turn": lambda t: t.transpose(2, 3),
    }[line.kind](x)


class Author:
    """Writes one random program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[Line] = []
        self.layers: dict[str, nn.Module] = {}
        self.by_size: dict[tuple[str, int, int], str] = {}
        self.channels = self.random.choice([1, 2, 3])
        self.size = self.random.choice([6, 8])
        self.batch = self.random.choice([1, 2])
        self.input_shape = (self.batch, self.channels, self.size, self.size)
        self.saved: list[tuple[int, int]] = []
        self.last = "input"
        self.shared = True

    def write(self) -> tuple[Written, Tensor]:
        with torch.random.fork_rng():
            torch.manual_seed(self.random.randrange(10**6))
            for _ in range(self.random.randint(2, 9)):
                self._next()
            self._line("flat")
            width = self.channels * self.size * self.size
            self._layer("linear", width, 5)
            if self.random.random() < 0.5:
                self._line("relu")
                self._layer("linear", 5, 4)
            return Written(self.lines, self.layers), torch.randn(self.input_shape)

    def _next(self) -> None:
        kind = self.random.choice(
            ["conv", "conv", "relu", "relu", "tanh", "scale", "max", "mean", "save", "add", "cat",
             "narrow", "turn"]
        )  # fmt: skip
        if kind == "conv":
            out = self.random.choice([2, 3, self.channels])
            self._layer("conv", self.channels, out)
            self.channels = out
        elif kind == "save":
            self.lines.append(Line("save"))
            self.saved.append((self.channels, self.size))
            self.shared = True
        elif kind in ("add", "cat"):
            self._join(kind)
        elif kind in ("max", "mean"):
            if self.size >= 4:
                self.size //= 2
                self._line(kind)
        elif kind == "narrow":
            if self.channels > 1:
                self.channels -= 1
                self._line(kind, self.channels)
        else:
            self._line(kind)

    def _join(self, kind: str) -> None:
        fits = [
            n
            for n, (channels, size) in enumerate(self.saved)
            if size == self.size and (kind == "cat" or channels == self.channels)
        ]
        if not fits or self.channels > 6:
            return
        number = self.random.choice(fits)
        if kind == "cat":
            self.channels += self.saved[number][0]
            self.lines.append(Line("cat", number=number))
            self.last, self.shared = "cat", False
        else:
            self._line("add", number)

    def _layer(self, kind: str, before: int, after: int) -> None:
        name = self.by_size.get((kind, before, after))
        if name is None or self.random.random() < 0.2:
            name = f"{kind}{len(self.layers)}"
            made = nn.Conv2d(before, after, 3, padding=1) if kind == "conv" else None
            self.layers[name] = made or nn.Linear(before, after)
            self.by_size[kind, before, after] = name
        self.lines.append(Line(kind, layer=name))
        self.last, self.shared = kind, False

    def _line(self, kind: str, number: int = 0) -> None:
        styles = list(STYLES[kind])
        if not self.shared and self.last in _KEEPS_NO_OUTPUT:
            styles += _IN_PLACE.get(kind, []) * 2
        style = self.random.choice(styles)
        self.lines.append(Line(kind, style, number))
        # A view shares its memory with the value before it, which may be needed.
        self.shared = self.shared if style.startswith("inplace") else kind in ("narrow", "turn")
        self.last = kind
