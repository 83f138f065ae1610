"""What is said when an engine has ended."""

import signal
from dataclasses import dataclass

from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_LINES_SHOWN = 6
_LETTERS_SHOWN = 800

_STOPPED = QT_TRANSLATE_NOOP("engine", "Stopped. Press Forward or Backward to run again.")
_NOT_STARTED = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) could not be started: {reason}. "
    "Press Forward or Backward to try again.",
)
_GARBAGE = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) sent something that is no message ({what}) "
    "and was ended. Nothing shown is lost. Press Forward or Backward to run again.",
)
_CLOSED = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) closed its pipe to this program and was ended. "
    "Nothing shown is lost. Press Forward or Backward to run again.",
)
_EXITED = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) ended by itself with exit code {code}. "
    "Nothing shown is lost. Press Forward or Backward to run again.",
)
_SIGNAL = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) was ended by signal {name}{cause}. "
    "Nothing shown is lost. Press Forward or Backward to run again.",
)
_NEVER_READY = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) ended {count} times in a row before it could "
    "run anything and is not started again by itself. Last time: {what} Its last lines: {lines} "
    "Check that torch can be imported by {python}, then press Forward or Backward to try again.",
)
_FOR_ONE_RUN = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) ended before the run was done: {what} "
    "Run the command again, or take a smaller network or input.",
)
_NEVER_READY_FOR_ONE_RUN = QT_TRANSLATE_NOOP(
    "engine",
    "The engine (the process that runs torch) ended {count} times in a row before it could "
    "run anything. Last time: {what} Its last lines: {lines} "
    "Check that torch can be imported by {python}, then run the command again.",
)
_NO_LINES = QT_TRANSLATE_NOOP("engine", "(none)")
_CAUSES = {
    "SIGKILL": QT_TRANSLATE_NOOP("engine", ", most often because memory ran out"),
    "SIGSEGV": QT_TRANSLATE_NOOP("engine", ", a crash in compiled code"),
    "SIGBUS": QT_TRANSLATE_NOOP("engine", ", a crash in compiled code"),
    "SIGILL": QT_TRANSLATE_NOOP("engine", ", an instruction this processor does not have"),
    "SIGABRT": QT_TRANSLATE_NOOP("engine", ", an error that compiled code gave up on"),
}
_SHORT_NOT_STARTED = QT_TRANSLATE_NOOP("engine", "it could not be started: {reason}.")
_SHORT_GARBAGE = QT_TRANSLATE_NOOP("engine", "it sent something that is no message ({what}).")
_SHORT_CLOSED = QT_TRANSLATE_NOOP("engine", "it closed its pipe to this program.")
_SHORT_EXITED = QT_TRANSLATE_NOOP("engine", "exit code {code}.")
_SHORT_SIGNAL = QT_TRANSLATE_NOOP("engine", "signal {name}{cause}.")
_SHORT = (_SHORT_NOT_STARTED, _SHORT_GARBAGE, _SHORT_CLOSED, _SHORT_SIGNAL, _SHORT_EXITED)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an engine ended.

    Attributes:
        code: its exit code, negative for a signal; None where it never began.
        not_started: why it could not be started; "" where it could.
        garbage: what it sent that is no message; "" where it sent none.
        closed: whether it closed its pipe and lived on.
        lines: the last lines it printed.
    """

    code: int | None = None
    not_started: str = ""
    garbage: str = ""
    closed: bool = False
    lines: str = ""

    @property
    def shown_lines(self) -> str:
        """The very last lines, few enough for a message."""
        return "\n".join(self.lines.splitlines()[-_LINES_SHOWN:])[-_LETTERS_SHOWN:]


def stopped() -> Message:
    """Return what is said of a run that the user ended."""
    return message("engine", _STOPPED)


def ended(ending: Ending) -> Message:
    """Return what happened and what to do."""
    return _said(ending, _NOT_STARTED, _GARBAGE, _CLOSED, _SIGNAL, _EXITED)


def never_ready(count: int, ending: Ending, python: str) -> Message:
    """Return what is said after engines that ended before they could run anything.

    Args:
        count: how many in a row.
        ending: the last one's.
        python: the interpreter they ran in.
    """
    return _never_ready(_NEVER_READY, count, ending, python)


def ended_for_one_run(ending: Ending) -> Message:
    """Return `ended` for somebody who has a command line and no window."""
    return message("engine", _FOR_ONE_RUN, what=_said(ending, *_SHORT))


def never_ready_for_one_run(count: int, ending: Ending, python: str) -> Message:
    """Return `never_ready` for somebody who has a command line and no window."""
    return _never_ready(_NEVER_READY_FOR_ONE_RUN, count, ending, python)


def _never_ready(template: str, count: int, ending: Ending, python: str) -> Message:
    return message(
        "engine",
        template,
        count=count,
        what=_said(ending, *_SHORT),
        lines=ending.shown_lines or message("engine", _NO_LINES),
        python=python,
    )


def _said(
    ending: Ending, not_started: str, garbage: str, closed: str, by_signal: str, exited: str
) -> Message:
    """Return the one of five sentences that fits ``ending``, filled."""
    if ending.not_started:
        return message("engine", not_started, reason=ending.not_started)
    if ending.garbage:
        return message("engine", garbage, what=ending.garbage)
    if ending.closed:
        return message("engine", closed)
    code = ending.code or 0
    if code >= 0:
        return message("engine", exited, code=code)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    cause = message("engine", _CAUSES[name]) if name in _CAUSES else ""
    return message("engine", by_signal, name=name, cause=cause)
