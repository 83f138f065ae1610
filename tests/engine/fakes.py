"""Engines without torch: small scripts that speak the protocol, or fail to."""

import sys
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import lenet_viz
from lenet_viz.engine.client import EngineClient
from lenet_viz.engine.launch import engine_environment
from lenet_viz.engine.messages import InputRequest, Reply, RunRequest

_PRELUDE = """
import os, signal, struct, subprocess, sys, time
from lenet_viz.engine.frames import *
from lenet_viz.engine.messages import *
from lenet_viz.wording import message
requests, replies = sys.stdin.buffer, sys.stdout.buffer

def say(reply):
    replies.write(encode(reply))
    replies.flush()

def raw(data):
    replies.write(data)
    replies.flush()

def number_of_this_engine():
    number = 0
    while True:
        try:
            os.close(os.open(os.path.join(FOLDER, str(number)), os.O_CREAT | os.O_EXCL))
            return number
        except FileExistsError:
            number += 1

def serve(run=None):
    say(Ready("fake"))
    while (request := read(requests)) is not None:
        if run is not None:
            run(request)
        say(RunDone(request.run, f"{os.getpid()}", "w", request.grads))

me = number_of_this_engine()
"""


def fake(folder: Path, body: str) -> tuple[str, ...]:
    """Return the command of an engine that runs ``body``; ``me`` is its number from 0."""
    folder.mkdir(exist_ok=True)
    return (sys.executable, "-c", f"FOLDER = {str(folder)!r}\n{_PRELUDE}\n{body}")


def environment() -> dict[str, str]:
    root = str(Path(lenet_viz.__file__).parent.parent)
    return {**engine_environment(), "PYTHONPATH": root}


def request(run: int = 1, **changed: Any) -> RunRequest:
    fields: dict[str, Any] = {
        "run": run,
        "spec": "{}",
        "preset": "",
        "weights_seed": 0,
        "weights": None,
        "input": InputRequest("random"),
        "objective": None,
        "objective_seed": 0,
        "zero_grad": True,
        "grads": None,
        "folder": "",
    }
    return RunRequest(**{**fields, **changed})


class Talk:
    """A client with its replies in a queue, closed at the end of the ``with``."""

    def __init__(self, command: tuple[str, ...] | None, *, spare: bool = True) -> None:
        self.replies: SimpleQueue[Reply] = SimpleQueue()
        surroundings = None if command is None else environment()
        self.client = EngineClient(
            self.replies.put, command=command, environment=surroundings, spare=spare
        )

    def __enter__(self) -> "Talk":
        self.client.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def next(self, kind: type[Any], timeout: float = 10.0) -> Any:
        """Return the next reply, which must be a ``kind``."""
        reply = self.replies.get(timeout=timeout)
        assert isinstance(reply, kind), reply
        return reply

    def until(self, kind: type[Any], timeout: float = 20.0) -> Any:
        """Return the next reply that is a ``kind``, passing over others."""
        while not isinstance(reply := self.replies.get(timeout=timeout), kind):
            pass
        return reply

    def quiet(self, seconds: float = 0.3) -> None:
        """Check that nothing is said for a while."""
        try:
            reply = self.replies.get(timeout=seconds)
        except Empty:
            return
        raise AssertionError(f"unexpected {reply}")
