"""`lenet-viz explain`: why one number of a run is what it is."""

import json
import math
from typing import Any, Final, TextIO

from lenet_viz.commands.any_capture import any_capture
from lenet_viz.commands.asked_number import number_named
from lenet_viz.commands.own_run import OwnWords

_NOTHING: Final = OwnWords()


def explain(
    model: str,
    step: str,
    index: str | None,
    of: str = "activation",
    *,
    as_json: bool = False,
    own: OwnWords = _NOTHING,
    input_word: str | None = None,
    seed_word: str | None = None,
    backward_word: str | None = None,
    progress: TextIO | None = None,
) -> str:
    """Return the text that the command prints, its last newline included.

    Args:
        model: as in `any_capture`.
        step: the step's name.
        index: which number, without the batch axis; None for the middle one.
        of: ``activation``, ``gradient`` or ``parameter:NAME``.
        as_json: JSON with every term instead of lines with the largest.
        own: how a model of the user's own is called.
        input_word: as in `any_capture`.
        seed_word: as in `any_capture`.
        backward_word: as in `any_capture`.
        progress: where the stages are told; nowhere if None.

    Raises:
        UserMistake: there is no such model, step or number, or a word cannot be used.
        EngineLost: the engine ended.
    """
    words = {"input_word": input_word, "seed_word": seed_word, "backward_word": backward_word}
    with any_capture(model, own, progress, **words) as capture:
        address = number_named(capture, step, index, of)
        from lenet_viz.explain.notation import as_json as fields_of
        from lenet_viz.explain.notation import as_text
        from lenet_viz.explain.why import explain as why

        answer = why(capture, address)
        if as_json:
            return json.dumps(_plain(fields_of(answer)), ensure_ascii=False, indent=2) + "\n"
        return as_text(answer)


def _plain(value: Any) -> Any:
    """Return values that JSON knows: NaN and the infinities become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
