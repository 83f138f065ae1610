"""A gradient by finite differences: the run repeated with one number a little off."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lenet_viz.capture.borrowed import eager, fresh_inputs, seeded
from lenet_viz.capture.contents import contents
from lenet_viz.capture.origins import Origins
from lenet_viz.capture.recorder import RecordingFailed
from lenet_viz.capture.records import Capture
from lenet_viz.engine.checked_objective import Objective, objective_of
from lenet_viz.engine.ingredients import Ingredients
from lenet_viz.engine.messages import CheckDone, CheckRequest, Nudge, RunFailed, RunRequest
from lenet_viz.engine.nudges import NudgingMode, no_such_number, nudge_ingredients
from lenet_viz.engine.outputs import OneOutput
from lenet_viz.engine.stages import CHECKING
from lenet_viz.engine.torch_run import ingredients, recorded
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Tell = Callable[[Message, float], None]

_NO_OBJECTIVE = QT_TRANSLATE_NOOP(
    "engine",
    "A finite difference needs an objective, and this run has none. Press Backward (F6) first.",
)
_OWN_TYPE = QT_TRANSLATE_NOOP(
    "engine",
    "Worked out in {dtype}, the model's own type: {why}. The estimate is coarse.",
)
_DRAWS = QT_TRANSLATE_NOOP("engine", "its forward draws random numbers, and float64 draws others")
_REFUSES = QT_TRANSLATE_NOOP("engine", "it does not run in float64")
_WOBBLES = QT_TRANSLATE_NOOP(
    "engine",
    "The same run twice gives different objectives: forward draws something that no random seed of "
    "torch reaches, so a finite difference cannot check this gradient.",
)
_KINK = QT_TRANSLATE_NOOP(
    "engine",
    "The objective may have a kink here: a ReLU or a pooling switches within the step. Autograd "
    "takes one side.",
)
_NOT_REACHED = QT_TRANSLATE_NOOP(
    "engine",
    "The step did not run when the run was repeated, so nothing could be changed there.",
)


def check(request: CheckRequest, progress: Tell) -> CheckDone | RunFailed:
    """Return d(objective)/d(one number) by central differences.

    It is worked out in float64 where the model runs in it and draws no random numbers, else in
    the model's own type. The number is changed by ε = ∛u·max(1, |x|) to both sides and by ε/2, u
    being the type's rounding unit.

    Raises:
        UserMistake: there is no such number, or the run has no objective.

    Source: W. Press et al., Numerical Recipes, 3rd edition, section 5.7.
    """
    asked = replace(request.of, zero_grad=True, grads=None)
    if asked.objective is None:
        raise UserMistake(message("engine", _NO_OBJECTIVE))
    progress(CHECKING, 0.0)
    with ingredients(asked, Path(asked.folder), progress) as made:
        try:
            capture, draws = _base(asked, made)
        except RecordingFailed as failure:
            return RunFailed(request.run, failure.message)
        objective = objective_of(asked.objective, capture)
        task = _Task(made, asked.objective_seed, objective, request.nudge, _coarsest(capture))
        at = _value(capture, request.nudge)
        found, notes = _found(task, at, draws)
    if found.wobble:
        notes.append(message("engine", _WOBBLES))
    elif found.kink:
        notes.append(message("engine", _KINK))
    return CheckDone(
        request.run,
        found.estimate,
        found.error,
        found.step_size,
        found.below,
        found.above,
        found.dtype,
        tuple(notes),
    )


def _found(task: "_Task", at: float, draws: bool) -> tuple["_Differences", list[Message]]:
    """Return the differences in the best type there is, and what is to be known of it."""
    why = message("engine", _DRAWS)
    if not draws:
        try:
            return _differences(task, at, torch.float64), []
        except UserMistake:
            raise
        except Exception:  # noqa: BLE001 - the user's code may not know float64
            why = message("engine", _REFUSES)
    found = _differences(task, at, None)
    return found, [message("engine", _OWN_TYPE, dtype=found.dtype, why=why)]


def _base(asked: RunRequest, made: Ingredients) -> tuple[Capture, bool]:
    """Return the run as it was, and whether its forward draws random numbers."""
    states: list[torch.Tensor] = []

    def note_state(*_: object) -> None:
        states.append(torch.get_rng_state())

    model = copy.deepcopy(made.model)
    model.register_forward_pre_hook(note_state)
    model.register_forward_hook(note_state)
    with OneOutput(model).taken():
        capture = recorded(asked, replace(made, model=model), {})
    return capture, any(not torch.equal(states[0], state) for state in states)


def _value(capture: Capture, nudge: Nudge) -> float:
    """Return the number that is changed.

    Raises:
        UserMistake: the run has no such number.
    """
    try:
        if nudge.place == "parameter":
            array = capture.parameters[nudge.name].value
        elif nudge.place == "input":
            array = capture.inputs[int(nudge.name)]
        else:
            array = capture.steps[nudge.step].outputs[nudge.output].activation
        if len(nudge.index) != array.ndim or min(nudge.index, default=0) < 0:
            raise IndexError
        return float(np.real(array[nudge.index]))
    except (LookupError, ValueError) as error:
        raise no_such_number(nudge) from error


@dataclass(frozen=True, slots=True)
class _Task:
    """What is repeated, and what is changed in it."""

    made: Ingredients
    seed: int
    objective: Objective
    nudge: Nudge
    own: torch.dtype


@dataclass(frozen=True, slots=True)
class _Differences:
    estimate: float
    error: float
    step_size: float
    below: float
    above: float
    dtype: str
    kink: bool
    wobble: float = 0.0


def _coarsest(capture: Capture) -> torch.dtype:
    """Return the floating type with the largest rounding unit that a run's steps work in."""
    names = {value.dtype for step in capture.steps for value in step.outputs}
    names |= {each.dtype for each in capture.parameters}
    names |= {value.dtype for value in capture.input_values}
    found = [getattr(torch, name, None) for name in names]
    kinds = [kind for kind in found if isinstance(kind, torch.dtype) and kind.is_floating_point]
    return max(kinds, key=lambda kind: torch.finfo(kind).eps, default=torch.float32)


