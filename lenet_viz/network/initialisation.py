"""How the weights of a new layer begin: which distribution, its formula, its word."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

DEFAULT: Final = "default"
XAVIER_UNIFORM: Final = "xavier_uniform"
XAVIER_NORMAL: Final = "xavier_normal"
HE_UNIFORM: Final = "he_uniform"
HE_NORMAL: Final = "he_normal"
CONSTANT: Final = "constant"

# A kind "trained" belongs here, the shipped trained weights where the shape fits, as soon as
# trained weights are shipped; until then there is nothing that it could mean.
KINDS: Final = (DEFAULT, XAVIER_UNIFORM, XAVIER_NORMAL, HE_UNIFORM, HE_NORMAL, CONSTANT)
"""Every kind, in the order in which they are offered."""

LARGEST_CONSTANT: Final = 1e6
"""The largest constant, of either sign."""

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        DEFAULT: QT_TRANSLATE_NOOP("Initialisation", "PyTorch default"),
        XAVIER_UNIFORM: QT_TRANSLATE_NOOP("Initialisation", "Xavier uniform"),
        XAVIER_NORMAL: QT_TRANSLATE_NOOP("Initialisation", "Xavier normal"),
        HE_UNIFORM: QT_TRANSLATE_NOOP("Initialisation", "He uniform"),
        HE_NORMAL: QT_TRANSLATE_NOOP("Initialisation", "He normal"),
        CONSTANT: QT_TRANSLATE_NOOP("Initialisation", "constant {value}"),
    }
)
_FORMULAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        DEFAULT: QT_TRANSLATE_NOOP(
            "Initialisation",
            "As Conv2d and Linear do by themselves: weights and biases evenly between -b and b,\n"
            "b = 1/√fan_in",
        ),
        XAVIER_UNIFORM: QT_TRANSLATE_NOOP(
            "Initialisation",
            "xavier_uniform_: biases 0, weights evenly between -b and b,\n"
            "b = √(6/(fan_in + fan_out))",
        ),
        XAVIER_NORMAL: QT_TRANSLATE_NOOP(
            "Initialisation",
            "xavier_normal_: biases 0, weights from a normal distribution with mean 0 and standard "
            "deviation\n√(2/(fan_in + fan_out))",
        ),
        HE_UNIFORM: QT_TRANSLATE_NOOP(
            "Initialisation",
            "kaiming_uniform_ for ReLU: biases 0, weights evenly between -b and b,\n"
            "b = √(6/fan_in)",
        ),
        HE_NORMAL: QT_TRANSLATE_NOOP(
            "Initialisation",
            "kaiming_normal_ for ReLU: biases 0, weights from a normal distribution with mean 0 "
            "and standard deviation\n√(2/fan_in)",
        ),
        CONSTANT: QT_TRANSLATE_NOOP(
            "Initialisation",
            "Every weight and every bias is {value}: all channels of a layer stay alike",
        ),
    }
)
_FANS: Final = QT_TRANSLATE_NOOP(
    "Initialisation",
    "fan_in: how many inputs one output adds up; fan_out: how many outputs one input goes into. "
    "Normalisation layers begin with weight 1 and bias 0, whatever is chosen.",
)
_CALLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        XAVIER_UNIFORM: "nn.init.xavier_uniform_(layer.weight)",
        XAVIER_NORMAL: "nn.init.xavier_normal_(layer.weight)",
        HE_UNIFORM: 'nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")',
        HE_NORMAL: 'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
    }
)


@dataclass(frozen=True, slots=True)
class Initialisation:
    """How the weights of convolutions and linear layers begin.

    With Xavier's and He's kinds biases begin at 0, as is usual; the default leaves them to torch;
    a constant is every weight and every bias. Normalisation layers begin with weight 1 and bias 0
    whatever the kind: these numbers scale what was normalised and add up no products, so that no
    fan-in or fan-out is meant for them.

    Attributes:
        kind: one of `KINDS`.
        value: the number that a constant is; 0 for other kinds.

    Raises:
        ValueError: there is no such kind, or the constant is not finite or too large.

    Source: X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, equation 16 (Xavier); K. He et al., Delving deep into rectifiers, 2015,
    equation 10 (He); ``torch.nn.Conv2d`` and ``torch.nn.Linear``, "Variables" (default).
    """

    kind: str = DEFAULT
    value: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no initialisation {self.kind!r}")
        if not abs(self.value) <= LARGEST_CONSTANT:
            raise ValueError(f"no layer begins at {self.value!r}")
        # Adding 0 takes the sign off a negative zero.
        value = float(self.value) + 0.0 if self.kind == CONSTANT else 0.0
        object.__setattr__(self, "value", value)

    @property
    def is_default(self) -> bool:
        """Whether torch's own is left as it is."""
        return self.kind == DEFAULT

    @property
    def word(self) -> str:
        """The command line's word for it, such as ``he-normal`` or ``constant:0.1``."""
        if self.kind == CONSTANT:
            return f"{CONSTANT}:{_plain(self.value)}"
        return self.kind.replace("_", "-")

    @property
    def name(self) -> Message:
        """What it is called, such as “He normal”."""
        return self._told(_NAMES)

    @property
    def formula(self) -> Message:
        """What it draws from, and its formula on a line of its own."""
        return self._told(_FORMULAS)

    def _told(self, templates: Mapping[str, str]) -> Message:
        if self.kind == CONSTANT:
            return message("Initialisation", templates[CONSTANT], value=_plain(self.value))
        return message("Initialisation", templates[self.kind])

    def python(self, seed: str) -> str:
        """Return the Python lines that do the same to a network ``net``; "" for the default.

        Args:
            seed: a whole number as text.
        """
        if self.is_default:
            return ""
        if self.kind == CONSTANT:
            weight = f"nn.init.constant_(layer.weight, {_plain(self.value)})"
            bias = f"nn.init.constant_(layer.bias, {_plain(self.value)})"
        else:
            weight, bias = _CALLS[self.kind], "nn.init.zeros_(layer.bias)"
        return (
            f"torch.manual_seed({seed})\n"
            "for layer in net.modules():\n"
            "    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):\n"
            f"        {weight}\n"
            "        if layer.bias is not None:\n"
            f"            {bias}\n"
        )


