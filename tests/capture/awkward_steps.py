"""The steps that awkward models must give, in a file that people read and only people change.

``python -m tests.capture.awkward_steps`` shows where the recorder and the file differ; with
``--write`` it writes the file anew, for ``git diff`` to be read line by line.
"""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import lenet_viz
from lenet_viz.capture.records import (
    ArgumentValue,
    Capture,
    ConstantRef,
    InputRef,
    Literal,
    ParameterRef,
    Step,
    StepRef,
)
from tests.capture.awkward_models import CASES, Case

FILE = Path(__file__).with_suffix(".txt")
_HEAD = """\
# The steps that the models of awkward_models.py must give, in the order in which they run:
#   name = op in the module (path) <- where its tensors come from -> what it gives
# "[1]" is a step's second output, "~" stands for in place and "!" for an opaque step. Behind each
# output stands its gradient's state where it is not "present".
"""


def made(case: Case) -> tuple[nn.Module, tuple[Any, ...], dict[str, Any]]:
    """Return a case's model and inputs, the same ones every time."""
    torch.manual_seed(0)
    model = case.make()
    args = (torch.randn(case.shape),) if case.inputs is None else case.inputs()
    return model, args, case.kwargs()


def scalar(case: Case, output: Any) -> Tensor:
    """Return the number from which backward starts."""
    picked = case.picks(output)
    return (picked.abs() if picked.is_complex() else picked).float().pow(2).sum()


def ran(case: Case) -> Capture:
    """Return the record of a case, run forward and backward."""
    model, args, kwargs = made(case)
    torch.manual_seed(1)
    return lenet_viz.capture(model, *args, backward=lambda out: scalar(case, out), **kwargs)


def described(taken: Capture) -> list[str]:
    """Return a line for each step."""
    return [_line(step, taken) for step in taken.steps]


def _line(step: Step, taken: Capture) -> str:
    mark = ("!" if step.opaque else "") + ("~" if step.in_place else "")
    origins = [_origin(ref, taken) for a in step.arguments for ref in _references(a.value)]
    given = [
        "×".join(map(str, value.shape or ("scalar",)))
        + ("" if value.dtype == "float32" else f" {value.dtype}")
        + ("" if value.gradient is not None else f" ({value.gradient_state.value})")
        for value in step.outputs
    ]
    where = f" in {step.module}" if step.module else ""
    return f"{mark}{step.name} = {step.op}{where} <- {', '.join(origins)} -> {', '.join(given)}"


def _references(value: ArgumentValue) -> Iterator[Any]:
    if isinstance(value, tuple):
        for item in value:
            yield from _references(item)
    elif not isinstance(value, Literal):
        yield value


def _origin(ref: StepRef | InputRef | ParameterRef | ConstantRef, taken: Capture) -> str:
    if isinstance(ref, StepRef):
        return taken.steps[ref.step].name + (f"[{ref.output}]" if ref.output else "")
    if isinstance(ref, InputRef):
        return f"input {taken.input_names[ref.input]}"
    return ref.name


def expected() -> dict[str, list[str]]:
    """Return the file's lines by model."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            lines.append(line.strip())
        elif line and not line.startswith("#"):
            lines = found[line] = []
    return found


def main(write: bool) -> int:
    """Return 0 where recorder and file agree; show or write what differs."""
    parts = [_HEAD]
    for name, case in CASES.items():
        parts.append("\n".join([name, *(f"    {line}" for line in described(ran(case)))]) + "\n")
    new = "\n".join(parts)
    old = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    sys.stdout.writelines(
        difflib.unified_diff(old.splitlines(True), new.splitlines(True), "expected", "recorded")
    )
    if write:
        FILE.write_text(new, encoding="utf-8")
    return int(old != new)


if __name__ == "__main__":
    raise SystemExit(main("--write" in sys.argv[1:]))
