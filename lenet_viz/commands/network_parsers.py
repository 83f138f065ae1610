"""The parsers of the commands that look at a network without running it."""

import argparse

_FORMATTER = argparse.RawDescriptionHelpFormatter
_MODEL = "a preset's name, a network's JSON, or a Python file that is read, not run: net.py:Net"

_CODE_EXAMPLES = """\
examples:
  lenet-viz code notebook
  lenet-viz code net.json -o net.py
  lenet-viz code lenet5 --sequential"""

_CHECK_EXAMPLES = """\
examples:
  lenet-viz check net.json
  lenet-viz check net.json --json

Exit status: 0 all shapes fit, 2 something does not; the message says what would."""


def add_network_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add ``code`` and ``check``."""
    code = commands.add_parser(
        "code",
        help="print a network as Python",
        description="Print a network as the Python one writes in a lesson: the same keys of the "
        "state_dict and,\nwith the same seed, bit-equal outputs.",
        epilog=_CODE_EXAMPLES,
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    code.add_argument("model", metavar="MODEL", help=_MODEL)
    code.add_argument(
        "--sequential", action="store_true", help="one nn.Sequential instead of a class"
    )
    code.add_argument("-o", dest="output", metavar="FILE", help="write it to a file")
    code.add_argument("--force", action="store_true", help="replace the file where it exists")
    check = commands.add_parser(
        "check",
        help="say whether a network's shapes fit, without running it",
        description="Print every step's shape as arithmetic where all of them fit, or else what "
        "does not and\nwhat would. Nothing runs.",
        epilog=_CHECK_EXAMPLES,
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    check.add_argument("model", metavar="MODEL", help=_MODEL)
    check.add_argument("--json", action="store_true", help="print JSON instead of a table")
