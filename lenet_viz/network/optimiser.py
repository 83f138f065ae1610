"""Which optimiser makes an update, with its numbers."""

import math
from dataclasses import dataclass
from typing import Final

from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

SGD: Final = "sgd"
MOMENTUM: Final = "momentum"
ADAM: Final = "adam"
KINDS: Final = (SGD, MOMENTUM, ADAM)

LARGEST_RATE: Final = 1e6

_KIND = QT_TRANSLATE_NOOP(
    "Optimiser", "The optimiser is “{found}”; wanted: sgd, momentum or adam. Choose one of them."
)
_RANGE = QT_TRANSLATE_NOOP(
    "Optimiser",
    "{name} of the optimiser is {found}; wanted: a number from {least} to {most}. Change it in the "
    "gradient ledger and press Update (F7) again.",
)
_BELOW = QT_TRANSLATE_NOOP(
    "Optimiser",
    "{name} of the optimiser is {found}; wanted: a number from {least} to below {most}. Change it "
    "in the gradient ledger and press Update (F7) again.",
)


@dataclass(frozen=True, slots=True)
class Limit:
    """Which numbers a field of an optimiser can have.

    Attributes:
        least: the smallest.
        most: the largest.
        below: whether the largest itself is too large.
    """

    least: float
    most: float
    below: bool = False

    def holds(self, value: float) -> bool:
        """Return whether a number is within the limit; NaN never is."""
        within = self.least <= value <= self.most
        return within and not (self.below and value == self.most)


LIMITS: Final = {
    "lr": Limit(0.0, LARGEST_RATE),
    "momentum": Limit(0.0, 1.0, below=True),
    "beta1": Limit(0.0, 1.0, below=True),
    "beta2": Limit(0.0, 1.0, below=True),
    "eps": Limit(0.0, 1.0),
    "weight_decay": Limit(0.0, LARGEST_RATE),
}

_FIELDS: Final = {
    SGD: ("lr", "weight_decay"),
    MOMENTUM: ("lr", "momentum", "weight_decay"),
    ADAM: ("lr", "beta1", "beta2", "eps", "weight_decay"),
}


@dataclass(frozen=True, slots=True)
class OptimiserChoice:
    """An optimiser of `torch.optim` with the numbers it is called with.

    Attributes:
        kind: ``sgd``, ``momentum`` (SGD with a momentum buffer, dampening 0) or ``adam``.
        lr: the learning rate.
        momentum: μ, how much of the buffer stays, where the kind is ``momentum``.
        nesterov: whether the momentum looks one step ahead.
        beta1: how much of Adam's mean of the gradients stays.
        beta2: how much of Adam's mean of their squares stays.
        eps: what Adam adds to the root, so that nothing is divided by zero.
        weight_decay: how much of the weight is added to its gradient.
    """

    kind: str = SGD
    lr: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the numbers that this kind takes, in the order of torch."""
        return _FIELDS.get(self.kind, ())

    @property
    def state_names(self) -> tuple[str, ...]:
        """What this kind remembers of each parameter from update to update, as torch calls it."""
        names = {MOMENTUM: ("momentum_buffer",), ADAM: ("step", "exp_avg", "exp_avg_sq")}
        return names.get(self.kind, ())

    @property
    def call(self) -> str:
        """The Python that makes it for ``net``; what is torch's default is left out."""
        words = [f"lr={self.lr!r}"]
        if self.kind == MOMENTUM:
            # torch refuses nesterov without a momentum, and a momentum of 0 is none.
            ahead = self.nesterov and self.momentum > 0
            words += [f"momentum={self.momentum!r}"] + ["nesterov=True"] * ahead
        if self.kind == ADAM and (self.beta1, self.beta2) != (0.9, 0.999):
            words.append(f"betas=({self.beta1!r}, {self.beta2!r})")
        if self.kind == ADAM and self.eps != 1e-8:
            words.append(f"eps={self.eps!r}")
        if self.weight_decay:
            words.append(f"weight_decay={self.weight_decay!r}")
        name = "Adam" if self.kind == ADAM else "SGD"
        return f"torch.optim.{name}(net.parameters(), {', '.join(words)})"

    def mistake(self) -> Message | None:
        """Return what is wrong with its numbers; None where an update can be made with them."""
        if self.kind not in KINDS:
            return message("Optimiser", _KIND, found=self.kind[:60])
        for name in self.fields:
            limit, found = LIMITS[name], float(getattr(self, name))
            if not limit.holds(found):
                template = _BELOW if limit.below else _RANGE
                least, most = f"{limit.least:g}", f"{limit.most:g}"
                shown = "NaN" if math.isnan(found) else f"{found:g}"
                return message(
                    "Optimiser", template, name=name, found=shown, least=least, most=most
                )
        return None
