"""A capture's records as a JSON document, and back."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lenet_viz.capture.arrays import ArraySource
from lenet_viz.capture.named import Named
from lenet_viz.capture.plain import plain_message, plain_number, read_message, read_number
from lenet_viz.capture.read_only import ReadOnly
from lenet_viz.capture.records import (
    Argument,
    ArgumentValue,
    AutogradNode,
    Capture,
    ConstantRef,
    GradientState,
    InputRef,
    Literal,
    ModelRecord,
    ModuleCall,
    Objective,
    Parameter,
    ParameterRef,
    SourceLine,
    Step,
    StepRef,
    Value,
)

KeyFor = Callable[[ArraySource, str | None, str], str | None]
"""Gives the key to write: from an array's source, its key there, and the key it should get."""
Fields = dict[str, Any]


def to_document(capture: Capture, key_for: KeyFor) -> Fields:
    """Return the records of ``capture`` as plain JSON values.

    Args:
        capture: what to describe.
        key_for: called once for each array that a record names; what it returns is written.
    """
    objective = capture.objective
    return {
        "model": {
            "name": capture.model.name,
            "text": capture.model.text,
            "training": capture.model.training,
            "weights_hash": capture.model.weights_hash,
            "spec": capture.model.spec,
            "source_text": capture.model.source_text,
        },
        "inputs": [
            {
                "name": name,
                **_value(value, f"input:{number}", key_for),
                "grad": key_for(value.source, grad, f"input:{number}:grad"),
            }
            for number, (name, value, grad) in enumerate(
                zip(capture.input_names, capture.input_values, capture.input_grad_keys, strict=True)
            )
        ],
        "parameters": [_parameter(p, key_for) for p in capture.parameters],
        "constants": {
            name: _value(value, f"constant:{name}", key_for)
            for name, value in capture.constants.items()
        },
        "steps": [_step(step, key_for) for step in capture.steps],
        "module_calls": [
            [call.path, call.type, call.call, call.calls, call.parent]
            for call in capture.module_calls
        ],
        "sources": dict(sorted(capture.sources.items())),
        "output": None if capture.output is None else _reference(capture.output),
        "output_grad_fn": capture.output_grad_fn,
        "objective": None if objective is None else _objective(objective, key_for),
        "autograd": None
        if capture.autograd is None
        else [[node.name, list(node.inputs), node.step, node.leaf] for node in capture.autograd],
        "settings": dict(sorted(capture.settings.items())),
        "versions": dict(sorted(capture.versions.items())),
        "error": None if capture.error is None else plain_message(capture.error),
    }


def _value(value: Value, prefix: str, key_for: KeyFor) -> Fields:
    return {
        "shape": list(value.shape),
        "dtype": value.dtype,
        "state": value.gradient_state.value,
        "activation": key_for(value.source, value.activation_key, f"{prefix}:activation"),
        "gradient": key_for(value.source, value.gradient_key, f"{prefix}:gradient"),
    }


def _parameter(parameter: Parameter, key_for: KeyFor) -> Fields:
    source, prefix = parameter.source, f"parameter:{parameter.name}"
    return {
        "name": parameter.name,
        "shape": list(parameter.shape),
        "dtype": parameter.dtype,
        "requires_grad": parameter.requires_grad,
        "state": parameter.gradient_state.value,
        "value": key_for(source, parameter.value_key, f"{prefix}:value"),
        "gradient": key_for(source, parameter.gradient_key, f"{prefix}:gradient"),
        "grad_before": key_for(source, parameter.grad_before_key, f"{prefix}:grad_before"),
        "grad": key_for(source, parameter.grad_key, f"{prefix}:grad"),
    }


def _step(step: Step, key_for: KeyFor) -> Fields:
    line = step.source_line
    return {
        "name": step.name,
        "op": step.op,
        "module": step.module,
        "module_type": step.module_type,
        "call": step.call,
        "calls": step.calls,
        "parents": list(step.parents),
        "arguments": [[argument.name, _reference(argument.value)] for argument in step.arguments],
        "outputs": [
            _value(value, f"step:{step.name}:{number}", key_for)
            for number, value in enumerate(step.outputs)
        ],
        "input_shapes": [list(shape) for shape in step.input_shapes],
        "line": None if line is None else [line.file, line.number, line.text, line.function],
        "opaque": step.opaque,
        "in_place": step.in_place,
        "error": None if step.error is None else plain_message(step.error),
        "within": step.within,
    }


def _objective(objective: Objective, key_for: KeyFor) -> Fields:
    source = objective.source
    return {
        "kind": objective.kind,
        "index": objective.index,
        "word": objective.word,
        "upstream": key_for(source, objective.upstream_key, "objective:upstream"),
        "target": key_for(source, objective.target_key, "objective:target"),
        "loss": plain_number(objective.loss),
        "grad_fn": list(objective.grad_fn),
        "dtype": objective.dtype,
    }


