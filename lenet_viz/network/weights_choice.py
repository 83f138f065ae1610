"""Which file a model's weights are read from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeightsChoice:
    """A file of weights.

    Attributes:
        path: absolute path of the ``.safetensors`` or ``.pt`` file.
        strip: taken off every name that begins with it, such as ``module.``; "" for nothing.
    """

    path: str
    strip: str = ""
