"""One line of the parameter table in words and numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lenet_viz.capture.records import Capture, GradientState, Parameter, ParameterRef, Step
from lenet_viz.display import numbers
from lenet_viz.display.statistics import Statistics
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.parameter_pictures import picture_of, picture_words
from lenet_viz.panels.text import formatted, no_gradient_sentence, translate
from lenet_viz.panels.thumbnail import drawable


@dataclass(frozen=True)
class ParameterRow:
    """A parameter with what the table says about it.

    Attributes:
        parameter: the parameter.
        step: name of the first step that uses it; "" where none does.
        op: that step's op.
        uses: how many steps use it.
        first_of_layer: whether a layer begins here.
        tied_to: name of an earlier parameter that is the same tensor; "" where there is none.
        share: its part of all numbers, 0 to 1.
        passes: how many backward passes ``.grad`` adds up.
    """

    parameter: Parameter
    step: str
    op: str
    uses: int
    first_of_layer: bool
    tied_to: str
    share: float
    passes: int

    @cached_property
    def values(self) -> Statistics:
        """Statistics of its numbers."""
        return Statistics.of(drawable(self.parameter.value))

    @cached_property
    def grads(self) -> Statistics | None:
        """Statistics of ``.grad``; None where torch has None."""
        grad = self.parameter.grad
        return None if grad is None else Statistics.of(drawable(grad))

    @cached_property
    def value_picture(self) -> Picture:
        """Its numbers laid out for a thumbnail."""
        return picture_of(self.parameter.value)

    @cached_property
    def grad_picture(self) -> Picture | None:
        """``.grad`` laid out for a thumbnail; None where torch has None."""
        grad = self.parameter.grad
        return None if grad is None else picture_of(grad)

    def shape_words(self) -> str:
        """Return the shape as arithmetic, ``6 × 1 × 3 × 3 = 54``; ``6`` for a vector."""
        parameter = self.parameter
        count = numbers.count_text(parameter.count)
        if len(parameter.shape) < 2:
            return count
        return f"{' × '.join(map(str, parameter.shape))} = {count}"

    def share_words(self) -> str:
        """Return its part of all numbers, ``85.3 %``."""
        if self.tied_to:
            return translate("Parameters", "tied")
        percent = 100 * self.share
        return f"{percent:.1f} %" if percent >= 0.05 or not percent else "< 0.1 %"

    def ends_words(self) -> tuple[str, str]:
        """Return the smallest and the largest finite number."""
        return _rounded(self.values.min), _rounded(self.values.max)

    def mean_words(self) -> str:
        """Return the mean, or how many numbers are not finite."""
        found = self.values
        if found.finite < found.count:
            return formatted("Parameters", "{count} not finite", count=found.count - found.finite)
        if found.mean is None:
            return ""
        return formatted("Parameters", "mean {mean}", mean=numbers.text(found.mean, 3))

    def grad_words(self) -> str:
        """Return what stands in ``.grad``."""
        parameter = self.parameter
        if parameter.grad_key is None:
            return "None"
        if parameter.gradient_key is None:
            return translate("Parameters", "earlier passes")
        if parameter.grad_before_key is not None:
            if self.passes > 1:
                return formatted("Parameters", "sum of {passes} passes", passes=self.passes)
            return translate("Parameters", "a sum of passes")
        return translate("Parameters", "this pass")

    def largest_words(self) -> str:
        """Return the largest size of ``.grad``, or why there is none."""
        found = self.grads
        if found is None:
            return self._why_none()
        if found.finite < found.count:
            return formatted("Parameters", "{count} not finite", count=found.count - found.finite)
        return formatted("Parameters", "max {size}", size=numbers.text(_largest(found), 3))

    def _why_none(self) -> str:
        reasons = {
            GradientState.NO_BACKWARD: translate("Parameters", "no backward yet"),
            GradientState.NO_GRAD: "requires_grad=False",
            GradientState.NOT_REACHED: translate("Parameters", "not reached"),
            GradientState.ALIASED: translate("Parameters", "written over"),
        }
        return reasons.get(self.parameter.gradient_state, "")

    def tip(self) -> str:
        """Return everything about the row, for the tool tip."""
        parameter = self.parameter
        lines = [f"{parameter.name}   {parameter.dtype}", self.shape_words()]
        lines += picture_words(parameter.shape)
        lines.append(
            formatted(
                "Parameters",
                "min {low}, max {high}, mean {mean}",
                low=_exact(self.values.min),
                high=_exact(self.values.max),
                mean=_exact(self.values.mean),
            )
        )
        found = self.grads
        if found is None:
            lines.append(f".grad: None. {no_gradient_sentence(parameter.gradient_state)}".rstrip())
        else:
            lines.append(
                formatted(
                    "Parameters",
                    ".grad ({state}): min {low}, max {high}; exactly 0: {zeros} of {count}",
                    state=self.grad_words(),
                    low=_exact(found.min),
                    high=_exact(found.max),
                    zeros=numbers.count_text(found.zeros),
                    count=numbers.count_text(found.count),
                )
            )
        if self.tied_to:
            lines.append(
                formatted("Parameters", "The same tensor as {name}: tied.", name=self.tied_to)
            )
        if self.uses > 1:
            lines.append(
                formatted(
                    "Parameters",
                    "Shared by {count} steps: their gradients add up here.",
                    count=self.uses,
                )
            )
        return "\n".join(lines)

    def fields(self) -> tuple[str, ...]:
        """Return the row for a spreadsheet: numbers in full, no picture."""
        parameter, found = self.parameter, self.grads
        return (
            parameter.name,
            f"({', '.join(map(str, parameter.shape))})",
            str(parameter.count),
            _exact(self.values.min),
            _exact(self.values.max),
            _exact(self.values.mean),
            self.grad_words(),
            "None" if found is None else _exact(_largest(found)),
        )


def rows_of(capture: Capture, passes: int) -> tuple[ParameterRow, ...]:
    """Return the table's rows in the model's order.

    Args:
        capture: the run.
        passes: how many backward passes ``.grad`` adds up.
    """
    users: dict[str, list[tuple[str, str]]] = {}
    for step in capture.steps:
        for name in dict.fromkeys(_used(step)):
            users.setdefault(name, []).append((step.name, step.op))
    first_with: dict[str, str] = {}
    for parameter in capture.parameters:
        first_with.setdefault(parameter.value_key, parameter.name)
    total = counted(capture)
    rows = []
    layer: str | None = None
    for parameter in capture.parameters:
        used = users.get(parameter.name) or _of_module(capture, parameter)
        first = first_with[parameter.value_key]
        rows.append(
            ParameterRow(
                parameter=parameter,
                step=used[0][0] if used else "",
                op=used[0][1] if used else "",
                uses=len(used),
                first_of_layer=parameter.layer != layer,
                tied_to="" if first == parameter.name else first,
                share=parameter.count / total if total else 0.0,
                passes=passes,
            )
        )
        layer = parameter.layer
    return tuple(rows)


def counted(capture: Capture) -> int:
    """Return how many numbers all parameters hold; a tied tensor counts once."""
    sizes = {parameter.value_key: parameter.count for parameter in capture.parameters}
    return sum(sizes.values())


def _used(step: Step) -> Iterator[str]:
    """Yield the names of the parameters a step was called with, those in lists included."""
    waiting = [argument.value for argument in step.arguments]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, ParameterRef):
            yield value.name
        elif isinstance(value, tuple):
            waiting = [*value, *waiting]


def _of_module(capture: Capture, parameter: Parameter) -> list[tuple[str, str]]:
    """Return the steps of a parameter's own module, for ops whose inside cannot be seen."""
    if not parameter.layer:
        return []
    return [(s.name, s.op) for s in capture.steps if s.module == parameter.layer and s.opaque]


def _rounded(number: float | None) -> str:
    return "-" if number is None else numbers.text(number, 3)


def _largest(found: Statistics) -> float:
    return max(abs(found.min or 0.0), abs(found.max or 0.0))


def _exact(number: float | None) -> str:
    return "-" if number is None else numbers.text(number, 6)
