"""What the builder calls ops and settings, and what it says of them."""

from typing import Final

from lenet_viz.network.draft import Draft
from lenet_viz.network.layer_types import LAYER_TYPES, SettingValue
from lenet_viz.network.node import INPUT, Node
from lenet_viz.network.setting_text import value_text
from lenet_viz.panels.text import formatted, translate

_WIDTHS: Final = ("in_channels", "out_channels", "in_features", "out_features")
_FIRST: Final = ("kernel_size", "output_size", "num_features", "shape", "p")
"""Settings whose numbers stand in a summary without their names."""


def op_title(op: str) -> str:
    """Return an op's name as torch writes it: ``Conv2d``, ``view``."""
    return LAYER_TYPES[op].module_class or op


def op_groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the ops by what they are for, with the groups' names."""
    groups = (
        (translate("Build", "Layers with weights"), ("conv2d", "linear", "conv_transpose2d")),
        (
            translate("Build", "Activations"),
            ("relu", "tanh", "sigmoid", "leaky_relu", "gelu", "softmax", "log_softmax"),
        ),
        (
            translate("Build", "Smaller and larger"),
            ("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "upsample"),
        ),
        (translate("Build", "Normalisation"), ("batch_norm2d", "layer_norm", "dropout")),
        (translate("Build", "Reshape and join"), ("flatten", "view", "add", "cat")),
    )
    named = {op for _, ops in groups for op in ops}
    others = tuple(op for op in LAYER_TYPES if op not in named)
    return (*groups, (translate("Build", "Others"), others)) if others else groups


def op_tip(op: str) -> str:
    """Return one sentence on what an op does."""
    tips = {
        "conv2d": translate("Build", "Slides kernels over every channel and adds them up"),
        "linear": translate("Build", "Every output is a weighted sum of all inputs: x·Wᵀ + b"),
        "conv_transpose2d": translate("Build", "A convolution's way back: makes maps larger"),
        "relu": translate("Build", "Leaves what is positive; everything else becomes 0"),
        "tanh": translate("Build", "Squeezes every value between -1 and 1"),
        "sigmoid": translate("Build", "Squeezes every value between 0 and 1"),
        "leaky_relu": translate("Build", "A ReLU that lets a little of the negative through"),
        "gelu": translate("Build", "A smooth ReLU: x times the normal distribution up to x"),
        "softmax": translate("Build", "Positive numbers that add up to 1 along an axis"),
        "log_softmax": translate("Build", "The logarithm of softmax, as NLLLoss wants it"),
        "max_pool2d": translate("Build", "Of each window, the largest value"),
        "avg_pool2d": translate("Build", "Of each window, the mean"),
        "adaptive_avg_pool2d": translate("Build", "Means of as many windows as are asked for"),
        "upsample": translate("Build", "Makes maps larger by repeating or blending values"),
        "batch_norm2d": translate("Build", "Each channel with mean 0 and variance 1 of the batch"),
        "layer_norm": translate("Build", "Each sample with mean 0 and variance 1"),
        "dropout": translate("Build", "In training, sets values to 0 at random"),
        "flatten": translate("Build", "Writes all values of a sample one after the other"),
        "view": translate("Build", "The same values in another shape"),
        "add": translate("Build", "A residual connection: adds an earlier step's output"),
        "cat": translate("Build", "Puts an earlier step's channels behind these"),
    }
    return tips.get(op, "")


def setting_tip(name: str) -> str:
    """Return what a setting means, with its unit; "" for one that is not known."""
    tips = {
        "in_channels": translate("Build", "How many channels come in"),
        "out_channels": translate("Build", "How many channels go out: one kernel stack for each"),
        "in_features": translate("Build", "How many numbers of a sample come in"),
        "out_features": translate("Build", "How many numbers of a sample go out"),
        "num_features": translate("Build", "How many channels come in and go out"),
        "kernel_size": translate("Build", "Rows and columns of the window, in pixels"),
        "stride": translate("Build", "How far the window moves from place to place, in pixels"),
        "padding": translate("Build", "How many pixels are added on each side"),
        "output_padding": translate("Build", "Pixels added at one side of the output"),
        "dilation": translate("Build", "Pixels from one row of the kernel to the next"),
        "groups": translate("Build", "Into how many separate parts the channels are divided"),
        "bias": translate("Build", "Whether a learned number is added to each output channel"),
        "padding_mode": translate("Build", "What is found beyond the edge"),
        "ceil_mode": translate("Build", "Whether an incomplete last window counts"),
        "count_include_pad": translate("Build", "Whether the padding's zeros count in the mean"),
        "divisor_override": translate("Build", "What sums are divided by instead of the count"),
        "output_size": translate("Build", "Rows and columns of the output, in pixels"),
        "eps": translate("Build", "What is added to the variance, so that nothing divides by 0"),
        "momentum": translate("Build", "How much of a batch goes into the running mean, 0 to 1"),
        "affine": translate("Build", "Whether each channel has a learned factor and summand"),
        "elementwise_affine": translate("Build", "Whether each value has a learned factor"),
        "track_running_stats": translate("Build", "Whether mean and variance are remembered"),
        "normalized_shape": translate("Build", "The sizes of the axes that are normalised"),
        "negative_slope": translate("Build", "The factor of negative values"),
        "approximate": translate("Build", "Whether tanh stands for the exact formula"),
        "size": translate("Build", "Rows and columns of the output; or give a scale factor"),
        "scale_factor": translate("Build", "How many times larger the output is"),
        "mode": translate("Build", "Whether values are repeated or blended"),
        "align_corners": translate("Build", "Whether the corners stay where they are"),
        "shape": translate("Build", "The new sizes, apart by commas; -1 takes what is left"),
        "start_dim": translate("Build", "The first axis that is flattened; 0 is the batch"),
        "end_dim": translate("Build", "The last axis that is flattened; -1 is the last"),
        "dim": translate("Build", "Along which axis; 1 is the channels or features"),
        "p": translate("Build", "How likely a value is set to 0, 0 to 1"),
    }
    return tips.get(name, "")


def summary(node: Node) -> str:
    """Return a layer in a few code words: ``1 → 6, 3×3, padding 2``."""
    settings = node.settings
    parts = []
    widths = [str(settings[name]) for name in _WIDTHS if name in settings]
    if widths:
        parts.append(" → ".join(widths))
    parts += [_sizes(settings[name]) for name in _FIRST if name in settings]
    parts += [
        _named(name, value, node)
        for name, value in settings.items()
        if name not in (*_WIDTHS, *_FIRST) and not _is_default(node, name, value)
    ]
    others = node.inputs[1:]
    if others:
        parts.append("+ " + ", ".join(others))
    return ", ".join(parts)


def network_words(draft: Draft, parameters: int | None) -> str:
    """Return how large a network is: its layers, and its parameters where they are known."""
    count = len(draft.nodes)
    if parameters is None:
        return formatted("Build", "{count} layers", count=count)
    return formatted(
        "Build",
        "{count} layers, {parameters} parameters",
        count=count,
        parameters=f"{parameters:,}",
    )


def source_words(name: str) -> str:
    """Return what a layer's input is called."""
    return translate("Build", "the input") if name == INPUT else name


def _sizes(value: SettingValue) -> str:
    if isinstance(value, tuple):
        return "×".join(map(str, value)) if -1 not in value else value_text(value)
    return (
        f"{value}×{value}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    )


def _named(name: str, value: SettingValue, node: Node) -> str:
    del node
    return (
        f"{name}={value_text(value)}"
        if isinstance(value, bool | str)
        else f"{name} {value_text(value)}"
    )


def _is_default(node: Node, name: str, value: SettingValue) -> bool:
    known = node.layer_type.setting(name)
    return known is not None and known.default == value
