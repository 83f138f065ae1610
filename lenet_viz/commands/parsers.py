"""What the command line takes: the parsers and their help."""

import argparse
from typing import NoReturn

from lenet_viz import __version__
from lenet_viz.commands.network_parsers import add_network_commands

MISTAKE = 2
"""The exit status of a mistake on the command line."""

_FORMATTER = argparse.RawDescriptionHelpFormatter

_DESCRIPTION = """\
See what a neural network does: every step's shape, feature maps, parameters and gradients.
Without a command, the window opens; without a display, all it shows is written to a new folder."""

_EXAMPLES = """\
examples:
  lenet-viz
  lenet-viz toy
  lenet-viz seven.lvcap
  lenet-viz net.py:Net
  lenet-viz net.json
  lenet-viz summary notebook
  lenet-viz capture notebook -o seven.lvcap --backward cross-entropy:7
  lenet-viz figure notebook --panel maps -o maps.png

Exit status: 0 done, 1 the engine or the system failed, 2 a mistake on the command line."""

_SHOW_EXAMPLES = """\
examples:
  lenet-viz show toy
  lenet-viz run.lvcap
  lenet-viz net.json --weights best.safetensors
  lenet-viz net.py:Net --input-shape 1,3,32,32"""

_SUMMARY_EXAMPLES = """\
examples:
  lenet-viz summary notebook
  lenet-viz summary tutorial --batch 64
  lenet-viz summary lenet5 --json
  lenet-viz summary seven.lvcap
  lenet-viz summary net.json
  lenet-viz summary net.py:Net --input-shape 1,3,32,32"""

_CAPTURE_EXAMPLES = """\
seeds: the weights are made with N, a random input with N + 1, the random vector or target of
backward with N + 2. The same N gives the same file, byte for byte.

what the weights begin as (not of your own code, which makes them itself):
  default, xavier-uniform, xavier-normal, he-uniform, he-normal, constant:0.1

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
  vector:A,B,...  your own v, a number for each output
  mse             the mean squared error against a random target

examples:
  lenet-viz capture notebook -o forward.lvcap
  lenet-viz capture notebook -o seven.lvcap --input digit:7 --backward cross-entropy:7
  lenet-viz capture net.py:Net -o net.lvcap --input-shape 1,3,32,32 --backward random
  lenet-viz capture net.json -o net.lvcap --weights best.safetensors
  lenet-viz capture tutorial -o random.lvcap --input random --seed 3 --backward random"""


_FIGURE_EXAMPLES = """\
panels:
  window strip step source why maps parameters gradients histogram input log storyboard
  all             each of them: one file each in a folder, or one page each of FILE.pdf

steps: the names that lenet-viz summary prints, and input, target and loss. Without --step it is
conv2 where there is one, else the first step with parameters, else the first.

sizes:
  1600x1000       pixels; a PNG has exactly so many (with --scale 2 twice as many)
  1600            pixels, as high as needed
  120x80mm, 6.5in lengths (mm, cm, in); a PNG has 288 pixels an inch
  slide           1280x720 with larger text and a margin; a PNG has three times as many pixels
  a4, a4-column   a page, or one of its two columns (85 mm, as high as needed); 288 pixels an inch
  Without --size the window has 1600x1000 and a panel a fitting width and as much height as it
  needs; a PNG has two pixels for each (the window: one).

examples:
  lenet-viz figure notebook -o window.png
  lenet-viz figure notebook --panel maps --step conv2 --show both --size 1600x1000 -o maps.png
  lenet-viz figure lenet5 --panel storyboard --size slide --theme dark -o story.svg
  lenet-viz figure run.lvcap --panel gradients --steps conv1,conv2 --size a4 -o gradients.pdf
  lenet-viz figure net.py:Net --panel storyboard -o net.pdf
  lenet-viz figure notebook --panel all -o figures --format svg"""


_MODEL_HELP_TO_RUN = "a preset's name, net.json, or your own: net.py, net.py:Net(10), package:make"
_MODEL_HELP = f"{_MODEL_HELP_TO_RUN}; or a capture file"


