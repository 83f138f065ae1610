"""Everything a run depends on: the network, its weights and input, and where backward starts."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from lenet_viz.capture.words import FLAT, MSE, RANDOM, VECTOR, vector_word
from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.network.initialisation import AS_TORCH, Initialisation
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.shapes import derive
from lenet_viz.network.spec import Spec
from lenet_viz.network.untouched import KeptWeights
from lenet_viz.network.weights_choice import WeightsChoice


@dataclass(frozen=True, slots=True)
class ObjectiveChoice:
    """What backward starts from.

    Attributes:
        kind: ``random``, ``output``, ``cross-entropy``, ``mse`` or ``vector``.
        index: the output or class number, where the kind has one.
        seed: seed of the random vector or of the random target.
        vector: the upstream gradient v, where it is one's own.
        flat: whether MSE's target is left as drawn, [10], without ``view(1, -1)``.
    """

    kind: str = "cross-entropy"
    index: int = 7
    seed: int = 2
    vector: tuple[float, ...] = ()
    flat: bool = False

    @property
    def has_index(self) -> bool:
        """Whether this kind names an output or a class."""
        return self.kind in {"output", "cross-entropy"}

    @property
    def drawn(self) -> bool:
        """Whether its seed counts: a random vector or target is drawn with it."""
        return self.kind in {RANDOM, MSE}

    @property
    def word(self) -> str:
        """The command line's word for it, such as ``cross-entropy:7``."""
        if self.kind == VECTOR:
            return vector_word(self.vector)
        if self.kind == MSE and self.flat:
            return f"{MSE}:{FLAT}"
        return f"{self.kind}:{self.index}" if self.has_index else self.kind


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A model that somebody's Python makes.

    Attributes:
        code: which file and what in it, as it was agreed to.
        shapes: the tensors it is called with; none where the engine is to propose them.
        keywords: further keyword arguments of its ``forward``, as literals.
    """

    code: ModelCode
    shapes: tuple[InputShape, ...] = ()
    keywords: str = ""

    @property
    def title(self) -> str:
        """The file's name and what in it, such as ``net.py:Net``."""
        called = self.code.module or Path(self.code.path).name
        return f"{called}:{self.code.name}" if self.code.name else called


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run depends on.

    Attributes:
        preset: the preset that the network is or was edited from; "" for none.
        spec: the network; None where ``own`` makes it.
        weights_seed: seed the weights are made with.
        input: which input.
        objective: what backward starts from.
        zero_grad: whether backward clears the parameters' ``.grad`` first.
        own: the model that somebody's Python makes; None where ``spec`` is the network.
        weights_file: where the weights are read from; None for those made with the seed.
        initialisation: what weights that are made with the seed are drawn from.
        kept: what an edited network takes over from the one before; None where all is drawn.
    """

    preset: str
    spec: Spec | None
    weights_seed: int
    input: InputRequest
    objective: ObjectiveChoice
    zero_grad: bool = True
    own: OwnModel | None = None
    weights_file: WeightsChoice | None = None
    initialisation: Initialisation = AS_TORCH
    kept: KeptWeights | None = None

    @property
    def network(self) -> Spec | OwnModel:
        """The network that runs."""
        network = self.own if self.spec is None else self.spec
        assert network is not None
        return network

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of the input that the next run will have; () where that is not known."""
        if self.spec is not None:
            return (1, *self.spec.input_shape)
        shapes = () if self.own is None else self.own.shapes
        return tuple(shapes[0].shape) if shapes else ()

    @property
    def title(self) -> str:
        """What the network is called."""
        if self.own is not None:
            return self.own.title
        return self.preset if self.spec is None else self.spec.name

    @property
    def pure_preset(self) -> str:
        """The preset's name where the network is still that one; "" for none and an edited one."""
        pure = self.preset and presets.get(self.preset).spec == self.spec
        return self.preset if pure else ""

    @property
    def draws_weights(self) -> bool:
        """Whether the weights are drawn here: none of a file, a preset's own or one's own code."""
        if self.weights_file is not None or self.own is not None:
            return False
        fixed = self.pure_preset
        return not fixed or presets.get(fixed).weights is None

    @property
    def output_count(self) -> int | None:
        """How many numbers the network gives for one sample.

        None where only a run can tell, or where they are no vector: an image has no classes.
        """
        return None if self.spec is None else output_count(self.spec)

    @property
    def has_classes(self) -> bool:
        """Whether cross-entropy can be offered; it is where only a run can tell."""
        return self.spec is None or self.output_count is not None

    @property
    def output_shape(self) -> tuple[int, ...] | None:
        """The shape of the output for one sample; None where only a run can tell."""
        return None if self.spec is None else output_shape(self.spec)

    def same_network(self, other: "Settings") -> bool:
        """Return whether both have the same network with the same weights."""
        mine, theirs = self._code(), other._code()
        return (
            self.spec == other.spec
            and mine == theirs
            and self.weights_seed == other.weights_seed
            and self.weights_file == other.weights_file
            and self.initialisation == other.initialisation
            and self.kept == other.kept
        )

    def same_forward(self, other: "Settings") -> bool:
        """Return whether a forward pass would give the same."""
        return self.same_network(other) and self.own == other.own and self.input == other.input

    def with_shapes(self, shapes: tuple[InputShape, ...]) -> "Settings":
        """Return the same with the input's shapes, where none were chosen."""
        if self.own is None or self.own.shapes or not shapes:
            return self
        return replace(self, own=replace(self.own, shapes=shapes))

    def _code(self) -> ModelCode | None:
        return None if self.own is None else self.own.code


@lru_cache(maxsize=16)
def output_shape(spec: Spec) -> tuple[int, ...]:
    """Return the shape that a network gives for one sample, the batch of 1 included.

    Raises:
        UserMistake: the network's shapes do not fit together.
    """
    return derive(spec).require().node(spec.output).output


def output_count(spec: Spec) -> int | None:
    """Return how many numbers a network gives for one sample; None where they are no vector.

    Raises:
        UserMistake: the network's shapes do not fit together.
    """
    shape = output_shape(spec)
    return shape[1] if len(shape) == 2 else None


def first_objective(spec: Spec, label: int, seed: int) -> ObjectiveChoice:
    """Return what backward starts from where nothing was chosen.

    That is the cross-entropy of a class, and MSE where the output is no vector of classes.

    Args:
        spec: the network.
        label: the class of the input, from 0; the last class where there are not so many.
        seed: of MSE's target.

    Raises:
        UserMistake: the network's shapes do not fit together.
    """
    classes = output_count(spec)
    if classes is None:
        return ObjectiveChoice(MSE, 0, seed)
    return ObjectiveChoice("cross-entropy", min(label, classes - 1), seed)
