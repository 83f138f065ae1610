"""Sentences for a run that could not be finished."""

from typing import TYPE_CHECKING

from lenet_viz.capture.records import SourceLine
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.capture.drafts import DraftStep

_LONGEST = 500


def op_failure(step: "DraftStep", error: Exception) -> Message:
    """Return the sentence for an op that raised: op, module, shapes, line and torch's reason."""
    shapes = ", ".join("×".join(map(str, shape)) or "()" for shape in step.input_shapes) or "-"
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "{op} failed in {module} on input of shape {shapes}: {reason} {line} "
            "Check that the sizes of this step and of the one before it fit.",
        ),
        op=step.op,
        module=step.place.path or step.place.kind.__name__,
        shapes=shapes,
        reason=_sentence(error),
        line=_line(step.line),
    )


def forward_failure(module: str, line: SourceLine | None, error: Exception) -> Message:
    """Return the sentence for a ``forward`` that raised outside every op."""
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "forward failed in {module}: {reason} {line} "
            "Check that the inputs are what this model's forward takes.",
        ),
        module=module,
        reason=_sentence(error),
        line=_line(line),
    )


def backward_failure(error: Exception) -> Message:
    """Return the sentence for a backward that raised."""
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "backward failed: {reason} Every step of forward is kept; run forward only, or "
            "change what the reason names.",
        ),
        reason=_sentence(error),
    )


def nothing_to_differentiate() -> Message:
    """Return the sentence for an objective that no gradient can come from."""
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "backward has nowhere to go: the output does not depend on anything that requires a "
            "gradient. Run forward only, or give inputs or parameters that require one.",
        ),
    )


def _sentence(error: Exception) -> str:
    """Return an error's first words, ending in a full stop."""
    text = " ".join(str(error).split()) or type(error).__name__
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _line(line: SourceLine | None) -> Message | str:
    if line is None:
        return ""
    return message(
        "capture",
        QT_TRANSLATE_NOOP("capture", "Line {number}: “{text}”."),
        number=line.number,
        text=line.text,
    )