def _reference(value: ArgumentValue) -> Any:
    if isinstance(value, tuple):
        return [_reference(item) for item in value]
    if isinstance(value, Literal):
        return {"literal": plain_number(value.value)}
    if isinstance(value, StepRef):
        return {"step": [value.step, value.output]}
    if isinstance(value, InputRef):
        return {"input": value.input}
    if isinstance(value, ParameterRef):
        return {"parameter": value.name}
    return {"constant": value.name}


def from_document(document: Fields, source: ArraySource, file: Path) -> Capture:
    """Return the capture that ``document`` describes, its arrays read from ``source``.

    Raises:
        KeyError: a field is missing.
        TypeError: a field is of the wrong kind.
        ValueError: a field has an impossible value.
    """
    inputs = document["inputs"]
    output = document["output"]
    objective = document["objective"]
    return Capture(
        model=ModelRecord(**{k: v for k, v in document["model"].items() if k in _MODEL_FIELDS}),
        steps=Named(_read_step(fields, source) for fields in document["steps"]),
        # The first version of the program did not write these.
        module_calls=tuple(ModuleCall(*call) for call in document.get("module_calls", ())),
        sources=ReadOnly(document.get("sources", {})),
        input_values=tuple(_read_value(fields, source) for fields in inputs),
        input_names=tuple(fields["name"] for fields in inputs),
        input_grad_keys=tuple(fields["grad"] for fields in inputs),
        parameters=Named(_read_parameter(fields, source) for fields in document["parameters"]),
        constants=ReadOnly(
            {name: _read_value(fields, source) for name, fields in document["constants"].items()}
        ),
        output=None if output is None else StepRef(*output["step"]),
        output_grad_fn=document["output_grad_fn"],
        objective=None if objective is None else _read_objective(objective, source),
        autograd=_read_nodes(document.get("autograd")),
        settings=dict(document["settings"]),
        versions=dict(document["versions"]),
        error=read_message(document["error"]),
        file=file,
    )


_MODEL_FIELDS = {"name", "text", "training", "weights_hash", "spec", "source_text"}
_STATES: Mapping[str, GradientState] = {state.value: state for state in GradientState}


def _read_value(fields: Fields, source: ArraySource) -> Value:
    return Value(
        tuple(fields["shape"]),
        fields["dtype"],
        _STATES[fields["state"]],
        fields["activation"],
        fields["gradient"],
        source,
    )


def _read_parameter(fields: Fields, source: ArraySource) -> Parameter:
    return Parameter(
        name=fields["name"],
        shape=tuple(fields["shape"]),
        dtype=fields["dtype"],
        requires_grad=fields["requires_grad"],
        gradient_state=_STATES[fields["state"]],
        value_key=fields["value"],
        gradient_key=fields["gradient"],
        grad_before_key=fields["grad_before"],
        grad_key=fields["grad"],
        source=source,
    )


def _read_step(fields: Fields, source: ArraySource) -> Step:
    line = fields["line"]
    return Step(
        name=fields["name"],
        op=fields["op"],
        module=fields["module"],
        module_type=fields["module_type"],
        call=fields["call"],
        calls=fields["calls"],
        parents=tuple(fields["parents"]),
        arguments=tuple(
            Argument(name, _read_reference(value)) for name, value in fields["arguments"]
        ),
        outputs=tuple(_read_value(value, source) for value in fields["outputs"]),
        input_shapes=tuple(tuple(shape) for shape in fields["input_shapes"]),
        source_line=None if line is None else SourceLine(*line),
        opaque=fields["opaque"],
        in_place=fields["in_place"],
        error=read_message(fields["error"]),
        within=fields.get("within"),
    )


def _read_objective(fields: Fields, source: ArraySource) -> Objective:
    return Objective(
        kind=fields["kind"],
        index=fields["index"],
        word=fields["word"],
        upstream_key=fields["upstream"],
        target_key=fields["target"],
        loss=read_number(fields["loss"]),
        grad_fn=tuple(fields["grad_fn"]),
        source=source,
        dtype=fields.get("dtype", ""),
    )


def _read_nodes(listed: list[Any] | None) -> tuple[AutogradNode, ...] | None:
    if listed is None:
        return None
    return tuple(AutogradNode(name, tuple(inputs), *rest) for name, inputs, *rest in listed)


def _read_reference(value: Any) -> ArgumentValue:
    if isinstance(value, list):
        return tuple(_read_reference(item) for item in value)
    ((kind, content),) = value.items()
    if kind == "literal":
        return Literal(read_number(content))
    if kind == "step":
        return StepRef(*content)
    if kind == "input":
        return InputRef(content)
    if kind == "parameter":
        return ParameterRef(content)
    if kind == "constant":
        return ConstantRef(content)
    raise ValueError(f"an unknown kind of reference: {kind}")
