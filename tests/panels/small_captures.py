"""Captures and states made by hand from plain arrays, without torch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lenet_viz.capture.arrays import Array, MemoryArrays
from lenet_viz.capture.named import Named
from lenet_viz.capture.records import (
    Capture,
    GradientState,
    ModelRecord,
    Objective,
    Step,
    StepRef,
    Value,
)
from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.session.state import ObjectiveChoice, Run, Settings, State, View

TOY = presets.get("toy")


def value(
    activation: Array | None,
    gradient: Array | None = None,
    state: GradientState | None = None,
    dtype: str | None = None,
) -> Value:
    arrays: dict[str, Array] = {}
    if activation is not None:
        arrays["a"] = np.array(activation)
    if gradient is not None:
        arrays["g"] = np.array(gradient)
    reason = GradientState.NO_BACKWARD if gradient is None else GradientState.PRESENT
    shape = () if activation is None else np.shape(activation)
    return Value(
        shape,
        dtype or ("float32" if activation is None else str(np.asarray(activation).dtype)),
        state or reason,
        "a" if activation is not None else None,
        "g" if gradient is not None else None,
        MemoryArrays(arrays),
    )


def step(name: str, op: str, *outputs: Value, input_shapes: Any = (), **other: Any) -> Step:
    return Step(name, op, "", "", 1, 1, (), (), tuple(outputs), tuple(input_shapes), **other)


def objective(kind: str, index: int | None, loss: float | None, **arrays: Array) -> Objective:
    keys = {name: name if name in arrays else None for name in ("upstream", "target")}
    word = kind if index is None else f"{kind}:{index}"
    source = MemoryArrays({name: np.array(array) for name, array in arrays.items()})
    return Objective(kind, index, word, keys["upstream"], keys["target"], loss, (), source)


def capture(
    image: Value, *steps: Step, goal: Objective | None = None, output: int | None = None
) -> Capture:
    return Capture(
        model=ModelRecord("toy", "", True, ""),
        steps=Named(steps),
        input_values=(image,),
        input_names=("input",),
        input_grad_keys=(None,),
        parameters=Named(()),
        constants={},
        output=None if output is None else StepRef(output),
        output_grad_fn="",
        objective=goal,
        settings={},
        versions={"torch": "2.13.0"},
    )


def state(
    ran: Capture | None,
    selected: str = "input",
    *,
    view: Mapping[str, Any] | None = None,
    kind: str = "digit",
    backward: bool = True,
) -> State:
    settings = Settings(
        "toy", TOY.spec, 0, InputRequest(kind, 7, 0, 1), ObjectiveChoice("cross-entropy", 1, 2)
    )
    shown = State(settings, View(**(view or {})), selected=selected)
    if ran is None:
        return shown
    return replace(shown, run=Run(1, settings, ran, backward, int(backward)))


def ramp(*shape: int, low: float = -1.0, high: float = 1.0) -> Array:
    """Numbers that are all different, none of them 0, float32."""
    count = int(np.prod(shape))
    flat = np.linspace(low, high, count + 1 + count % 2, dtype=np.float32)
    flat = flat[flat != 0][:count]
    return np.random.default_rng(0).permutation(flat).reshape(shape)
