"""What the user can do with keys and menus."""

from functools import partial
from typing import TYPE_CHECKING

from lenet_viz.panels.text import translate
from lenet_viz.session.state import Show
from lenet_viz.window.actions import ActionSpec

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow


def action_specs(window: "MainWindow") -> list[ActionSpec]:
    """Return every action of the window."""
    session, t = window.session, translate
    return [
        ActionSpec("forward", t("Window", "Forward"), ("F5",), session.forward),
        ActionSpec("backward", t("Window", "Backward"), ("F6",), session.backward),
        ActionSpec("update", t("Window", "Update: one optimizer.step()"), ("F7",), session.update),
        ActionSpec("stop", t("Window", "Stop"), ("Shift+F5",), session.stop),
        ActionSpec("undo", t("Window", "Undo"), ("Ctrl+Z",), session.undo),
        ActionSpec("redo", t("Window", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), session.redo),
        ActionSpec(
            "new_network", t("Window", "New network"), ("Ctrl+N",), partial(_begin_network, window)
        ),
        ActionSpec("build", t("Window", "Build the network"), ("Ctrl+B",), partial(_build, window)),
        ActionSpec(
            "freeze",
            t("Window", "Freeze this run, to compare later ones with it"),
            ("Ctrl+K",),
            partial(_freeze, window),
        ),
        ActionSpec(
            "zero_grad",
            t("Window", "zero_grad first, on or off"),
            ("Z",),
            lambda: session.choose_zero_grad(not session.state.settings.zero_grad),
        ),
        ActionSpec(
            "previous_step",
            t("Window", "Previous step"),
            ("Left", "Alt+Left"),
            lambda: session.walk(-1),
        ),
        ActionSpec(
            "next_step",
            t("Window", "Next step"),
            ("Right", "Alt+Right"),
            lambda: session.walk(1),
        ),
        ActionSpec(
            "fold", t("Window", "Fold the module around the selected card"), ("-",), session.fold
        ),
        ActionSpec("unfold", t("Window", "Unfold the selected card"), ("+", "="), session.unfold),
        ActionSpec("fold_all", t("Window", "Fold every module"), ("/",), session.fold_all),
        ActionSpec("unfold_all", t("Window", "Unfold every module"), ("*",), session.unfold_all),
        ActionSpec(
            "show_activation",
            t("Window", "Show activations"),
            ("A",),
            lambda: session.show(Show.ACTIVATION),
        ),
        ActionSpec(
            "show_gradient",
            t("Window", "Show gradients"),
            ("G",),
            lambda: session.show(Show.GRADIENT),
        ),
        ActionSpec("show_both", t("Window", "Show both"), ("B",), lambda: session.show(Show.BOTH)),
        ActionSpec(
            "shared_scale",
            t("Window", "One colour scale for all channels, or one each"),
            ("S",),
            lambda: session.share_scale(not session.state.view.shared_scale),
        ),
        ActionSpec(
            "causes",
            t("Window", "Draw the causes of a gradient's zeros, or only zeros"),
            ("C",),
            lambda: session.show_causes(not session.state.view.causes),
        ),
        ActionSpec(
            "escape", t("Window", "All channels; take the message away"), ("Esc",), window.escape
        ),
        ActionSpec(
            "ask_back", t("Window", "The question before"), ("Backspace",), session.ask_back
        ),
        ActionSpec(
            "ask_forward",
            t("Window", "The question after"),
            ("Shift+Backspace",),
            session.ask_forward,
        ),
        ActionSpec(
            "ask_other_side",
            t("Window", "Ask for the value or for its gradient"),
            ("W",),
            session.ask_other_side,
        ),
        ActionSpec(
            "check_gradient",
            t("Window", "Check the gradient by a finite difference"),
            ("D",),
            lambda: session.check_gradient(),
        ),
        ActionSpec(
            "nudge",
            t("Window", "Nudge the number that is asked about by ε"),
            ("N",),
            window.why.check.nudge_now,
        ),
        ActionSpec(
            "poke_up",
            t("Window", "Poke the number that is asked about: a notch up"),
            ("Ctrl+Up",),
            partial(session.poke_by, 1),
        ),
        ActionSpec(
            "poke_down",
            t("Window", "Poke the number that is asked about: a notch down"),
            ("Ctrl+Down",),
            partial(session.poke_by, -1),
        ),
        ActionSpec(
            "sweep",
            t("Window", "Sweep over the map: play or pause"),
            ("P",),
            window.why.sweep.toggle,
        ),
        ActionSpec(
            "sweep_back",
            t("Window", "The value before in the sweep"),
            (",",),
            lambda: window.why.sweep.step(-1),
        ),
        ActionSpec(
            "sweep_forth",
            t("Window", "The next value in the sweep"),
            (".",),
            lambda: window.why.sweep.step(1),
        ),
        ActionSpec(
            "open_capture", t("Window", "Open a capture …"), ("Ctrl+O",), window.opening.ask
        ),
        ActionSpec(
            "open_model",
            t("Window", "Open a model of yours …"),
            ("Ctrl+Shift+O",),
            window.models.ask,
        ),
        ActionSpec(
            "change_model",
            t("Window", "The model's inputs and arguments …"),
            ("Ctrl+M",),
            window.models.change,
        ),
        ActionSpec(
            "save_network",
            t("Window", "Save the network …"),
            ("Ctrl+Alt+S",),
            window.network_file.save,
        ),
        ActionSpec("save_figure", t("Window", "Save a figure …"), ("Ctrl+S",), window.figures.ask),
        ActionSpec(
            "copy_figure",
            t("Window", "Copy the panel in use as a figure"),
            ("Ctrl+C",),
            window.figures.copy_panel_in_use,
        ),
        ActionSpec(
            "copy_window",
            t("Window", "Copy the window as a figure"),
            ("Ctrl+Shift+C",),
            window.figures.copy_window,
        ),
        ActionSpec(
            "save_array",
            t("Window", "Save the selected array …"),
            ("Ctrl+Shift+S",),
            window.data.save_array,
        ),
        ActionSpec(
            "copy_array",
            t("Window", "Copy the numbers of the selected array"),
            ("Ctrl+Shift+N",),
            window.data.copy_array,
        ),
        ActionSpec(
            "save_run",
            t("Window", "Save all arrays of this run …"),
            ("Ctrl+Shift+E",),
            window.data.save_run,
        ),
        ActionSpec(
            "find_in_source",
            t("Window", "Find in the source …"),
            ("Ctrl+F",),
            partial(_find_in_source, window),
        ),
        ActionSpec("full_screen", t("Window", "Full screen"), ("F11",), window.toggle_full_screen),
        ActionSpec("help", t("Window", "Keys and help"), ("F1",), window.show_help),
        ActionSpec("reset_layout", t("Window", "Put the panels back"), (), window.arrange_anew),
        ActionSpec("quit", t("Window", "Quit"), ("Ctrl+Q",), window.close),
        *(
            ActionSpec(
                f"theme_{word}", text, (), partial(session.choose_theme, word), checkable=True
            )
            for word, text in (
                ("system", t("Window", "Theme of the system")),
                ("light", t("Window", "Light theme")),
                ("dark", t("Window", "Dark theme")),
            )
        ),
    ]


def _begin_network(window: "MainWindow") -> None:
    window.session.begin_network()
    _build(window)


def _freeze(window: "MainWindow") -> None:
    window.session.freeze()
    window.docks["compare"].come_forward()


def _build(window: "MainWindow") -> None:
    window.docks["builder"].come_forward()
    window.builder.list.setFocus()


def _find_in_source(window: "MainWindow") -> None:
    window.docks["source"].come_forward()
    window.source.find_bar.begin()
