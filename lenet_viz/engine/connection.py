"""One engine as a child process, with the threads that read, write and wait for it."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, BinaryIO, cast

from lenet_viz.engine.endings import Ending
from lenet_viz.engine.frames import BadFrame, CutFrame, encode, read
from lenet_viz.engine.messages import Done, Progress, Ready, Reply, Request

GRACE = 1.0
"""Seconds that an engine has to end after closing its pipe, and threads after its end."""
TAIL_LIMIT = 16 * 2**10
"""How many bytes of what an engine prints are kept."""


def _folder() -> str | None:
    """Return where a child starts: here, or elsewhere where this folder has been removed."""
    try:
        os.getcwd()
    except OSError:
        return tempfile.gettempdir()
    return None


class Connection:
    """A child process that speaks the protocol.

    Nothing here waits for the child except on threads of its own. ``on_reply`` and ``on_end`` are
    called on them; ``on_end`` is the last call and comes exactly once.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_reply: Callable[["Connection", Reply], None],
        on_end: Callable[["Connection", Ending], None],
    ) -> None:
        """Start nothing yet.

        Args:
            command: what to run.
            environment: its environment variables.
            on_reply: called with each message of the child.
            on_end: called when it has ended.
        """
        self._command = list(command)
        self._environment = dict(environment)
        self._on_reply = on_reply
        self._on_end = on_end
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()  # guards the process's life: kill never hits a reused pid
        self._process: subprocess.Popen[bytes] | None = None
        self._kill_wanted = False
        self._dead = threading.Event()
        self._garbage = ""
        self._closed = False
        self._tail = bytearray()
        self._tail_lock = threading.Lock()
        self._thread = threading.Thread(target=self._live, name="engine life", daemon=True)

    def start(self) -> None:
        """Start the child on a thread; returns at once."""
        self._thread.start()

    def send(self, request: Request) -> None:
        """Have ``request`` written; returns at once."""
        self._outgoing.put(encode(request))

    def kill(self) -> None:
        """End the child and every process it started, now; returns at once."""
        with self._lock:
            self._kill_wanted = True
            if self._process is not None and not self._dead.is_set():
                _kill(self._process)

    def join(self, timeout: float) -> None:
        """Wait until the child has ended and its threads with it, at most ``timeout`` seconds."""
        self._thread.join(timeout)

    def lines(self) -> str:
        """Return the last lines the child printed."""
        with self._tail_lock:
            return self._tail.decode(errors="replace").strip()

    def _live(self) -> None:
        """Start the child, wait for its end and report it."""
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                cwd=_folder(),
                # A group of its own: Ctrl-C in the terminal is ours to handle, and processes that
                # a model starts end with the engine.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:
            self._on_end(self, Ending(not_started=str(error)))
            return
        with self._lock:
            self._process = process
            if self._kill_wanted:
                _kill(process)
        work = (
            (self._read, process.stdout),
            (self._write, process.stdin),
            (self._drain, process.stderr),
        )
        threads = [
            threading.Thread(target=job, args=(stream,), name=f"engine {job.__name__}", daemon=True)
            for job, stream in work
        ]
        for thread in threads:
            thread.start()
        code = self._wait(process)
        self._outgoing.put(None)
        for thread in threads:
            # What it said last is still in the pipes. The limit is for a process that left the
            # group and holds them open.
            thread.join(GRACE)
        self._on_end(self, Ending(code, "", self._garbage, self._closed, self.lines()))

    def _wait(self, process: "subprocess.Popen[bytes]") -> int:
        """Return the child's exit code once it has ended, and end what it left behind."""
        if sys.platform != "win32" and hasattr(os, "waitid"):
            # Waiting without reaping keeps the process id, and so the group's, from being reused
            # until the group is gone. Windows has no groups, macOS got this call late.
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        else:
            process.wait()
        with self._lock:
            _kill(process)
            code = process.wait()
            self._dead.set()
        return code

    def _read(self, stream: IO[bytes]) -> None:
        """Pass on the child's messages until its pipe ends."""
        with stream:
            try:
                while (reply := read(cast(BinaryIO, stream))) is not None:
                    if not isinstance(reply, Ready | Progress | Done):
                        raise BadFrame(f"an unexpected {type(reply).__name__}")
                    self._on_reply(self, reply)
            except CutFrame:
                pass  # it ended while it spoke: the exit code says why
            except BadFrame as error:
                self._garbage = str(error)
                self.kill()
                return
            except OSError:
                pass
        if not self._dead.wait(GRACE):
            self._closed = True
            self.kill()

    def _write(self, stream: IO[bytes]) -> None:
        """Write requests to the child until it ends."""
        with suppress(OSError):
            while (frame := self._outgoing.get()) is not None:
                stream.write(frame)
                stream.flush()
        with suppress(OSError):
            stream.close()

    def _drain(self, stream: IO[bytes]) -> None:
        """Take in what the child prints and keep its end."""
        with stream, suppress(OSError):
            while part := os.read(stream.fileno(), 2**16):
                with self._tail_lock:
                    self._tail += part
                    del self._tail[:-TAIL_LIMIT]


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process, and on POSIX its whole group."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
