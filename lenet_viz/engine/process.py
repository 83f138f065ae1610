"""The engine: a process that runs torch and talks through two pipes.

Started as ``python -m lenet_viz.engine.process`` with the pipes as its standard input and output.
It keeps nothing between runs: whatever a run needs is named in its request.
"""

import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from lenet_viz.engine.blame import out_of_memory
from lenet_viz.engine.frames import BadFrame, encode, read
from lenet_viz.engine.messages import (
    CheckRequest,
    Done,
    Progress,
    Question,
    Ready,
    Reply,
    Request,
    RunFailed,
    RunRequest,
)
from lenet_viz.engine.own_code import model_of
from lenet_viz.engine.save_messages import SaveRequest
from lenet_viz.engine.update_messages import UpdateRequest
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

THREADS_VARIABLE = "LENET_VIZ_THREADS"
TEXT_LIMIT = 2000
"""How many letters of an exception's text go into a message."""

_FAILED = QT_TRANSLATE_NOOP(
    "engine",
    "The run failed with {type}: {text} What was there before stays; change the model, the input "
    "or the objective and run again.",
)
_NO_MEMORY = QT_TRANSLATE_NOOP(
    "engine",
    "The run needs more memory than there is ({text}). What was there before stays; take a "
    "smaller network or input, or close other programs, and run again.",
)
_EXITED = QT_TRANSLATE_NOOP(
    "engine",
    "The model ended the run itself with {type}: {text} What was there before stays; take that "
    "call out of the model and run again.",
)

_logger = logging.getLogger(__name__)

Serve = Callable[[Request, Callable[[Message, float], None]], Done]
Inbox = queue.SimpleQueue[Request]


class Voice:
    """The engine's end of the pipe that replies go through."""

    def __init__(self, stream: BinaryIO) -> None:
        """Speak through ``stream``."""
        self._stream = stream
        self._process = os.getpid()

    def say(self, reply: Reply) -> None:
        """Send a reply; where nobody listens any more, the process ends.

        So does a copy of it that a model has made by forking: the run is the original's to tell.
        """
        if os.getpid() != self._process:
            os._exit(0)
        try:
            self._stream.write(encode(reply))
            self._stream.flush()
        except OSError:
            os._exit(0)


def main() -> None:
    """Serve requests until the pipe closes, which ends the process."""
    requests, replies = take_pipes()
    logging.basicConfig(stream=sys.stderr)
    voice = Voice(replies)
    inbox: Inbox = queue.SimpleQueue()
    listener = threading.Thread(target=listen, args=(requests, inbox), name="requests", daemon=True)
    listener.start()

    # Only now: whatever is printed while torch is imported must not reach the protocol's pipe,
    # and a program that ends meanwhile must leave no engine behind.
    from lenet_viz.engine.serving import serve
    from lenet_viz.engine.torch_run import start_torch
    from lenet_viz.engine.untouched import Watch

    version = start_torch(wanted_threads())
    watch = Watch()
    voice.say(Ready(version))
    while True:
        request = inbox.get()
        done = answer(request, serve, voice)
        spent = model_of(request) is not None and watch.changed()
        voice.say(replace(done, spent=spent))


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return the protocol's two pipes, out of a model's reach.

    From here on, what a model reads is empty and what it prints goes to standard error. The
    copies are not inherited by processes that a model starts.
    """
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def wanted_threads() -> int:
    """Return how many threads torch computes with: 1, or what the environment says.

    One is chosen on purpose: for networks of this size a second thread costs more than it gives,
    and on a busy machine it made a pass many times slower.
    """
    text = os.environ.get(THREADS_VARIABLE, "1")
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 1024:
        return int(text)
    _logger.warning("%s is %r, not a number from 1 to 1024; taking 1", THREADS_VARIABLE, text)
    return 1


def listen(requests: BinaryIO, inbox: Inbox) -> None:
    """Put requests into ``inbox``; end the process when the pipe ends, even within a run."""
    try:
        while (request := read(requests)) is not None:
            if not isinstance(request, RunRequest | CheckRequest | UpdateRequest | SaveRequest):
                raise BadFrame(f"an unexpected {type(request).__name__}")
            inbox.put(request)
    except (BadFrame, OSError):
        _logger.exception("the requests cannot be read")
        os._exit(2)
    os._exit(0)


def answer(request: Request, serve: Serve, voice: Voice) -> Done:
    """Return what became of one run; whatever is raised becomes a message."""

    def progress(stage: Message, fraction: float) -> None:
        voice.say(Progress(request.run, stage, fraction))

    try:
        return serve(request, progress)
    except LenetVizError as error:
        mistake = isinstance(error, UserMistake)
        return RunFailed(request.run, error.message, mistake=mistake, question=question(error))
    except BaseException as error:  # a model may raise anything, and that ends no engine
        _logger.exception("run %d failed", request.run)
        return RunFailed(request.run, failure(error), mistake=False)


def question(error: LenetVizError) -> Question | None:
    """Return what an answer would mend; None where there is nothing to ask."""
    if isinstance(error, ModelQuestion):
        return Question(error.kind, error.options)
    prefix = getattr(error, "prefix", None)  # of a PrefixMistake, which is known to torch only
    return Question("strip", (prefix,)) if isinstance(prefix, str) else None


def failure(error: BaseException) -> Message:
    """Return the sentence for an exception that nobody expected."""
    text = str(error)[:TEXT_LIMIT]
    if out_of_memory(error):
        return message("engine", _NO_MEMORY, text=text or type(error).__name__)
    template = _FAILED if isinstance(error, Exception) else _EXITED
    return message("engine", template, type=type(error).__name__, text=text)


if __name__ == "__main__":
    main()
