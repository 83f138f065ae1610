"""An engine as its client knows it."""

from lenet_viz.engine.connection import Connection
from lenet_viz.engine.messages import Done, Ready, Request
from lenet_viz.engine.own_code import CodeId, code_of


class OneEngine:
    """A connection and what is known of the engine behind it.

    Attributes:
        connection: the engine's process and pipes.
        ready: what it said when it was ready; None before.
        had_run: whether it was given a run.
    """

    def __init__(self, connection: Connection) -> None:
        """Know nothing of the engine yet."""
        self.connection = connection
        self.ready: Ready | None = None
        self.had_run = False
        self._code: CodeId | None = None
        self._spent = False

    def send(self, request: Request) -> None:
        """Have a request written; returns at once."""
        self.had_run = True
        self._code = code_of(request)
        self.connection.send(request)

    def hear(self, done: Done) -> None:
        """Take in how a run has ended."""
        self._spent = self._spent or done.spent

    def may_run(self, request: Request) -> bool:
        """Return whether a request gives in this engine what it gives in a fresh one.

        Somebody's code can change torch itself (replace its functions, leave a mode on, start a
        thread) in more ways than anything could put back. So an engine that has run some runs
        that code alone from then on, and nothing more where such a change was found.
        """
        return not self._spent and self._code in (None, code_of(request))
