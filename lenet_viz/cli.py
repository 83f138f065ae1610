"""The command line: stdout is data, stderr is progress and mistakes.

Neither torch nor Qt nor NumPy is imported before a command needs it.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from typing import NoReturn

from lenet_viz import __version__
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

OK = 0
FAILURE = 1
MISTAKE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell reports for a program that ended because nobody read its output any more."""

_logger = logging.getLogger(__name__)

_COMMANDS = ("summary", "capture")

_DESCRIPTION = """\
See what a neural network does: every step's shape, feature maps, parameters and gradients.
Without a command, the window opens; without a display, its picture is written to a file."""

_EXAMPLES = """\
examples:
  lenet-viz
  lenet-viz --model toy
  lenet-viz summary notebook
  lenet-viz capture notebook -o seven.lvcap --backward cross-entropy:7

Exit status: 0 done, 1 the engine or the system failed, 2 a mistake on the command line."""

_SUMMARY_EXAMPLES = """\
examples:
  lenet-viz summary notebook
  lenet-viz summary tutorial --batch 64
  lenet-viz summary lenet5 --json
  lenet-viz summary seven.lvcap"""

_CAPTURE_EXAMPLES = """\
seeds: the weights are made with N, a random input with N + 1, the random vector or target of
backward with N + 2. The same N gives the same file, byte for byte.

inputs:
  digit:7         a handwritten 7, the first of the scans that come with the program
  digit:7:12      the scan number 12 of the sevens, counted from 0
  random          torch.randn
  random:3        the same with the seed 3 instead of N + 1
  preset          the preset's own image, or digit:7 where it has none (the default)

where backward starts:
  random          a random vector v: gradients of v·output
  output:K        output number K
  cross-entropy:K the loss if class K were the right one
  mse             the mean squared error against a random target

examples:
  lenet-viz capture notebook -o forward.lvcap
  lenet-viz capture notebook -o seven.lvcap --input digit:7 --backward cross-entropy:7
  lenet-viz capture tutorial -o random.lvcap --input random --seed 3 --backward random"""


