"""What becomes of the state when a run is read from a file."""

from dataclasses import replace

from lenet_viz.capture.records import Capture
from lenet_viz.session.asking import asking_after
from lenet_viz.session.ledger import after_run
from lenet_viz.session.printed import backward_entries, forward_entries
from lenet_viz.session.python_lines import input_names, setting
from lenet_viz.session.replies import selected_after, view_after, with_entries
from lenet_viz.session.state import CaptureOnly, LogEntry, Notice, Run, State
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def with_capture(state: State, capture: Capture, opened: CaptureOnly, number: int) -> State:
    """Return the state with a run from a file in the place of the one before.

    The card that was selected stays selected where the run has it. The settings stay: they are
    chosen again with the next preset.

    Args:
        state: the present state, without a run under way.
        capture: the run.
        opened: what it is called and whether it is a file of the user's.
        number: the run's number in this session.
    """
    backward = capture.objective is not None
    run = Run(
        number=number,
        settings=None,
        capture=capture,
        backward=backward,
        passes=int(backward),
        input_passes=int(backward),
    )
    selected = selected_after(state, capture)
    return replace(
        state,
        run=run,
        opened=opened,
        weights=None,
        grads=None,
        passes=run.passes,
        selected=selected,
        view=view_after(state, capture, selected),
        asking=asking_after(state.asking, capture),
        check=None,
        sweep=None,
        updating=after_run(
            state.updating, run, cleared=setting(capture, "zero_grad") == "yes", kept=False
        ),
        notice=None,
        log=with_entries(state, _printed(capture, opened)),
    )


def _printed(capture: Capture, opened: CaptureOnly) -> tuple[LogEntry, ...]:
    """Return where a run came from, then what the notebook would print for it."""
    if opened.from_file:
        template = QT_TRANSLATE_NOOP(
            "Log",
            "This run was read from {name}; what it prints comes next. It is shown as it was "
            "saved and is not run again.",
        )
        code = f"run = lenet_viz.load({opened.name!r})"
    else:
        template = QT_TRANSLATE_NOOP(
            "Log",
            "This run of {name} was made where show() was called; what it prints comes next. It "
            "is shown as it was recorded and is not run again.",
        )
        code = f"lenet_viz.show(net, {', '.join(input_names(capture))})"
    entries = (
        LogEntry(code, "", message("Log", template, name=opened.name)),
        *forward_entries(capture),
    )
    if capture.objective is None:
        return entries
    cleared = setting(capture, "zero_grad") == "yes"
    return (*entries, *backward_entries(capture, cleared=cleared, passes=1))


def cannot_run(opened: CaptureOnly) -> Notice:
    """Return why nothing can be run while a capture from a file is shown, and what to do."""
    template = QT_TRANSLATE_NOOP(
        "Session",
        "{name} is the record of a run, without the program that made it: it can be looked at, not "
        "run again. Choose a model at the top left to run one.",
    )
    return Notice(message("Session", template, name=opened.name))


def wait_first(name: str) -> Notice:
    """Return that a capture cannot be opened while a run is under way."""
    template = QT_TRANSLATE_NOOP(
        "Session",
        "A run is under way. Wait for its end, or press Stop (Shift+F5), and then open {name}.",
    )
    return Notice(message("Session", template, name=name), mistake=True)
