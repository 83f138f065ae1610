"""One run in an engine of its own, for commands without a window."""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from lenet_viz.engine.client import EngineClient
from lenet_viz.engine.messages import (
    Lost,
    Progress,
    Question,
    Reply,
    RunDone,
    RunFailed,
    RunRequest,
)
from lenet_viz.errors import EngineLost, RunBroke, UserMistake
from lenet_viz.wording import Message


class RunRefused(UserMistake):
    """A run could not be finished because of what the user gave.

    Attributes:
        question: what an answer would mend; None where there is none to ask.
    """

    def __init__(self, message: Message, question: Question | None) -> None:
        """Keep the sentence and what is asked."""
        super().__init__(message)
        self.question = question


def run_once(
    request: RunRequest,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    command: Sequence[str] | None = None,
) -> RunDone:
    """Return what became of one run, made in an engine that is started and ended for it.

    Args:
        request: the run.
        on_progress: called on the caller's thread as the run goes on.
        command: what starts the engine; the real engine if None.

    Raises:
        RunRefused: the run could not be finished because of what the user gave.
        RunBroke: the run could not be finished for another reason, such as a full disk.
        EngineLost: the engine ended.
    """
    replies: SimpleQueue[Reply] = SimpleQueue()
    client = EngineClient(replies.put, command=command, spare=False)
    client.start()
    try:
        client.submit(request)
        while True:
            try:
                reply = replies.get(timeout=0.5)  # without a limit, Windows would not see Ctrl-C
            except Empty:
                continue
            if isinstance(reply, Progress) and on_progress is not None:
                on_progress(reply)
            if isinstance(reply, RunDone):
                return reply
            if isinstance(reply, RunFailed):
                if reply.mistake:
                    raise RunRefused(reply.message, reply.question)
                raise RunBroke(reply.message)
            if isinstance(reply, Lost):
                raise EngineLost(reply.for_one_run or reply.message)
    finally:
        client.close()