class _Parser(argparse.ArgumentParser):
    """Reports a mistake in one line instead of after the whole usage."""

    def error(self, message: str) -> NoReturn:
        """End with status 2 and one line."""
        _tell(f"{self.prog}: {message} (see {self.prog} --help)")
        raise SystemExit(MISTAKE)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="lenet-viz",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lenet-viz {__version__}")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        dest="window_model",
        help="the preset that the window opens with; not for a command, which names its own",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    summary = commands.add_parser(
        "summary",
        help="print a network's steps, shapes and parameters",
        description="Print a network's steps with their shapes and parameters, and the totals.",
        epilog=_SUMMARY_EXAMPLES,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    summary.add_argument("model", metavar="MODEL", help="a preset's name, or a capture file")
    summary.add_argument("--json", action="store_true", help="print JSON instead of a table")
    summary.add_argument("--batch", metavar="N", help="samples in a batch (default: 1)")
    capture = commands.add_parser(
        "capture",
        help="run a network once and write everything that happened to a file",
        description="Run a network once and write every step's numbers and gradients to a file, "
        "the weights inside. Prints the file's path.",
        epilog=_CAPTURE_EXAMPLES,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    capture.add_argument("model", metavar="MODEL", help="a preset's name")
    capture.add_argument("-o", "--output", metavar="FILE.lvcap", required=True, help="the file")
    capture.add_argument("--input", metavar="INPUT", default="preset", help="see inputs below")
    capture.add_argument("--seed", metavar="N", default="0", help="see below (default: 0)")
    capture.add_argument(
        "--backward", metavar="START", help="see below; without it only forward runs"
    )
    capture.add_argument("--force", action="store_true", help="replace FILE if it exists")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status of a command line.

    Args:
        argv: the arguments without the program's name; those of this process if None.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    _let_every_name_through()
    try:
        status = _run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except SystemExit as end:  # argparse: --help, --version, a mistake
        return end.code if isinstance(end.code, int) else OK
    except UserMistake as mistake:
        _tell(f"lenet-viz: {mistake}")
        return MISTAKE
    except LenetVizError as failure:
        _tell(f"lenet-viz: {failure}")
        return FAILURE
    except KeyboardInterrupt:
        _tell("lenet-viz: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return PIPE_CLOSED
    except OSError as failure:
        _tell(f"lenet-viz: {failure}")
        return FAILURE
    except Exception:
        _logger.exception("lenet-viz %s, Python %s", __version__, sys.version)
        return FAILURE


def _run(arguments: list[str]) -> int:
    """Return the exit status of the command that ``arguments`` name."""
    _check_command(arguments)
    given = _parser().parse_args(arguments)
    if given.command is not None and given.window_model is not None:
        raise UserMistake(
            message(
                "cli",
                QT_TRANSLATE_NOOP(
                    "cli",
                    "--model {found} is for the window and {command} names its own model; leave "
                    "--model out, as in lenet-viz {command} {found}",
                ),
                found=given.window_model,
                command=given.command,
            )
        )
    if given.command == "summary":
        from lenet_viz.commands.summary import summary

        return _say(summary(given.model, as_json=given.json, batch=given.batch))
    if given.command == "capture":
        from lenet_viz.commands.capture import capture

        path = capture(
            given.model,
            given.output,
            input_word=given.input,
            seed_word=given.seed,
            backward_word=given.backward,
            force=given.force,
            progress=sys.stderr,
        )
        return _say(f"{path}\n")
    from lenet_viz.commands.window import open_window

    return open_window(given.window_model, say=_say, tell=_tell)


def _check_command(arguments: list[str]) -> None:
    """Refuse a first word that is no command, with the one that was probably meant.

    Raises:
        UserMistake: there is no such command.
    """
    if not arguments or arguments[0].startswith("-") or arguments[0] in _COMMANDS:
        return
    from difflib import get_close_matches

    word, known = arguments[0], ", ".join(_COMMANDS)
    guesses = get_close_matches(word.lower(), _COMMANDS, n=1)
    if guesses:
        raise UserMistake(
            message(
                "cli",
                QT_TRANSLATE_NOOP(
                    "cli",
                    "there is no command {word}; did you mean {guess}? "
                    "(commands: {known}; see lenet-viz --help)",
                ),
                word=repr(word),
                guess=guesses[0],
                known=known,
            )
        )
    raise UserMistake(
        message(
            "cli",
            QT_TRANSLATE_NOOP(
                "cli",
                "there is no command {word}; the commands are {known} (see lenet-viz --help)",
            ),
            word=repr(word),
            known=known,
        )
    )


def _say(data: str) -> int:
    """Write ``data`` to stdout and return the status of success."""
    if sys.stdout is not None:  # a program without a console has none
        sys.stdout.write(data)
    return OK


def _tell(line: str) -> None:
    """Write one line to stderr."""
    if sys.stderr is not None:
        sys.stderr.write(" ".join(line.split()) + "\n")
        sys.stderr.flush()


def _let_every_name_through() -> None:
    """Let stdout and stderr write file names and signs that their encoding does not know."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if stream is not None and reconfigure is not None:
            unicode = (stream.encoding or "").lower().startswith("utf")
            reconfigure(errors="surrogateescape" if unicode else "replace")


def _drop_output() -> None:
    """Send what is still buffered nowhere: nobody reads it, and the exit would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class _BugReport(logging.Handler):
    """Writes a record with its traceback to a new file and tells one line about it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the file and tell its path."""
        handle, path = tempfile.mkstemp(prefix="lenet-viz-bug-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(self.format(record) + "\n")
        error = record.exc_info[1] if record.exc_info else None
        _tell(f"lenet-viz: this is a bug of lenet-viz: {error!r}. Please report it with {path}")


_logger.addHandler(_BugReport(logging.ERROR))
_logger.propagate = False
