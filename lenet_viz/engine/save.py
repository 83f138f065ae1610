"""Weights as torch's own ``.pt`` file, and a network as ONNX."""

import io
from collections import OrderedDict
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import torch

from lenet_viz.capture.atomic import write_bytes
from lenet_viz.capture.store import read_blob
from lenet_viz.engine.blame import own_files
from lenet_viz.engine.ingredients import load_weights
from lenet_viz.engine.save_messages import SaveDone, SaveRequest
from lenet_viz.engine.stages import WRITING
from lenet_viz.errors import UserMistake
from lenet_viz.network.build import Net, build
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

ONNX = ".onnx"
_NO_ONNX = QT_TRANSLATE_NOOP(
    "engine",
    "ONNX needs the packages onnx and onnxscript, which are not installed. Install them with "
    "pip install lenet_viz[onnx], then save again.",
)
_NOT_WRITTEN = QT_TRANSLATE_NOOP(
    "engine", "The network cannot be written as ONNX: {reason}. Save it as JSON or Python instead."
)


def save(request: SaveRequest, progress: Callable[[Message, float], None]) -> SaveDone:
    """Write a file and return that it is there; an older one stays until the new one is whole.

    Args:
        request: what is written where.
        progress: called with a stage and how much is done, 0 to 1.

    Raises:
        UserMistake: the file cannot be written, or what ONNX needs is not installed.
        RunBroke: the blob is missing or damaged.
    """
    progress(WRITING, 0.0)
    path = Path(request.path)
    with own_files():
        blob = read_blob(Path(request.folder), request.weights)
        # A blob is in no order that torch would know: the network's own is.
        net = build(Spec.from_json(request.spec), seed=0)
        names = [name for name in net.state_dict() if name in blob]
        weights = {name: torch.from_numpy(blob[name].copy()) for name in names}
    if path.suffix.lower() == ONNX:
        data = _onnx(net, Spec.from_json(request.spec), weights)
    else:
        stream = io.BytesIO()
        torch.save(OrderedDict(weights), stream)
        data = stream.getvalue()
    progress(WRITING, 0.8)
    write_bytes(path, data)
    return SaveDone(request.run, request.path)


def _onnx(net: Net, spec: Spec, weights: dict[str, torch.Tensor]) -> bytes:
    """Return a network in eval mode as the bytes of an ONNX file, its batch free."""
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise UserMistake(message("engine", _NO_ONNX)) from error
    load_weights(net.state_dict(), {name: value.numpy() for name, value in weights.items()})
    x = torch.zeros(2, *spec.input_shape)
    try:
        with redirect_stdout(io.StringIO()):  # it tells its own progress
            program = torch.onnx.export(
                net.eval(),
                (x,),
                input_names=["input"],
                output_names=["output"],
                dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
                dynamo=True,
                verbose=False,
            )
        assert program is not None
        made: bytes = program.model_proto.SerializeToString()
        return made
    except Exception as error:  # torch's exporter may raise anything
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserMistake(message("engine", _NOT_WRITTEN, reason=reason)) from error
