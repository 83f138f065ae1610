"""Why an activation is what it is."""

import warnings
from dataclasses import replace

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture, Value
from lenet_viz.explain.forward.finding import COMPLEX, CannotSay, Finding, number
from lenet_viz.explain.forward.objective import explain_loss
from lenet_viz.explain.forward.rules import RULES
from lenet_viz.explain.operands import Call
from lenet_viz.explain.terms import Answer, Explanation, How, Unexplained
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_BEGINNINGS = {
    Place.INPUT: QT_TRANSLATE_NOOP(
        "Why", "An input is where the run starts: nothing in the network made this number."
    ),
    Place.PARAMETER: QT_TRANSLATE_NOOP(
        "Why",
        "A parameter is what the network has learned or was started with: no step made this "
        "number. Ask for its gradient to see what would change it.",
    ),
    Place.CONSTANT: QT_TRANSLATE_NOOP(
        "Why", "A buffer or constant was made outside of every step: nothing here made this number."
    ),
}
_NO_RULE = QT_TRANSLATE_NOOP(
    "Why",
    "There is no arithmetic here for {op} with these settings yet: the finite difference still "
    "tells what a change would do.",
)
_OPAQUE = QT_TRANSLATE_NOOP(
    "Why",
    "{step} is opaque: what happened inside {op} could not be seen. The "
    "finite difference still tells what a change would do.",
)
_ZERO_COPY = QT_TRANSLATE_NOOP("Why", "Zero because the number it was copied from is zero.")
_ZERO_TERMS = QT_TRANSLATE_NOOP("Why", "Zero because each of the {count} terms is zero.")
_CANCEL = QT_TRANSLATE_NOOP("Why", "Zero because the {count} terms cancel.")
_NARROW = ("bfloat16", "float16")
_COARSE = QT_TRANSLATE_NOOP(
    "Why", "torch worked in {dtype} here, which rounds coarsely; the arithmetic above is float64."
)
_DIFFERS = QT_TRANSLATE_NOOP(
    "Why",
    "The arithmetic gives {total}, torch gave {captured}: more than rounding. A tensor may have "
    "been written over since, or a setting is not known here.",
)
_MADE = QT_TRANSLATE_NOOP("Why", "{op} makes this tensor: no other number of the run went into it.")
_GONE = QT_TRANSLATE_NOOP("Why", "There is no such number in this run.")
_RUN_FAILED = QT_TRANSLATE_NOOP("Why", "{step} failed before it gave anything.")


def explain_activation(capture: Capture, address: Address) -> Answer:
    """Return the arithmetic of one value.

    Args:
        capture: the run.
        address: the value, its index over all axes.
    """
    if address.place is Place.OBJECTIVE:
        with np.errstate(all="ignore"):
            return explain_loss(capture, address)
    if address.place is not Place.STEP:
        return Unexplained(address, message("Why", _BEGINNINGS[address.place]), None)
    step = capture.steps.get(address.name)
    if step is None:
        return Unexplained(address, message("Why", _GONE), None)
    words = {"step": step.name, "op": step.op}
    if not step.outputs:
        return Unexplained(address, message("Why", _RUN_FAILED, **words), None, step.op)
    number = next(n for n, each in enumerate(capture.steps) if each is step)
    value = _value(step.outputs, address)
    captured = None if value is None else _captured(value, address)
    if value is None or captured is None or address.index is None:
        return Unexplained(address, message("Why", _GONE), None)
    if isinstance(captured, Message):
        return Unexplained(address, captured, None, step.op)
    if step.opaque and step.op not in RULES:
        return Unexplained(address, message("Why", _OPAQUE, **words), captured, step.op)
    return _by_rule(Call(capture, number), address, captured, value.dtype)


def _by_rule(call: Call, address: Address, captured: float, dtype: str) -> Answer:
    """Return what the op's rule says about a number that torch gave as ``captured``."""
    reason: Message | None = None
    rule = RULES.get(call.op)
    if rule is not None:
        try:
            assert address.index is not None
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                finding = rule(call, address.output, address.index)
                return _answer(address, call, finding, captured, dtype)
        except CannotSay as cannot:
            reason = cannot.reason
        except (ValueError, IndexError, TypeError, KeyError, ArithmeticError):
            reason = None  # a setting that the rule does not know
    if reason is None:
        nothing = call.op.endswith("_like") or next(call.operands(), None) is None
        reason = message("Why", _MADE if nothing else _NO_RULE, op=call.step.op)
    return Unexplained(address, reason, captured, call.step.op)


def _value(outputs: tuple[Value, ...], address: Address) -> Value | None:
    inside = 0 <= address.output < len(outputs)
    return outputs[address.output] if inside else None


def _captured(value: Value, address: Address) -> float | Message | None:
    """Return the number that torch gave; why there is none to compare with; None for no such."""
    index = address.index
    if index is None or value.activation_key is None or len(index) != len(value.shape):
        return None
    if any(not 0 <= at < size for at, size in zip(index, value.shape, strict=True)):
        return None
    found = value.activation[index]
    return COMPLEX if np.iscomplexobj(found) else float(found)


def _verdict(finding: Finding, captured: float) -> Message | None:
    """Return why a value is exactly zero, where the rule has not said it."""
    if captured != 0 or finding.total != 0 or finding.verdict is not None:
        return finding.verdict
    if finding.how is How.COPY:
        return message("Why", _ZERO_COPY)
    if finding.how is not How.SUM:
        return None
    count = sum(block.products.size for block in finding.blocks)
    every = not any(np.any(block.products) for block in finding.blocks)
    return message("Why", _ZERO_TERMS if every else _CANCEL, count=count)


def _notes(finding: Finding, answer: Explanation) -> tuple[Message, ...]:
    """Return the rule's notes, and what is to be known of the type and of a difference."""
    notes = list(finding.notes)
    if answer.dtype in _NARROW:
        notes.append(message("Why", _COARSE, dtype=answer.dtype))
    if not answer.adds_up:
        words = {"total": number(answer.total), "captured": number(answer.captured)}
        notes.append(message("Why", _DIFFERS, **words))
    return tuple(notes)


def _answer(
    address: Address, call: Call, finding: Finding, captured: float, dtype: str
) -> Explanation:
    terms = sum(block.products.size for block in finding.blocks)
    scale = finding.scale
    if scale is None:
        scale = float(sum(np.abs(block.products).sum() for block in finding.blocks))
    made = Explanation(
        asked=address,
        step=call.step.name,
        op=call.op,
        how=finding.how,
        formula=finding.formula,
        headline=finding.headline,
        blocks=finding.blocks,
        total=finding.total,
        captured=captured,
        scale=scale,
        dtype=_working_type(call, dtype),
        terms=max(1, terms) if finding.how is not How.COPY else 1,
        working=finding.working,
        verdict=_verdict(finding, captured),
    )
    notes = _notes(finding, made)
    return replace(made, notes=notes) if notes else made


def _working_type(call: Call, dtype: str) -> str:
    """Return the coarsest type among the output and the floating operands: autocast mixes them."""
    order = ["bfloat16", "float16", "float32", "float64"]
    found = [each.dtype for each in call.operands() if each.dtype in order]
    found += [dtype] if dtype in order else []
    return min(found, key=order.index) if found else dtype
