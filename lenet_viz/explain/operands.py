"""What a recorded step worked on, ready for arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from weakref import ref

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import (
    ArgumentValue,
    Capture,
    ConstantRef,
    InputRef,
    Literal,
    ParameterRef,
    Step,
    StepRef,
    Value,
)
from lenet_viz.explain.terms import Numbers

Reference = StepRef | InputRef | ParameterRef | ConstantRef
Path = tuple[str | int, ...]
"""Where in a call an operand stands: ``("input",)``, or ``("tensors", 1)`` in a list."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor that a step worked on, or a plain number in a tensor's place.

    Attributes:
        path: where it stands in the call.
        address: which tensor of the run it is; None for a plain number.
        shape: its shape; () for a plain number.
        dtype: its logical type; "" for a plain number.
    """

    path: Path
    address: Address | None
    shape: tuple[int, ...]
    dtype: str
    _held: Value | Array | float | None

    @property
    def array(self) -> Array:
        """Its numbers as they were when the step ran, read-only, of ``shape``."""
        if isinstance(self._held, Value):
            return self._held.activation
        return np.asarray(self._held)

    @property
    def numbers(self) -> Numbers:
        """The same as float64 (or complex128), in which the arithmetic is done."""
        array = self.array
        wide = np.complex128 if np.iscomplexobj(array) else np.float64
        return array.astype(wide)


@dataclass(frozen=True, slots=True)
class Call:
    """One step together with the run that it belongs to.

    Attributes:
        capture: the run.
        number: the step's number.
    """

    capture: Capture
    number: int

    @property
    def step(self) -> Step:
        """The step."""
        return self.capture.steps[self.number]

    @property
    def op(self) -> str:
        """The op without the underscore of its in-place form."""
        return self.step.op.rstrip("_")

    def operand(self, *path: str | int) -> Operand | None:
        """Return the tensor (or number) that stands at a place of the call; None for none."""
        value = self.step.argument(str(path[0]))
        for part in path[1:]:
            known = isinstance(value, tuple) and isinstance(part, int) and part < len(value)
            value = value[part] if known and isinstance(value, tuple) else None  # type: ignore[index]
        return self._operand(path, value)

    def operands(self) -> Iterator[Operand]:
        """Yield every tensor operand, lists taken apart, in the order of the call."""
        for argument in self.step.arguments:
            yield from self._within((argument.name,), argument.value)

    def _within(self, path: Path, value: ArgumentValue) -> Iterator[Operand]:
        if isinstance(value, tuple):
            for number, item in enumerate(value):
                yield from self._within((*path, number), item)
        elif not isinstance(value, Literal):
            found = self._operand(path, value)
            if found is not None:
                yield found

    def _operand(self, path: Path, value: ArgumentValue | None) -> Operand | None:
        if isinstance(value, Literal):
            number = value.value
            if isinstance(number, bool | int | float):
                return Operand(path, None, (), "", float(number))
            return None
        if value is None or isinstance(value, tuple):
            return None
        return tensor_of(self.capture, value, path)

    def output(self, number: int = 0) -> Value:
        """Return one of the step's outputs.

        Raises:
            IndexError: it has none of this number; a failed step has none at all.
        """
        return self.step.outputs[number]

    def output_address(self, number: int = 0, side: Side = Side.ACTIVATION) -> Address:
        """Return the address of one of the step's outputs."""
        return Address(Place.STEP, self.step.name, number, side)


def tensor_of(capture: Capture, reference: Reference, path: Path = ()) -> Operand | None:
    """Return the tensor that a reference names; None where its numbers were not kept."""
    if isinstance(reference, ParameterRef):
        parameter = capture.parameters[reference.name]
        address = Address(Place.PARAMETER, parameter.name)
        return Operand(path, address, parameter.shape, parameter.dtype, parameter.value)
    if isinstance(reference, InputRef):
        value = capture.input_values[reference.input]
        address = Address(Place.INPUT, str(reference.input))
    elif isinstance(reference, StepRef):
        step = capture.steps[reference.step]
        value = step.outputs[reference.output]
        address = Address(Place.STEP, step.name, reference.output)
    else:
        value = capture.constants[reference.name]
        address = Address(Place.CONSTANT, reference.name)
    if value.activation_key is None:
        return None
    return Operand(path, address, value.shape, value.dtype, value)


def array_at(capture: Capture, address: Address) -> Array | None:
    """Return the whole tensor that an address names, read-only; None where there is none.

    Raises:
        KeyError: the run has no such step, parameter or constant.
        IndexError: it has no such input or output.
    """
    gradient = address.side is Side.GRADIENT
    if address.place is Place.PARAMETER:
        parameter = capture.parameters[address.name]
        return parameter.gradient if gradient else parameter.value
    if address.place is Place.STEP:
        value = capture.steps[address.name].outputs[address.output]
    elif address.place is Place.INPUT:
        value = capture.input_values[int(address.name)]
    elif address.place is Place.CONSTANT:
        value = capture.constants[address.name]
    else:
        return _of_objective(capture, address)
    return value.gradient if gradient else value.activation


def _of_objective(capture: Capture, address: Address) -> Array | None:
    objective = capture.objective
    if objective is None:
        return None
    if address.name == "target":
        return objective.target
    return None if objective.loss is None else np.asarray(objective.loss)


def consumers(capture: Capture, address: Address) -> tuple[tuple[int, Path], ...]:
    """Return which steps take a tensor, and where in their call, in the order they ran.

    A step that takes it twice (``x + x``) is named twice.
    """
    plain = replace(address, index=None, side=Side.ACTIVATION, run=None)
    return _uses(capture).get(plain, ())


_Uses = dict[Address, tuple[tuple[int, Path], ...]]
_known: dict[int, tuple[ref[Capture], _Uses]] = {}
"""The uses of every tensor of the captures that were asked about, by identity."""


def _uses(capture: Capture) -> _Uses:
    """Return who takes which tensor; one walk over all steps for each capture."""
    known = _known.get(id(capture))
    if known is not None and known[0]() is capture:
        return known[1]
    found: dict[Address, list[tuple[int, Path]]] = {}
    for number, step in enumerate(capture.steps):
        for argument in step.arguments:
            for path, reference in _references((argument.name,), argument.value):
                found.setdefault(_address_of(capture, reference), []).append((number, path))
    uses = {address: tuple(places) for address, places in found.items()}
    key = id(capture)
    _known[key] = (ref(capture, lambda gone: _known.pop(key, None)), uses)
    return uses


def _references(path: Path, value: ArgumentValue) -> Iterator[tuple[Path, Reference]]:
    if isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _references((*path, number), item)
    elif not isinstance(value, Literal):
        yield path, value


def _address_of(capture: Capture, reference: Reference) -> Address:
    if isinstance(reference, ParameterRef):
        return Address(Place.PARAMETER, reference.name)
    if isinstance(reference, InputRef):
        return Address(Place.INPUT, str(reference.input))
    if isinstance(reference, StepRef):
        return Address(Place.STEP, capture.steps[reference.step].name, reference.output)
    return Address(Place.CONSTANT, reference.name)
