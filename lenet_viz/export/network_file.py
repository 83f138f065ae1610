"""A network as a file: its layers as JSON, its Python, or its weights as safetensors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import save

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.atomic import write_bytes
from lenet_viz.network.code import source
from lenet_viz.network.spec import Spec

JSON: Final = ".json"
PYTHON: Final = ".py"
WEIGHTS: Final = ".safetensors"
TORCH: Final = ".pt"
ONNX: Final = ".onnx"


def write_network(spec: Spec, path: Path) -> None:
    """Write a network's layers as JSON or as Python, as the file's name ends.

    Args:
        spec: the network; its shapes need not fit for JSON.
        path: the file; one that is there is replaced once the new one is complete.

    Raises:
        UserMistake: the file cannot be written, or the shapes do not fit.
    """
    text = source(spec).text if path.suffix.lower() == PYTHON else spec.to_json()
    write_bytes(path, text.encode("utf-8"))


def write_weights(weights: Mapping[str, Array], path: Path) -> None:
    """Write a ``state_dict`` as safetensors: the same names, the same bytes.

    Args:
        weights: every parameter and buffer by torch's name.
        path: the file; one that is there is replaced once the new one is complete.

    Raises:
        UserMistake: the file cannot be written.
    """
    # safetensors takes C order alone, and shares no memory between tensors.
    arrays = {name: np.array(weights[name], order="C") for name in weights}
    write_bytes(path, save(arrays, metadata={"format": "pt"}))
