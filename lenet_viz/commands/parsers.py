"""What the command line takes: the parsers and their help."""

import argparse
from typing import NoReturn

from lenet_viz import __version__

MISTAKE = 2
"""The exit status of a mistake on the command line."""

_FORMATTER = argparse.RawDescriptionHelpFormatter

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
        line = f"{self.prog}: {message} (see {self.prog} --help)"
        self.exit(MISTAKE, " ".join(line.split()) + "\n")


def whole_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _Parser(
        prog="lenet-viz",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=_FORMATTER,
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
    _add_summary(commands)
    _add_capture(commands)
    return parser


def _add_summary(commands: "argparse._SubParsersAction[_Parser]") -> None:
    summary = commands.add_parser(
        "summary",
        help="print a network's steps, shapes and parameters",
        description="Print a network's steps with their shapes and parameters, and the totals.",
        epilog=_SUMMARY_EXAMPLES,
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    summary.add_argument("model", metavar="MODEL", help="a preset's name, or a capture file")
    summary.add_argument("--json", action="store_true", help="print JSON instead of a table")
    summary.add_argument("--batch", metavar="N", help="samples in a batch (default: 1)")


def _add_capture(commands: "argparse._SubParsersAction[_Parser]") -> None:
    capture = commands.add_parser(
        "capture",
        help="run a network once and write everything that happened to a file",
        description="Run a network once and write every step's numbers and gradients to a file, "
        "the weights inside. Prints the file's path.",
        epilog=_CAPTURE_EXAMPLES,
        formatter_class=_FORMATTER,
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
