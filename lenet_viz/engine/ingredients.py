"""What a run is made of: the network with its weights, the input, the ``.grad`` before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.store import read_blob, write_blob
from lenet_viz.capture.tensors import dtype_name, to_array, to_tensor
from lenet_viz.engine.blame import own_files
from lenet_viz.engine.messages import InputRequest, Question, RunRequest
from lenet_viz.engine.weights_file import read_weights
from lenet_viz.engine.weights_fit import fit
from lenet_viz.errors import UserMistake
from lenet_viz.inputs import digit
from lenet_viz.network import presets
from lenet_viz.network.build import Net, apply_weights, build
from lenet_viz.network.initialise import initialise
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.spec import Spec
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

LARGEST_SEED = 2**63 - 1

_SEED = QT_TRANSLATE_NOOP(
    "engine", "The random seed is {found}; wanted: a whole number from 0 to 2⁶³ - 1."
)
_NO_IMAGE = QT_TRANSLATE_NOOP(
    "engine",
    "The model has no image of its own. Choose a digit or a random input, or the preset toy.",
)
_INPUT_KIND = QT_TRANSLATE_NOOP(
    "engine", "The input is “{found}”; wanted: digit, random or preset."
)
_WEIGHTS = QT_TRANSLATE_NOOP(
    "engine",
    "The stored weights do not belong to this model: {name} is {found}, wanted {wanted}. "
    "Run with weights from a random seed instead.",
)
_ANEW = QT_TRANSLATE_NOOP(
    "engine",
    "New weights for {layers} (seed {seed}, {initialisation}); the other layers keep theirs.",
)
_MISSING = QT_TRANSLATE_NOOP("engine", "missing")
_LAYER = QT_TRANSLATE_NOOP("engine", "a layer with weights")
_NOT_KNOWN = QT_TRANSLATE_NOOP("engine", "nothing of that name")


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a run is made of.

    Attributes:
        model: the model with its weights.
        weights: name of the blob with them.
        args: its positional arguments.
        kwargs: its keyword arguments.
        name: what the model is called; None for its class's name.
        spec: the network as JSON; "" for a model of somebody's code.
        shapes: what a model of somebody's code is called with.
        notes: what is worth telling of all this.
        asks: what would help where the run fails, such as the shape of an input that had to be
            guessed; None for nothing.
    """

    model: nn.Module
    weights: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    spec: str = ""
    shapes: tuple[InputShape, ...] = ()
    notes: tuple[Message, ...] = ()
    asks: Question | None = None


def spec_ingredients(request: RunRequest, folder: Path) -> Ingredients:
    """Return what a run of a spec is made of.

    Args:
        request: the run.
        folder: where blobs lie.

    Raises:
        UserMistake: the spec, a seed, the input or the weights file cannot be used.
        RunBroke: a blob is missing, damaged, of another network or cannot be written.
    """
    spec = Spec.from_json(request.spec)
    net, weights, notes = network(request, spec, folder)
    return Ingredients(
        net,
        weights,
        (input_tensor(request, spec),),
        name=spec.name,
        spec=request.spec,
        notes=notes,
    )


def network(request: RunRequest, spec: Spec, folder: Path) -> tuple[Net, str, tuple[Message, ...]]:
    """Return the network with its weights, in train mode, the name of their blob, and notes.

    Args:
        request: names the weights: a blob, or else a file, the preset's own, or a seed and what
            is drawn with it; and the blob of another network for the layers that keep theirs.
        spec: the network.
        folder: where blobs lie.

    Raises:
        UserMistake: the seed is out of range, or the weights file does not fit.
        RunBroke: the blob is missing, damaged, of another network or cannot be written.
    """
    net = build(spec, seed=request.weights_seed)
    if request.weights is not None:
        with own_files():
            load_weights(net.state_dict(), read_blob(folder, request.weights))
        return net, request.weights, ()
    notes = _begun(net, request, spec)
    with own_files():
        notes += _kept(net, request, folder)
        arrays = {name: to_array(tensor) for name, tensor in net.state_dict().items()}
        return net, write_blob(arrays, folder), notes


def _begun(net: Net, request: RunRequest, spec: Spec) -> tuple[Message, ...]:
    """Give a network the weights it begins with and return what is worth telling of them."""
    if request.weights_file is not None:
        return weights_from_file(net, request.weights_file)
    own = presets.get(request.preset).weights if has_own_weights(request, spec) else None
    if own is not None:
        apply_weights(net, own)
    else:
        initialise(net, request.initialisation, request.weights_seed)
    return ()


def has_own_weights(request: RunRequest, spec: Spec) -> bool:
    """Return whether a preset with weights of its own is run, the network as it comes."""
    if not request.preset:
        return False
    preset = presets.get(request.preset)
    return preset.weights is not None and preset.spec == spec