_EXPLAIN_EXAMPLES = """\
what is asked for:
  activation        the value itself
  gradient          d(objective)/d(value)
  parameter:weight  the gradient of a parameter of the step; --index has all its axes

examples:
  lenet-viz explain notebook --step conv2 --index 3,4,5
  lenet-viz explain notebook --step conv2 --index 3,4,5 --of gradient --backward cross-entropy:7
  lenet-viz explain notebook --step fc3 --index 7,80 --of parameter:weight --json
  lenet-viz explain net.py:Net --step fc --index 2"""


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
        help="what the window opens with: a preset, net.json, net.py or a capture file; not for a "
        "command, which names its own",
    )
    # From lenet_viz.show(): the capture was made for this window alone and goes with it.
    parser.add_argument("--handed-over", action="store_true", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_show(commands)
    _add_summary(commands)
    _add_capture(commands)
    _add_figure(commands)
    _add_explain(commands)
    _add_shapes(commands)
    add_network_commands(commands)  # type: ignore[arg-type]
    return parser


def _add_show(commands: "argparse._SubParsersAction[_Parser]") -> None:
    show = commands.add_parser(
        "show",
        help="open the window on MODEL; lenet-viz MODEL does the same",
        description="Open the window on a network or a saved run. Python code is shown first and "
        "runs\nonly when you agree.",
        epilog=_SHOW_EXAMPLES,
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    show.add_argument("model", metavar="MODEL", nargs="?", help=_MODEL_HELP)
    _add_own(show)


def _add_summary(commands: "argparse._SubParsersAction[_Parser]") -> None:
    summary = commands.add_parser(
        "summary",
        help="print a network's steps, shapes and parameters",
        description="Print a network's steps with their shapes and parameters, and the totals.",
        epilog=_SUMMARY_EXAMPLES,
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    summary.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    _add_own(summary)
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
    capture.add_argument("model", metavar="MODEL", help=_MODEL_HELP_TO_RUN)
    _add_own(capture)
    capture.add_argument("-o", "--output", metavar="FILE.lvcap", required=True, help="the file")
    capture.add_argument("--input", metavar="INPUT", default="preset", help="see inputs below")
    capture.add_argument("--seed", metavar="N", default="0", help="see below (default: 0)")
    capture.add_argument("--init", metavar="KIND", help="what weights begin as, see below")
    capture.add_argument(
        "--backward", metavar="START", help="see below; without it only forward runs"
    )
    capture.add_argument("--force", action="store_true", help="replace FILE if it exists")


def _add_own(command: argparse.ArgumentParser) -> None:
    """Add the options that say how a model of the user's own is called."""
    add = command.add_argument
    add(
        "--input-shape",
        metavar="SHAPE",
        action="append",
        help="1,3,32,32 or ids=1,16:int64:0..1000; once for each input of your own model "
        "(default: one that fits is looked for)",
    )
    add("--weights", metavar="FILE", help="the weights: .safetensors or .pt (default: seed)")
    add("--strip-prefix", metavar="P", default="", help="taken off names in --weights FILE")
    add("--kwargs", metavar="ARGS", default="", help='of its forward: "causal=True"')


def _add_figure(commands: "argparse._SubParsersAction[_Parser]") -> None:
    figure = commands.add_parser(
        "figure",
        help="write a panel, the window or the storyboard as PNG, SVG or PDF",
        description="Write what the window shows as a figure, without a display. Prints the paths "
        "of\nthe files.",
        epilog=_FIGURE_EXAMPLES,
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    add = figure.add_argument
    add("model", metavar="MODEL", help=f"{_MODEL_HELP}; all but a capture are run")
    add("-o", "--output", metavar="FILE", required=True, help="FILE.png, .svg, .pdf or a folder")
    add("--panel", metavar="PANEL", default="window", help="see panels below (default: window)")
    add("--step", metavar="STEP", help="the step that is selected (default: see below)")
    add("--steps", metavar="STEP,STEP", help="several: of the storyboard, or one figure each")
    add("--show", metavar="SIDE", help="activation, gradient or both")
    add("--channel", metavar="K", help="the channel that fills the maps, counted from 0")
    add("--index", metavar="I,J,K", help="of why: which number, as for explain (default: middle)")
    add("--of", metavar="WHAT", help="of why: as for explain (default: activation)")
    add("--own-scales", action="store_true", help="a colour range for each channel, not one")
    add("--theme", metavar="THEME", default="light", help="light or dark (default: light)")
    add("--size", metavar="SIZE", help="see sizes below")
    add("--scale", metavar="N", help="PNG pixels for each pixel of the size")
    add("--type-size", metavar="POINTS", help="of the text (default: 9; slide: 13, a4-column: 8)")
    add("--no-caption", action="store_true", help="leave the line out that says how it was made")
    add("--format", metavar="FORMAT", help="png (default), svg or pdf, in a folder")
    add("--input", metavar="INPUT", help="as for capture (default: preset)")
    add("--seed", metavar="N", help="as for capture (default: 0)")
    add("--init", metavar="KIND", help="what weights begin as, as for capture")
    add(
        "--backward",
        metavar="START",
        help="as for capture, or none (default: cross-entropy of the input's class; random "
        "for your own model)",
    )
    _add_own(figure)
    add("--force", action="store_true", help="replace files that exist")
    add("--handed-over-run", action="store_true", help=argparse.SUPPRESS)


def _add_explain(commands: "argparse._SubParsersAction[_Parser]") -> None:
    explain = commands.add_parser(
        "explain",
        help="write out why one number of a run is what it is",
        description="Write out the arithmetic behind one number: its terms, their total, the "
        "number that\ntorch gave, and the difference.",
        epilog=_EXPLAIN_EXAMPLES,
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    add = explain.add_argument
    add("model", metavar="MODEL", help=f"{_MODEL_HELP}; all but a capture are run")
    add("--step", metavar="STEP", required=True, help="a step as in summary, input or loss")
    add("--index", metavar="I,J,K", help="which number, without the batch axis (default: middle)")
    add("--of", metavar="WHAT", default="activation", help="see below (default: activation)")
    add("--json", action="store_true", help="print JSON with every term instead of lines")
    add("--input", metavar="INPUT", help="as for capture (default: preset)")
    add("--seed", metavar="N", help="as for capture (default: 0)")
    add("--init", metavar="KIND", help="what weights begin as, as for capture")
    add("--backward", metavar="START", help="as for capture, or none (default: random)")
    _add_own(explain)


def _add_shapes(commands: "argparse._SubParsersAction[_Parser]") -> None:
    shapes = commands.add_parser(
        "shapes",
        help="print every step's shape as arithmetic",
        description="Print the ledger: every step's shape as arithmetic, the rows and columns that "
        "it drops,\nits parameters counted, and how many input pixels can never influence the "
        "output.",
        formatter_class=_FORMATTER,
        allow_abbrev=False,
    )
    shapes.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    shapes.add_argument("--json", action="store_true", help="print JSON instead of a table")
    _add_own(shapes)
