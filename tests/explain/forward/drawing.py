"""Random numbers for settings and tensors, the same in every run."""

import random
from collections.abc import Sequence
from typing import Any

import torch


class Draw:
    """A source of sizes and tensors.

    Attributes:
        dice: Python's generator, from the seed.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self._generator = torch.Generator().manual_seed(seed)

    def size(self, least: int, most: int) -> int:
        return self.dice.randint(least, most)

    def sizes(self, count: int, least: int, most: int) -> tuple[int, ...]:
        return tuple(self.size(least, most) for _ in range(count))

    def chance(self, share: float = 0.5) -> bool:
        return self.dice.random() < share

    def one(self, of: Sequence[Any]) -> Any:
        return self.dice.choice(of)

    def number(self, least: float, most: float) -> float:
        return round(self.dice.uniform(least, most), 3)

    def tensor(self, *shape: int) -> torch.Tensor:
        """Normal numbers; now and then whole ones, which tie, or all zeros."""
        kind = self.dice.random()
        made = torch.randn(shape, generator=self._generator)
        if kind < 0.15:
            return made.round()
        return torch.zeros(shape) if kind < 0.18 else made

    def strange(self, *shape: int) -> torch.Tensor:
        """The same with a NaN or an infinity in it, now and then."""
        made = self.tensor(*shape)
        if made.numel() and self.chance(0.1):
            special = self.one([float("nan"), float("inf"), -float("inf")])
            made.view(-1)[self.size(0, made.numel() - 1)] = special
        return made

    def positive(self, *shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=self._generator) * 3 + 0.05

    def whole(self, most: int, *shape: int) -> torch.Tensor:
        return torch.randint(0, most, shape, generator=self._generator)

    def bools(self, *shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=self._generator) < 0.5

    def either(self, count: int, least: int, most: int) -> Any:
        """One number for all axes, or one for each."""
        return self.size(least, most) if self.chance() else self.sizes(count, least, most)


def spread(value: Any, axes: int) -> tuple[int, ...]:
    """Return a setting as one number for each axis."""
    return (value,) * axes if isinstance(value, int) else tuple(value)
