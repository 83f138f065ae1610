"""The parts of a run that are no steps: parameters, the objective, the model."""

from dataclasses import dataclass, field

from lenet_viz.capture.arrays import Array, ArraySource, widened
from lenet_viz.capture.on_demand import OnDemand
from lenet_viz.capture.values import GradientState


@dataclass(frozen=True, slots=True)
class Parameter:
    """One of the model's parameters.

    Attributes:
        name: its ``state_dict`` name, such as ``conv1.weight``.
        shape: its shape.
        dtype: its logical type.
        requires_grad: whether it learns.
        gradient_state: whether this run's backward gave it a gradient, or why not.
        value_key: key of its numbers.
        gradient_key: key of this run's contribution to its gradient.
        grad_before_key: key of ``.grad`` before this run's backward; None where it was None.
        grad_key: key of ``.grad`` after this run; None where it is None.
        source: where the arrays are read from.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    requires_grad: bool
    gradient_state: GradientState
    value_key: str
    gradient_key: str | None
    grad_before_key: str | None
    grad_key: str | None
    source: ArraySource = field(compare=False, repr=False)

    def _read(self, key: str | None) -> Array | None:
        return None if key is None else widened(self.source.read(key), self.dtype)

    @property
    def value(self) -> Array:
        """Its numbers, read-only."""
        return widened(self.source.read(self.value_key), self.dtype)

    @property
    def gradient(self) -> Array | None:
        """d(objective)/d(parameter) of this run alone, read-only; None where there is none."""
        return self._read(self.gradient_key)

    @property
    def grad_before(self) -> Array | None:
        """``.grad`` before this run's backward, read-only; None where torch had None."""
        return self._read(self.grad_before_key)

    @property
    def grad(self) -> Array | None:
        """``.grad`` after this run: before + this run; None where torch has None."""
        return self._read(self.grad_key)

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        total = 1
        for size in self.shape:
            total *= size
        return total

    @property
    def layer(self) -> str:
        """The path of the module it belongs to; "" for the model itself."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Objective:
    """What backward started from.

    Attributes:
        kind: ``random``, ``output``, ``cross-entropy``, ``mse``, ``vector`` or ``callable``.
        index: the output or class number; None where it has none.
        word: the command line's word for it, such as ``cross-entropy:7``.
        upstream_key: key of v = d(objective)/d(output), of the output's shape.
        target_key: key of MSE's target; None where it has none.
        loss: the scalar's value; None for a vector objective, which has no loss.
        grad_fn: names of the autograd nodes from the loss down to the output's own.
        source: where the arrays are read from.
        dtype: logical type of v and the target; "" where the stored type is the logical one.
    """

    kind: str
    index: int | None
    word: str
    upstream_key: str | None
    target_key: str | None
    loss: float | None
    grad_fn: tuple[str, ...]
    source: ArraySource = field(compare=False, repr=False)
    dtype: str = ""

    def _read(self, key: str | None) -> Array | None:
        return None if key is None else widened(self.source.read(key), self.dtype)

    @property
    def upstream(self) -> Array | None:
        """The v in vᵀJ: d(objective)/d(output), read-only, of the output's shape."""
        return self._read(self.upstream_key)

    @property
    def target(self) -> Array | None:
        """What MSE compares the output with, read-only; None where there is none."""
        return self._read(self.target_key)


@dataclass(frozen=True)
class ModelRecord:
    """The model that ran.

    Attributes:
        name: preset's or class's name.
        text: what ``print(model)`` gives.
        training: True in train mode, False in eval mode.
        weights_hash: SHA-256 over names, types, shapes and bytes of all parameters and buffers;
            computed when it is first read.
        spec: the spec as JSON where the model was built from one; "" otherwise.
        source_text: the Python text of the model where it is known; "" otherwise.
    """

    name: str
    text: str
    training: bool
    weights_hash: OnDemand[str] = OnDemand()  # noqa: RUF009
    spec: str = ""
    source_text: str = ""

    def __getstate__(self) -> dict[str, object]:
        """Return the fields for `pickle`, the hash made by now."""
        assert self.weights_hash is not None
        return dict(self.__dict__)