def _differences(task: _Task, at: float, dtype: torch.dtype | None) -> _Differences:
    kind = task.own if dtype is None else dtype
    unit = float(torch.finfo(kind).eps)
    step = task.nudge.amount or unit ** (1 / 3) * max(1.0, abs(at))
    values = {
        amount: _evaluated(replace(task, nudge=replace(task.nudge, amount=amount)), dtype)
        for amount in (0.0, step, -step, step / 2, -step / 2)
    }
    below, above = (values[0.0] - values[-step]) / step, (values[step] - values[0.0]) / step
    wide, near = (below + above) / 2, (values[step / 2] - values[-step / 2]) / step
    # Half the step has a quarter of the error; rounding of the objective adds to it.
    rounding = unit * max(map(abs, values.values())) / abs(step / 2)
    # The same run twice: where it differs, something draws that no seed here reaches.
    again = _evaluated(replace(task, nudge=replace(task.nudge, amount=0.0)), dtype)
    wobble = 0.0 if again == values[0.0] else abs(again - values[0.0])
    rounding += wobble / abs(step / 2)
    apart = abs(above - below)
    apart_near = abs(values[step / 2] + values[-step / 2] - 2 * values[0.0]) / abs(step / 2)
    # Where the objective is smooth, both sides differ by a share of the step, which halves with
    # it, and much more than the two estimates do.
    bent = apart_near > 0.75 * apart or abs(wide - near) > 0.05 * apart
    return _Differences(
        estimate=near,
        error=abs(wide - near) + rounding,
        step_size=step,
        below=below,
        above=above,
        dtype=str(kind).removeprefix("torch."),
        kink=bent and apart > max(1e-3 * max(abs(above), abs(below)), 8 * rounding),
        wobble=wobble,
    )


def _evaluated(task: _Task, dtype: torch.dtype | None) -> float:
    """Return the objective with one number changed, worked out on a copy of the model."""
    made = replace(task.made, model=copy.deepcopy(task.made.model))
    args, kwargs = made.args, dict(made.kwargs)
    with _precision(dtype):
        if dtype is not None:
            made.model.to(dtype)
        args, kwargs = _cast(args, dtype), _cast(kwargs, dtype)
        made = replace(made, args=args, kwargs=kwargs)
        nudge_ingredients(made, (task.nudge,))
        output = _forward(made, task.nudge, task.seed)
    return task.objective.of(output)


def _forward(made: Ingredients, nudge: Nudge, seed: int) -> torch.Tensor:
    model = made.model
    inputs = fresh_inputs(made.args, made.kwargs, ())
    with seeded(seed, model), OneOutput(model).taken(), eager():
        if nudge.place != "step":
            with torch.no_grad():
                return _tensor(model(*inputs.args, **inputs.kwargs))
        origins = Origins(model, contents(model))
        try:
            origins.where.hook(contents(model).modules)
            for number, tensor in enumerate(inputs.passed):
                origins.add_input(tensor, number)
            mode = NudgingMode(model, origins, nudge)
            with torch.enable_grad(), mode:
                output = _tensor(model(*inputs.args, **inputs.kwargs))
        finally:
            origins.remove()
    if not mode.met:
        raise UserMistake(message("engine", _NOT_REACHED))
    return output.detach()


def _tensor(output: Any) -> torch.Tensor:
    assert isinstance(output, torch.Tensor)
    return output


@contextmanager
def _precision(dtype: torch.dtype | None) -> Iterator[None]:
    """Make new tensors of this type, such as the zeros that a recurrent network starts with."""
    before = torch.get_default_dtype()
    if dtype is not None:
        torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _cast(value: Any, dtype: torch.dtype | None) -> Any:
    """Return nested values with copies of their tensors, floating ones of another type."""
    if isinstance(value, torch.Tensor):
        kind = dtype if value.is_floating_point() else None
        return value.detach().to(kind, copy=True)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_cast(item, dtype) for item in value))
    if isinstance(value, tuple | list):
        return type(value)(_cast(item, dtype) for item in value)
    if isinstance(value, Mapping):
        return {key: _cast(item, dtype) for key, item in value.items()}
    return value
