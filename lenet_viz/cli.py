"""The command line: stdout is data, stderr is progress and mistakes.

Neither torch nor Qt nor NumPy is imported before a command needs it.
"""

import argparse
import logging
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from typing import Final

from lenet_viz import __version__
from lenet_viz.commands.parsers import whole_parser
from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

OK = 0
FAILURE = 1
MISTAKE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell reports for a program that ended because nobody read its output any more."""

_logger = logging.getLogger(__name__)


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
        return _refused(failure)
    except Exception:
        _logger.exception("lenet-viz %s, Python %s", __version__, sys.version)
        return FAILURE


def _run(arguments: list[str]) -> int:
    """Return the exit status of the command that ``arguments`` name."""
    if arguments and _opens(arguments[0]):
        arguments = ["show", *arguments]
    _check_command(arguments)
    given = whole_parser().parse_args(arguments)
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
    if given.command is None:
        from lenet_viz.commands.window import open_window

        return open_window(given.window_model, handed_over=given.handed_over, say=_say, tell=_tell)
    return _DONE[given.command](given)


def _opens(word: str) -> bool:
    """Return whether a first word names what the window opens, and is no command or option."""
    if word.startswith("-") or word in _DONE:
        return False
    from lenet_viz.network import presets

    file = word.lower().endswith((".lvcap", ".json")) or ".py" in word.lower()
    # As in package.module:factory; a word with spaces or dashes before its colon is none.
    code = bool(re.match(r"[^\W\d][\w.]*:", word))
    return file or code or word in presets.NAMES or os.path.isfile(word)


def _show(given: argparse.Namespace) -> int:
    from lenet_viz.commands.own_run import own_words
    from lenet_viz.commands.window import open_window

    return open_window(given.model, own=own_words(vars(given)), say=_say, tell=_tell)


def _summary(given: argparse.Namespace) -> int:
    from lenet_viz.commands.own_run import own_words
    from lenet_viz.commands.summary import summary

    own = own_words(vars(given))
    text = summary(given.model, as_json=given.json, batch=given.batch, own=own, progress=sys.stderr)
    return _say(text)


def _capture(given: argparse.Namespace) -> int:
    from lenet_viz.commands.capture import capture
    from lenet_viz.commands.own_run import own_words

    path = capture(
        given.model,
        given.output,
        input_word=given.input,
        seed_word=given.seed,
        backward_word=given.backward,
        force=given.force,
        progress=sys.stderr,
        own=own_words(vars(given)),
    )
    return _say(f"{path}\n")


def _figure(given: argparse.Namespace) -> int:
    from lenet_viz.commands.figure import figure, wish_of

    paths = figure(wish_of(vars(given)), progress=sys.stderr)
    return _say("".join(f"{path}\n" for path in paths))


def _explain(given: argparse.Namespace) -> int:
    from lenet_viz.commands.explain import explain
    from lenet_viz.commands.own_run import own_words

    text = explain(
        given.model,
        given.step,
        given.index,
        given.of,
        as_json=given.json,
        own=own_words(vars(given)),
        input_word=given.input,
        seed_word=given.seed,
        backward_word=given.backward,
        progress=sys.stderr,
    )
    return _say(text)


def _shapes(given: argparse.Namespace) -> int:
    from lenet_viz.commands.own_run import own_words
    from lenet_viz.commands.shapes import shapes

    own = own_words(vars(given))
    return _say(shapes(given.model, as_json=given.json, own=own, progress=sys.stderr))


def _code(given: argparse.Namespace) -> int:
    from lenet_viz.commands.network_text import code

    return _say(
        code(given.model, sequential=given.sequential, output=given.output, force=given.force)
    )


def _check(given: argparse.Namespace) -> int:
    from lenet_viz.commands.network_text import check

    return _say(check(given.model, as_json=given.json))


_DONE: Final = {
    "show": _show,
    "summary": _summary,
    "capture": _capture,
    "figure": _figure,
    "explain": _explain,
    "shapes": _shapes,
    "code": _code,
    "check": _check,
}


def _check_command(arguments: list[str]) -> None:
    """Refuse a first word that is no command, with the one that was probably meant.

    Raises:
        UserMistake: there is no such command.
    """
    if not arguments or arguments[0].startswith("-") or arguments[0] in _DONE:
        return
    from difflib import get_close_matches

    from lenet_viz.network import presets

    word, known = arguments[0], ", ".join(_DONE)
    guesses = get_close_matches(word.lower(), (*_DONE, *presets.NAMES), n=1)
    if guesses:
        raise UserMistake(
            message(
                "cli",
                QT_TRANSLATE_NOOP(
                    "cli",
                    "there is no command or model {word}; did you mean {guess}? "
                    "(commands: {known}; models: {presets}, net.json, net.py; see "
                    "lenet-viz --help)",
                ),
                word=repr(word),
                guess=guesses[0],
                known=known,
                presets=", ".join(presets.NAMES),
            )
        )
    raise UserMistake(
        message(
            "cli",
            QT_TRANSLATE_NOOP(
                "cli",
                "there is no command or model {word}; the commands are {known}, the models "
                "{presets}, net.json and net.py (see lenet-viz --help)",
            ),
            word=repr(word),
            known=known,
            presets=", ".join(presets.NAMES),
        )
    )


def _say(data: str) -> int:
    """Write ``data`` to stdout and return the status of success."""
    if sys.stdout is not None:  # a program without a console has none
        sys.stdout.write(data)
    return OK


def _refused(failure: OSError) -> int:
    """Tell what the system refused; a file's name that it did not take is the user's to change."""
    if failure.filename is None:
        _tell(f"lenet-viz: {failure}")
        return FAILURE
    template = QT_TRANSLATE_NOOP(
        "cli",
        "“{path}” cannot be used: {reason}. Check the name and whether you may use that file and "
        "its folder, or give another one.",
    )
    reason, path = failure.strerror or str(failure), str(failure.filename)
    _tell(f"lenet-viz: {message('cli', template, path=path, reason=reason)}")
    return MISTAKE


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
