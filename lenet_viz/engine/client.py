"""The window's end of the pipe: an engine at work, and a spare that can take over.

This module knows neither Qt nor torch.
"""

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from lenet_viz.engine.connection import Connection
from lenet_viz.engine.endings import (
    Ending,
    ended,
    ended_for_one_run,
    never_ready,
    never_ready_for_one_run,
    stopped,
)
from lenet_viz.engine.import_limit import IMPORT_SECONDS, ImportLimit
from lenet_viz.engine.launch import engine_command, engine_environment
from lenet_viz.engine.mailbox import Mailbox
from lenet_viz.engine.messages import Done, Lost, Ready, Reply, Request
from lenet_viz.engine.one_engine import OneEngine

EARLY_DEATHS = 3
"""After so many engines in a row that ended before they were given a run, no more are started."""
CLOSE_LIMIT = 5.0
"""Seconds that `EngineClient.close` waits at most."""

_logger = logging.getLogger(__name__)


class EngineClient:
    """Runs things in an engine and reports what becomes of them.

    Every request gets exactly one `RunDone`, `CheckDone` or `UpdateDone`, `RunFailed` or `Lost`,
    unless the client is closed first. None of the public calls waits, but for `close`.

    Everything but the public calls happens on one thread of the client's own, which also calls
    ``on_reply``; so nothing here is shared between threads but the mailbox.
    """

    def __init__(
        self,
        on_reply: Callable[[Reply], None],
        *,
        command: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        spare: bool = True,
        import_seconds: float = IMPORT_SECONDS,
    ) -> None:
        """Start nothing yet.

        Args:
            on_reply: called with each reply on the client's own thread; it must not wait.
            command: what starts an engine; the real engine if None.
            environment: the engine's environment variables; ours if None.
            spare: whether a second engine waits to take over.
            import_seconds: how long a user's file may take to be imported.
        """
        self._on_reply = on_reply
        self._command = tuple(command or engine_command())
        self._environment = dict(environment or engine_environment())
        self._spare_wanted = spare
        self._mailbox = Mailbox()
        self._thread = threading.Thread(target=self._serve, name="engine client", daemon=True)
        self._closing = False
        self._connections: set[Connection] = set()
        self._working: OneEngine | None = None
        self._spare: OneEngine | None = None
        self._current: Request | None = None
        self._waiting: deque[Request] = deque()
        self._early_deaths = 0
        self._limit = ImportLimit(
            import_seconds, lambda run: self._mailbox.order(partial(self._end_import, run))
        )

    # -- called by the owner -------------------------------------------------------------------

    def start(self) -> None:
        """Start an engine and, once it is ready, a spare; returns at once."""
        self._mailbox.order(self._staff)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """Ask for a run; it begins when the engine is ready and the runs before it are done.

        Raises:
            RuntimeError: the client is closed.
        """
        if self._closing:
            raise RuntimeError("the engine client is closed")
        self._mailbox.order(partial(self._take_request, request))

    def stop(self) -> None:
        """End the run under way and drop those that wait; each is reported as lost and wanted.

        Where nothing runs, nothing happens: the engine is killed only while it works.
        """
        self._mailbox.order(self._stop)

    def close(self) -> None:
        """End every engine and thread; no reply comes after this. Waits at most 5 seconds."""
        self._closing = True
        self._mailbox.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(CLOSE_LIMIT)

    # -- on the client's own thread ------------------------------------------------------------

    def _serve(self) -> None:
        """Serve the mailbox until it is closed, then end what is left."""
        while (event := self._mailbox.take()) is not None:
            event()
        self._limit.cancel()
        until = time.monotonic() + CLOSE_LIMIT
        for connection in self._connections:
            connection.kill()
        for connection in self._connections:
            connection.join(max(0.0, until - time.monotonic()))

    def _say(self, reply: Reply) -> None:
        """Report ``reply`` to the owner."""
        if self._closing:
            return
        try:
            self._on_reply(reply)
        except Exception:
            # The owner's mistake must not take the engine down with it.
            _logger.exception("the reply %r could not be taken in", type(reply).__name__)

    def _take_request(self, request: Request) -> None:
        self._waiting.append(request)
        self._staff()

    def _stop(self) -> None:
        lost = [] if self._current is None else [self._current]
        lost += self._waiting
        self._waiting.clear()
        self._end_current()
        for request in lost:
            self._say(Lost(request.run, stopped(), wanted=True, followed=self._followed()))
        self._staff()

    def _end_current(self) -> None:
        """End the engine at work, if it works; nothing it says is heard any more."""
        self._limit.cancel()
        if self._current is not None and self._working is not None:
            self._working.connection.kill()
            self._working = None
            self._current = None

    def _end_import(self, run: int) -> None:
        """End an import that has taken too long, unless it has ended meanwhile."""
        if self._current is None or self._current.run != run or not self._limit.waits:
            return
        request = self._current
        self._end_current()
        self._say(self._limit.lost(request, followed=self._followed()))
        self._staff()

    def _new_engine(self) -> OneEngine:
        connection = Connection(
            self._command,
            self._environment,
            lambda whose, reply: self._mailbox.report(partial(self._hear, whose, reply)),
            lambda whose, ending: self._mailbox.report(partial(self._bury, whose, ending)),
        )
        self._connections.add(connection)
        connection.start()
        return OneEngine(connection)

    def _staff(self) -> None:
        """See that an engine works, a spare waits, and the next run is under way."""
        self._end_what_ran_other_code()
        if self._working is None and self._spare is not None:
            self._working, self._spare = self._spare, None
            if self._working.ready is not None:
                self._say(self._working.ready)
        if self._working is None and self._waiting:
            # Somebody asked for it: one more try, even after too many early deaths.
            self._early_deaths = min(self._early_deaths, EARLY_DEATHS - 1)
        may_start = self._early_deaths < EARLY_DEATHS
        if self._working is None and may_start:
            self._working = self._new_engine()
        if self._working is None or self._working.ready is None:
            return
        if self._current is None and self._waiting:
            self._current = self._waiting.popleft()
            self._working.send(self._current)
        if self._spare is None and self._spare_wanted and may_start:
            self._spare = self._new_engine()

    def _end_what_ran_other_code(self) -> None:
        """End an engine in which the next run would not give what it gives in a fresh one."""
        if self._working is None or self._current is not None or not self._waiting:
            return
        if not self._working.may_run(self._waiting[0]):
            self._working.connection.kill()
            self._working = None

    def _hear(self, connection: Connection, reply: Reply) -> None:
        """Take in what an engine said."""
        if isinstance(reply, Ready):
            for engine in (self._working, self._spare):
                if engine is not None and engine.connection is connection and not engine.ready:
                    engine.ready = reply
                    if engine is self._working:
                        self._say(reply)
            self._staff()
            return
        if self._working is None or self._working.connection is not connection:
            return  # it was stopped; whatever it says comes too late
        if isinstance(reply, Lost) or self._current is None or reply.run != self._current.run:
            return
        self._limit.hear(reply)
        if isinstance(reply, Done):
            self._current = None
            self._working.hear(reply)
            self._early_deaths = 0
        self._say(reply)
        self._staff()

    def _bury(self, connection: Connection, ending: Ending) -> None:
        """Take in that an engine has ended."""
        self._connections.discard(connection)
        if self._spare is not None and self._spare.connection is connection:
            self._count_death(self._spare)
            self._spare = None
        elif self._working is not None and self._working.connection is connection:
            engine, self._working = self._working, None
            self._limit.cancel()
            self._count_death(engine)
            self._report_end(engine, ending)
        else:
            return  # it was stopped and has been reported
        self._staff()

    def _count_death(self, engine: OneEngine) -> None:
        if not engine.had_run:
            self._early_deaths += 1

    def _report_end(self, engine: OneEngine, ending: Ending) -> None:
        """Say that the engine at work has ended."""
        if self._current is not None:
            run, self._current = self._current.run, None
            self._say_ended(run, ending)
        elif self._spare is None and self._early_deaths >= EARLY_DEATHS:
            told = (self._early_deaths, ending, sys.executable)
            runs: list[int | None] = [request.run for request in self._waiting]
            self._waiting.clear()
            for idle_run in runs or [None]:
                self._say(
                    Lost(
                        idle_run,
                        never_ready(*told),
                        details=ending.lines,
                        followed=False,
                        for_one_run=never_ready_for_one_run(*told),
                    )
                )
        elif engine.ready is not None:
            self._say_ended(None, ending)

    def _say_ended(self, run: int | None, ending: Ending) -> None:
        self._say(
            Lost(
                run,
                ended(ending),
                details=ending.lines,
                followed=self._followed(),
                for_one_run=ended_for_one_run(ending),
            )
        )

    def _followed(self) -> bool:
        """Return whether `_staff` will have an engine that works, or start one."""
        at_hand = self._working is not None or self._spare is not None
        return at_hand or bool(self._waiting) or self._early_deaths < EARLY_DEATHS
