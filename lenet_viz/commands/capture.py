"""`lenet-viz capture`: one run in an engine process, written to a file."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TextIO

from lenet_viz.commands.asked_run import asked_run, run_in_engine
from lenet_viz.commands.ending import removed_at_a_kill
from lenet_viz.commands.own_run import (
    OwnWords,
    own_code,
    own_request,
    spec_weights,
    tell_code,
    tell_notes,
)
from lenet_viz.commands.target import check_target
from lenet_viz.commands.telling import Teller
from lenet_viz.commands.window import capture_path
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_EXAMPLE: Final = "run.lvcap"

_NOTHING: Final = OwnWords()


def capture(
    model: str,
    file: str,
    *,
    input_word: str = "preset",
    seed_word: str = "0",
    backward_word: str | None = None,
    force: bool = False,
    progress: TextIO | None = None,
    own: OwnWords = _NOTHING,
) -> Path:
    """Return the path of the capture file that one run has been written to.

    Args:
        model: a preset's name, a network's JSON file, or a model of the user's own:
            ``net.py:Net(10)``.
        file: where the capture goes.
        input_word: ``digit:7``, ``digit:7:12``, ``random``, ``random:3`` or ``preset``.
        seed_word: a whole number from 0, see `seeds_of`.
        backward_word: the objective's word; None for forward only.
        force: whether an existing file is replaced.
        progress: where the stages are told; nowhere if None.
        own: how a model of the user's own is called, and the weights file.

    Raises:
        UserMistake: a word that cannot be used, a file that is there already or a folder that
            is not; nothing has been run then.
        EngineLost: the engine ended.
    """
    code = own_code(model)
    if code is None:
        if capture_path(model) is not None:
            raise _saved_run(model)
        weights = spec_weights(own, model)
        request = asked_run(model, input_word, seed_word, backward_word, weights, own.init).request
    else:
        request = partial(
            own_request,
            code,
            own,
            input_word=input_word,
            seed_word=seed_word,
            backward_word=backward_word,
        )
        request(folder="")  # a word that cannot be used is told before anything else
    path = Path(file)
    check_target(path, force, _EXAMPLE)

    from lenet_viz.capture.store import load

    # Windows cannot remove a file that is still mapped; the system clears the folder later.
    with (
        TemporaryDirectory(prefix="lenet-viz-", ignore_cleanup_errors=True) as folder,
        removed_at_a_kill(folder),
        Teller(progress) as teller,
    ):
        if code is not None:
            tell_code(code, teller)
        done = run_in_engine(request(folder=folder), teller)
        tell_notes(done, teller, proposed=code is not None and not own.shapes)
        check_target(path, force, _EXAMPLE)  # it may have appeared while the run went on
        return load(done.capture).save(path)


def _saved_run(file: str) -> UserMistake:
    template = QT_TRANSLATE_NOOP(
        "cli",
        "{file} is no network: it is a saved run, or some other file. Name what is to be run, such "
        "as notebook, net.py or net.json; a saved run opens with lenet-viz {file}",
    )
    return UserMistake(message("cli", template, file=file))
