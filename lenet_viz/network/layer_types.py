"""The ops a `Spec` can hold: their settings, how many inputs they take, how torch calls them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lenet_viz.network.setting import (
    LARGEST,
    LARGEST_AXIS,
    MOST_SIZES,
    Setting,
    SettingValue,
    checked_value,
    field_mistake,
    nearest,
    written,
)

__all__ = [
    "LARGEST",
    "LARGEST_AXIS",
    "LAYER_TYPES",
    "MOST_SIZES",
    "LayerType",
    "Setting",
    "SettingValue",
    "checked_value",
    "field_mistake",
    "nearest",
    "written",
]


@dataclass(frozen=True, slots=True)
class LayerType:
    """An op.

    Attributes:
        op: its name in a spec.
        settings: its arguments, in torch's order.
        inputs: the fewest and the most inputs it takes.
        module_class: its class in ``torch.nn``, or None.
        functional: whether it can be called as a function, without a module.
        starts_statement: whether the generated code starts a new line with it.
    """

    op: str
    settings: tuple[Setting, ...] = ()
    inputs: tuple[int, int] = (1, 1)
    module_class: str | None = None
    functional: bool = True
    starts_statement: bool = False

    def setting(self, name: str) -> Setting | None:
        """Return the setting called ``name``, or None."""
        return next((setting for setting in self.settings if setting.name == name), None)


def _size(name: str) -> Setting:
    return Setting(name, "whole", required=True)


def _dim() -> Setting:
    return Setting("dim", "whole", required=True, low=-MOST_SIZES, high=MOST_SIZES)


PADDING_MODES: Final = ("zeros", "reflect", "replicate", "circular")
"""What a convolution can find in its padding."""

_KERNEL: Final = Setting("kernel_size", "pair", required=True, high=LARGEST_AXIS)
_PADDING: Final = Setting("padding", "pair", default=0, low=0, high=LARGEST_AXIS)
_DILATION: Final = Setting("dilation", "pair", default=1, high=LARGEST_AXIS)
_STEP: Final = Setting("stride", "pair", default=1, high=LARGEST_AXIS)
_GROUPS: Final = Setting("groups", "whole", default=1)
_CEIL: Final = Setting("ceil_mode", "flag", default=False)
_BIAS: Final = Setting("bias", "flag", default=True)

_TYPES: Final = (
    LayerType(
        "conv2d",
        (
            _size("in_channels"),
            _size("out_channels"),
            _KERNEL,
            _STEP,
            Setting(
                "padding", "pair", default=0, low=0, high=LARGEST_AXIS, choices=("same", "valid")
            ),
            _DILATION,
            _GROUPS,
            _BIAS,
            Setting("padding_mode", "choice", default="zeros", choices=PADDING_MODES),
        ),
        module_class="Conv2d",
        functional=False,
        starts_statement=True,
    ),
    LayerType(
        # torch has padding_mode here too, but refuses every value but its default.
        "conv_transpose2d",
        (
            _size("in_channels"),
            _size("out_channels"),
            _KERNEL,
            _STEP,
            _PADDING,
            Setting("output_padding", "pair", default=0, low=0, high=LARGEST_AXIS),
            _GROUPS,
            _BIAS,
            _DILATION,
        ),
        module_class="ConvTranspose2d",
        functional=False,
        starts_statement=True,
    ),
    LayerType(
        "linear",
        (_size("in_features"), _size("out_features"), _BIAS),
        module_class="Linear",
        functional=False,
        starts_statement=True,
    ),
    LayerType(
        "batch_norm2d",
        (
            _size("num_features"),
            Setting("eps", "number", default=1e-5, low=0, high=1e6),
            Setting("momentum", "number", default=0.1, low=0, high=1),
            Setting("affine", "flag", default=True),
            Setting("track_running_stats", "flag", default=True),
        ),
        module_class="BatchNorm2d",
        functional=False,
        starts_statement=True,
    ),
    LayerType(
        "layer_norm",
        (
            Setting("normalized_shape", "sizes", required=True),
            Setting("eps", "number", default=1e-5, low=0, high=1e6),
            Setting("elementwise_affine", "flag", default=True),
            _BIAS,
        ),
        module_class="LayerNorm",
        functional=False,
        starts_statement=True,
    ),
    LayerType("relu", module_class="ReLU"),
    LayerType(
        "leaky_relu",
        (Setting("negative_slope", "number", default=0.01, low=-1e6, high=1e6),),
        module_class="LeakyReLU",
    ),
    LayerType(
        "gelu",
        (Setting("approximate", "choice", default="none", choices=("none", "tanh")),),
        module_class="GELU",
    ),
    LayerType("tanh", module_class="Tanh"),
    LayerType("sigmoid", module_class="Sigmoid"),
    LayerType(
        "max_pool2d",
        (_KERNEL, Setting("stride", "pair", high=LARGEST_AXIS), _PADDING, _DILATION, _CEIL),
        module_class="MaxPool2d",
    ),
    LayerType(
        "avg_pool2d",
        (
            _KERNEL,
            Setting("stride", "pair", high=LARGEST_AXIS),
            _PADDING,
            _CEIL,
            Setting("count_include_pad", "flag", default=True),
            Setting("divisor_override", "whole"),
        ),
        module_class="AvgPool2d",
    ),
    LayerType(
        "adaptive_avg_pool2d",
        (Setting("output_size", "pair", required=True, high=LARGEST_AXIS),),
        module_class="AdaptiveAvgPool2d",
    ),
    LayerType(
        "upsample",
        (
            Setting("size", "pair", high=LARGEST_AXIS),
            Setting("scale_factor", "pair", high=LARGEST_AXIS),
            Setting("mode", "choice", default="nearest", choices=("nearest", "bilinear")),
            Setting("align_corners", "flag", default=False),
        ),
        module_class="Upsample",
    ),
    LayerType("view", (Setting("shape", "sizes", required=True, low=-1),), starts_statement=True),
    LayerType(
        "flatten",
        (
            Setting("start_dim", "whole", default=1, low=-MOST_SIZES, high=MOST_SIZES),
            Setting("end_dim", "whole", default=-1, low=-MOST_SIZES, high=MOST_SIZES),
        ),
        module_class="Flatten",
        starts_statement=True,
    ),
    LayerType("add", inputs=(2, 2), starts_statement=True),
    LayerType(
        "cat",
        (Setting("dim", "whole", default=1, low=-MOST_SIZES, high=MOST_SIZES),),
        inputs=(2, 1000),
        starts_statement=True,
    ),
    LayerType("softmax", (_dim(),), module_class="Softmax"),
    LayerType("log_softmax", (_dim(),), module_class="LogSoftmax"),
    LayerType(
        "dropout", (Setting("p", "number", default=0.5, low=0, high=1),), module_class="Dropout"
    ),
)

LAYER_TYPES: Final[Mapping[str, LayerType]] = MappingProxyType(
    {layer_type.op: layer_type for layer_type in _TYPES}
)
"""Every op by its name."""