def _kept(net: Net, request: RunRequest, folder: Path) -> tuple[Message, ...]:
    """Copy what a network keeps of the one before an edit, and return which layers begin anew."""
    if request.kept_weights is None or not request.kept:
        return ()
    take_over(net.state_dict(), read_blob(folder, request.kept_weights), request.kept)
    kept = {new for new, _ in request.kept}
    anew = [name for name, module in net.named_children() if name not in kept]
    anew = [name for name in anew if any(True for _ in getattr(net, name).parameters())]
    if not anew:
        return ()
    choice = request.initialisation.name
    seed = request.weights_seed
    layers = ", ".join(anew)
    return (message("engine", _ANEW, layers=layers, seed=seed, initialisation=choice),)


def take_over(
    state: Mapping[str, torch.Tensor],
    weights: Mapping[str, Array],
    kept: tuple[tuple[str, str], ...],
) -> None:
    """Copy the arrays of some modules of another network into a model's tensors; all or none.

    Args:
        state: the model's tensors by name.
        weights: the arrays of the other network by name.
        kept: names of modules: the model's, the other network's.

    Raises:
        UserMistake: the model or the other network has no such module, or a name or shape differs.
    """
    wanted: dict[str, torch.Tensor] = {}
    found: dict[str, Array] = {}
    for new, old in kept:
        mine = {name: state[name] for name in state if name.startswith(f"{new}.")}
        theirs = {name: weights[name] for name in weights if name.startswith(f"{old}.")}
        if not mine and not theirs:
            missing, layer = message("engine", _MISSING), message("engine", _LAYER)
            raise UserMistake(message("engine", _WEIGHTS, name=new, found=missing, wanted=layer))
        wanted |= mine
        found |= {f"{new}{name[len(old) :]}": array for name, array in theirs.items()}
    load_weights(wanted, found)


def weights_from_file(model: nn.Module, chosen: WeightsChoice) -> tuple[Message, ...]:
    """Copy the weights of a file into a model and return what is worth telling of it.

    Raises:
        UserMistake: the file cannot be read, or does not fit the model.
    """
    return fit(model, read_weights(Path(chosen.path)), chosen.strip)


def load_weights(state: Mapping[str, torch.Tensor], weights: Mapping[str, Array]) -> None:
    """Copy a blob's arrays into a model's tensors; all of them or none.

    Args:
        state: the tensors by name.
        weights: the arrays by name.

    Raises:
        UserMistake: a name or a shape differs.
    """
    for name in (*state, *weights):
        wanted = str(tuple(state[name].shape)) if name in state else None
        found = str(weights[name].shape) if name in weights else None
        if wanted != found:
            raise UserMistake(
                message(
                    "engine",
                    _WEIGHTS,
                    name=name,
                    found=found or message("engine", _MISSING),
                    wanted=wanted or message("engine", _NOT_KNOWN),
                )
            )
    with torch.no_grad():
        for name, target in state.items():
            target.copy_(to_tensor(weights[name], dtype_name(target.dtype)))


def input_tensor(request: RunRequest, spec: Spec) -> torch.Tensor:
    """Return the input, a leaf that requires a gradient: shape (1, C, H, W), float32.

    A digit is grey: a network with several input channels gets it in each of them.

    Raises:
        UserMistake: there is no such input, or the seed is out of range.
    """
    chosen, shape = request.input, (1, *spec.input_shape)
    if chosen.kind == "random":
        generator = torch.Generator().manual_seed(checked_seed(chosen.seed))
        image = torch.randn(shape, generator=generator)
    elif chosen.kind == "digit":
        pixels = digit(chosen.label, chosen.index, spec.input_shape[1:]).pixels
        image = torch.from_numpy(pixels).expand(shape).clone()
    elif chosen.kind == "preset":
        image = _preset_image(request.preset, shape)
    else:
        raise no_image(chosen.kind)
    return image.requires_grad_()


def no_image(kind: str) -> UserMistake:
    """Return the mistake for a kind of input that the model has not."""
    if kind == "preset":
        return UserMistake(message("engine", _NO_IMAGE))
    return UserMistake(message("engine", _INPUT_KIND, found=kind[:60]))


def _preset_image(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    image = presets.get(name).image if name else None
    if image is None:
        raise UserMistake(message("engine", _NO_IMAGE))
    made = torch.tensor(image, dtype=torch.float32)
    if made.shape != shape:
        raise UserMistake(message("engine", _NO_IMAGE))
    return made


def checked_seed(seed: int) -> int:
    """Return ``seed`` where a generator can take it.

    Raises:
        UserMistake: it is not from 0 to 2⁶³ - 1.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise UserMistake(message("engine", _SEED, found=str(seed)[:60]))
    return seed


def input_words(chosen: InputRequest) -> str:
    """Return the command line's word for an input: ``digit:7:0``, ``random:1``, ``preset``."""
    if chosen.kind == "digit":
        return f"digit:{chosen.label}:{chosen.index}"
    return f"random:{chosen.seed}" if chosen.kind == "random" else chosen.kind
