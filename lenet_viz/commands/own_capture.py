"""A capture of the user's own model for as long as a command needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TextIO

from lenet_viz.commands.asked_run import run_in_engine
from lenet_viz.commands.ending import removed_at_a_kill
from lenet_viz.commands.own_run import OwnWords, own_request, tell_code, tell_notes
from lenet_viz.commands.telling import Teller
from lenet_viz.network.model_code import ModelCode

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture


@contextmanager
def own_capture(
    code: ModelCode,
    own: OwnWords,
    progress: TextIO | None,
    *,
    input_word: str = "preset",
    seed_word: str = "0",
    backward_word: str | None = None,
) -> "Iterator[Capture]":
    """Give the capture of one run in an engine; its file goes at the end.

    Args:
        code: the model.
        own: how it is called.
        progress: where the stages are told; nowhere if None.
        input_word: as in `own_request`.
        seed_word: as in `own_request`.
        backward_word: the objective's word; None for forward only.

    Raises:
        UserMistake: a word that cannot be used, or the model is to blame.
        EngineLost: the engine ended.
    """
    from lenet_viz.capture.store import load

    # Windows cannot remove a file that is still mapped; the system clears the folder later.
    with (
        TemporaryDirectory(prefix="lenet-viz-", ignore_cleanup_errors=True) as folder,
        removed_at_a_kill(folder),
    ):
        request = own_request(
            code,
            own,
            folder,
            input_word=input_word,
            seed_word=seed_word,
            backward_word=backward_word,
        )
        with Teller(progress) as teller:
            tell_code(code, teller)
            done = run_in_engine(request, teller)
            tell_notes(done, teller, proposed=not own.shapes)
        yield load(done.capture)
