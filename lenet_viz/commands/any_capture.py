"""The run that a word names, whatever it is: read from a capture, or made for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TextIO

from lenet_viz.commands.asked_run import asked_run, run_in_engine
from lenet_viz.commands.ending import removed_at_a_kill
from lenet_viz.commands.own_capture import own_capture
from lenet_viz.commands.own_run import OwnWords, own_code, run_already, spec_weights, tell_notes
from lenet_viz.commands.telling import Teller
from lenet_viz.commands.window import capture_named

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture

NO_BACKWARD = "none"


@contextmanager
def any_capture(
    model: str,
    own: OwnWords,
    progress: TextIO | None,
    *,
    input_word: str | None = None,
    seed_word: str | None = None,
    backward_word: str | None = None,
) -> "Iterator[Capture]":
    """Give the capture that a word names, or of one run of the network that it names.

    Args:
        model: a preset's name, a network's JSON, Python code, or the path of a capture.
        own: how a model of the user's own is called.
        progress: where the stages are told; nowhere if None.
        input_word: as for ``lenet-viz capture``; None for the network's own.
        seed_word: as for ``lenet-viz capture``; None for 0.
        backward_word: where backward starts; None for ``random``, ``none`` for forward only.

    Raises:
        UserMistake: there is no such model, or a word cannot be used.
        EngineLost: the engine ended.
    """
    given, seed = input_word or "preset", "0" if seed_word is None else seed_word
    start = "random" if backward_word is None else backward_word
    objective = None if start == NO_BACKWARD else start
    code = own_code(model)
    if code is not None:
        with own_capture(
            code, own, progress, input_word=given, seed_word=seed, backward_word=objective
        ) as run:
            yield run
        return
    run_ = capture_named(model)
    if run_ is not None:
        options = (("--input", input_word), ("--seed", seed_word), ("--backward", backward_word))
        for option, word in (*options, (own.given, own.given or None)):
            if word is not None:
                raise run_already(option, model)
        yield run_
        return
    asked = asked_run(model, given, seed, objective, spec_weights(own, model), own.init)
    from lenet_viz.capture.store import load

    with (
        TemporaryDirectory(prefix="lenet-viz-", ignore_cleanup_errors=True) as folder,
        removed_at_a_kill(folder),
    ):
        with Teller(progress) as teller:
            done = run_in_engine(asked.request(folder), teller)
            tell_notes(done, teller)
        yield load(done.capture)
