"""The figures there are: every panel by its command-line word."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from lenet_viz.export.figure import Figure, Origin, easel_of
from lenet_viz.export.sheet import Sheet
from lenet_viz.panels.autograd_panel import AutogradPanel
from lenet_viz.panels.builder_panel import BuilderPanel
from lenet_viz.panels.code_panel import CodePanel
from lenet_viz.panels.compare_panel import ComparePanel
from lenet_viz.panels.histogram_panel import HistogramPanel
from lenet_viz.panels.input_panel import InputPanel
from lenet_viz.panels.ledger_panel import LedgerPanel
from lenet_viz.panels.log_panel import LogPanel
from lenet_viz.panels.map_panel import MapPanel
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.parameter_panel import ParameterPanel
from lenet_viz.panels.source_panel import SourcePanel
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.storyboard import StoryboardChoice, StoryboardPanel
from lenet_viz.panels.strip import StripPanel
from lenet_viz.panels.structural import structural_mask
from lenet_viz.panels.theme import DARK, PRINT, Theme
from lenet_viz.panels.why_panel import WhyPanel
from lenet_viz.session.provenance import facts_of
from lenet_viz.session.state import Show, State

PANELS: Final[dict[str, Callable[[], Panel]]] = {
    "storyboard": StoryboardPanel,
    "strip": StripPanel,
    "step": StepPanel,
    "builder": BuilderPanel,
    "source": SourcePanel,
    "why": WhyPanel,
    "maps": MapPanel,
    "parameters": ParameterPanel,
    "gradients": MapPanel,
    "histogram": HistogramPanel,
    "input": InputPanel,
    "ledger": LedgerPanel,
    "autograd": AutogradPanel,
    "compare": ComparePanel,
    "code": CodePanel,
    "log": LogPanel,
}
"""What can be drawn without a window, in reading order."""

THEMES: Final[dict[str, Theme]] = {"light": PRINT, "dark": DARK}


def panel_figure(
    name: str,
    state: State,
    sheet: Sheet,
    theme: Theme = PRINT,
    *,
    like: Panel | None = None,
    caption: bool = True,
    show: Show = Show.BOTH,
    steps: tuple[str, ...] | None = None,
) -> Figure:
    """Return a panel as a figure; to be taken down when it has been drawn.

    Args:
        name: a key of `PANELS`.
        state: what it shows; ``state.selected`` is its step.
        sheet: how large it is.
        theme: its colours.
        like: the window's panel whose look it takes over.
        caption: whether the caption stands below.
        show: what the storyboard draws of each step.
        steps: which steps the storyboard draws; None for all.
    """
    shown = _state_for(name, state)
    panel = PANELS[name]()
    if isinstance(panel, MapPanel):
        panel.set_structural(structural_mask(shown.run))
    if isinstance(panel, StoryboardPanel):
        panel.set_choice(StoryboardChoice(steps, show))
    easel = easel_of(panel, shown, theme, like)
    return Figure(easel, sheet, theme, origin_of(panel, name, shown, caption=caption))


def _state_for(name: str, state: State) -> State:
    """Return the state with the view that a figure's name stands for."""
    show = {"gradients": Show.GRADIENT, "histogram": Show.BOTH}.get(name)
    return state if show is None else replace(state, view=replace(state.view, show=show))


def origin_of(panel: Panel, name: str, state: State, *, caption: bool = True) -> Origin:
    """Return what a panel's figure says of itself."""
    capture = state.capture
    facts = {} if capture is None else facts_of(capture, state.selected)
    facts["panel"] = name
    details = [part for part in panel.caption_details() if part]
    if details:
        facts["details"] = " · ".join(details)
    model = "" if capture is None else capture.model.name
    title = " · ".join(part for part in (model, panel.accessibleName()) if part)
    return Origin(title, panel.caption() if caption else "", facts)
