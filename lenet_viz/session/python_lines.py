"""The lines of Python that make a run's network, input and random numbers again."""

import keyword
from collections.abc import Sequence

from lenet_viz.capture.records import Capture, Value
from lenet_viz.errors import LenetVizError
from lenet_viz.network import presets
from lenet_viz.network.initialisation import parse_initialisation
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


def setting(capture: Capture, name: str) -> str:
    """Return what a run was asked for under ``name``; "" where that is not known."""
    return capture.settings.get(name, "")


def input_names(capture: Capture) -> tuple[str, ...]:
    """Return what the log calls each input: a single one ``input``, as the notebook does.

    The record has the name that ``forward`` gives it, which is seldom its name outside.
    """
    return ("input",) if len(capture.input_names) == 1 else capture.input_names


def seed_lines(seed: str) -> str:
    """Return the line that seeds torch's generator, ending in a newline; "" without a seed.

    Args:
        seed: a whole number as text, or "".
    """
    return f"torch.manual_seed({seed})\n" if seed.lstrip("-").isdigit() else ""


def network_lines(capture: Capture) -> str:
    """Return the lines that make and print the network."""
    seed = seed_lines(setting(capture, "weights_seed"))
    name = capture.model.text.partition("(")[0].strip()
    given = _has_own_weights(setting(capture, "preset")) or setting(capture, "weights_file")
    # A new network would have the weights before an update, and none of the network before an edit.
    given = given or setting(capture, "updates") or setting(capture, "kept")
    if given or not (seed and name.isidentifier()):
        return "print(net)"
    made = f"net = {_call(setting(capture, 'model_word'), name)}\n"
    begun = initialisation_lines(capture)
    return f"{made}{begun}print(net)" if begun else f"{seed}{made}print(net)"


def initialisation_lines(capture: Capture) -> str:
    """Return the lines that draw weights otherwise than torch does by itself; "" for none."""
    word, seed = setting(capture, "initialisation"), setting(capture, "weights_seed")
    if not word or not seed_lines(seed):
        return ""
    try:
        return parse_initialisation(word).python(seed)
    except LenetVizError:
        return ""


def _call(word: str, name: str) -> str:
    """Return the expression that makes a network: what a model word calls, else its class."""
    called = word.rpartition(".py:")[2] if ".py:" in word else word.partition(":")[2]
    if not called.partition("(")[0].isidentifier():
        return f"{name}()"
    return called if called.endswith(")") else f"{called}()"


def _has_own_weights(preset: str) -> bool:
    """Return whether a preset's weights are fixed numbers, which no seed gives."""
    return preset in presets.NAMES and presets.get(preset).weights is not None


def draws_in_forward(capture: Capture) -> bool:
    """Return whether forward takes random numbers before the objective does."""
    return capture.model.training and any("dropout" in step.op for step in capture.steps)


def objective_seed(capture: Capture) -> str:
    """Return the seed to set right before the objective's random numbers; "" where none fits."""
    return "" if draws_in_forward(capture) else setting(capture, "objective_seed")


def forward_seed_lines(capture: Capture) -> str:
    """Return the line that seeds a forward pass with dropout; "" where it draws nothing."""
    if not draws_in_forward(capture):
        return ""
    return seed_lines(setting(capture, "objective_seed"))


def input_lines(
    capture: Capture, name: str, value: Value, *, first: bool
) -> tuple[str, Message | None]:
    """Return the lines that make an input, ending in a newline, and a sentence about it.

    Args:
        capture: the run.
        name: the input's name.
        value: the input.
        first: whether it is the one that the settings speak of.
    """
    kind, _, which = setting(capture, "input").partition(":") if first else ("", "", "")
    follows = value.gradient_state.value != "no_grad"
    if kind == "random":
        sizes = ", ".join(str(size) for size in value.shape)
        seed = seed_lines(setting(capture, "input_seed") or which)
        template = QT_TRANSLATE_NOOP(
            "Log",
            "requires_grad=True asks autograd for the gradient of the input; it does not change "
            "its values.",
        )
        grad = ", requires_grad=True" if follows else ""
        return f"{seed}{name} = torch.randn({sizes}{grad})\n", message("Log", template)
    if kind == "digit":
        template = QT_TRANSLATE_NOOP(
            "Log",
            "The input is a scan of a handwritten {digit}, 8×8 numbers enlarged to the network's "
            "size.",
        )
        return "", message("Log", template, digit=which.partition(":")[0] or "?")
    return "", None


def randn_lines(shape: Sequence[int], name: str, seed: str) -> str:
    """Return the lines that draw ``name`` from a normal distribution, ending in a newline."""
    sizes = ", ".join(str(size) for size in shape)
    return f"{seed_lines(seed)}{name} = torch.randn({sizes})\n"


def parameter_path(name: str) -> str:
    """Return the Python expression for a parameter: ``net.conv1.bias``.

    Args:
        name: its ``state_dict`` name; one that is no attribute path, such as ``0.weight``, is
            asked for with ``get_parameter``.
    """
    parts = name.split(".")
    if all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        return f"net.{name}"
    return f"net.get_parameter({name!r})"