AS_TORCH: Final = Initialisation()
"""Nothing is chosen: each layer begins as torch begins it."""


def fans() -> Message:
    """Return what fan-in and fan-out mean, and what every kind leaves alone."""
    return message("Initialisation", _FANS)


def parse_initialisation(word: str) -> Initialisation:
    """Return what a word means: ``default``, ``he-normal``, ``constant:0.1``.

    Raises:
        UserMistake: there is no such kind, or the constant is no number in range.
    """
    name, colon, number = word.partition(":")
    kind = name.lower().replace("-", "_")
    value = _constant(number) if colon else 0.0
    if kind not in KINDS or bool(colon) != (kind == CONSTANT) or value is None:
        template = QT_TRANSLATE_NOOP(
            "Initialisation",
            "There is no initialisation “{found}”; wanted: {known} or constant:NUMBER, a number "
            "from {least} to {most}, such as constant:0.1.",
        )
        known = ", ".join(kind.replace("_", "-") for kind in KINDS[:-1])
        most = f"{LARGEST_CONSTANT:.0f}"
        raise UserMistake(
            message(
                "Initialisation",
                template,
                found=word[:60],
                known=known,
                least=f"-{most}",
                most=most,
            )
        )
    return Initialisation(kind, value)


def _constant(text: str) -> float | None:
    """Return the number that ``text`` writes; None for no number in range."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST_CONSTANT else None


def _plain(value: float) -> str:
    """Return a number in as few digits as tell it from every other."""
    return repr(value).removesuffix(".0")
