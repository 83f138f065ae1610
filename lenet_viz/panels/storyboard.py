"""The storyboard: all or chosen steps of a run in one picture, wrapped to the page."""

from PySide6.QtWidgets import QLabel, QWidget

from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.panels.map_side import has_batch
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.storyboard_board import Board
from lenet_viz.panels.storyboard_story import Story, StoryboardChoice
from lenet_viz.panels.text import formatted, objective_title, show_if, translate
from lenet_viz.panels.theme import Theme
from lenet_viz.session.state import Show, State

__all__ = ["StoryboardChoice", "StoryboardPanel"]


class StoryboardPanel(Panel):
    """A run told tile by tile: what each step is, what came out of it, and what it follows.

    Attributes:
        choice: which steps and which arrays it shows.
        board: the tiles.
    """

    fills_page = True

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty storyboard."""
        super().__init__("storyboard", parent)
        self.choice = StoryboardChoice()
        # Below the title and over several lines: a page's column is too narrow for both.
        self.head.removeWidget(self._subtitle)
        self._subtitle.setWordWrap(True)
        self.body.addWidget(self._subtitle)
        self._empty = QLabel(self)
        self._empty.setObjectName("storyboard_empty")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self.board = Board(self)
        self.board.setAccessibleName(translate("Storyboard", "Steps of the run"))
        self.body.addWidget(self._empty)
        self.body.addWidget(self.board, 1)

    def set_choice(self, choice: StoryboardChoice) -> None:
        """Show other steps or other arrays."""
        self.choice = choice
        if self.state is not None:
            self.render_state(None, self.state)

    def spare_height(self) -> int:
        """Return the height that the tiles leave empty above and below them."""
        fit = self.board.fit()
        return 0 if fit is None else max(0, int(2 * fit.top) - 4)

    def take_look(self, other: Panel) -> None:
        """Show what another storyboard shows."""
        if isinstance(other, StoryboardPanel):
            self.set_choice(other.choice)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self.board.theme = theme
        super().set_theme(theme)

    def draw(self, old: State | None, new: State) -> None:
        """Tell the run anew where it is another one."""
        if old is not None and old.run is new.run:
            return
        capture = new.capture
        if capture is None:
            self.set_title(translate("Storyboard", "Storyboard"))
            self._say(translate("Storyboard", "Nothing has run yet."))
            self.board.show_story(None)
            return
        story = Story(new, self.choice)
        title = formatted("Storyboard", "Storyboard of {model}", model=capture.model.name)
        self.set_title(title, _summary(capture, story))
        self._say("" if story.cards else translate("Storyboard", "This run has none of the steps."))
        self.board.show_story(story)
        self.board.setAccessibleDescription(_listed(story))

    def _say(self, sentence: str) -> None:
        self._empty.setText(sentence)
        show_if(self._empty, bool(sentence))

    def paper_height(self, width: int) -> int:
        """Return the height at which the tiles have a good size for a page of a width."""
        margins = self.body.contentsMargins()
        inner = width - margins.left() - margins.right()
        rest = self.body.totalHeightForWidth(width) - self.board.heightForWidth(inner)
        return rest + self.board.good_height(inner)

    def caption_details(self) -> tuple[str, ...]:
        """Return what the tiles show."""
        story = self.board.story
        if story is None:
            return ()
        kinds = {
            Show.ACTIVATION: translate("Storyboard", "maps: activations"),
            Show.GRADIENT: translate("Storyboard", "maps: gradients"),
            Show.BOTH: translate("Storyboard", "maps: activations and gradients"),
        }
        scales = translate("Storyboard", "each map with its own colour scale")
        return kinds[self.choice.show], scales, _sample_words(story.capture)


def _summary(capture: Capture, story: Story) -> str:
    """Return what stands beside the title: counts, the loss, what was left out."""
    shown, every = len(story.steps), len(capture.steps)
    count = numbers.count_text(sum(parameter.count for parameter in capture.parameters))
    parts = [
        formatted("Storyboard", "{shown} of {every} steps", shown=shown, every=every)
        if shown < every
        else formatted("Storyboard", "{every} steps", every=every),
        formatted("Storyboard", "{count} parameters", count=count),
    ]
    objective = capture.objective
    if objective is not None:
        parts.append(objective_title(capture))
        if objective.loss is not None:
            value = numbers.text(objective.loss, 5)
            parts.append(
                formatted("Storyboard", "its value {value}", value=value)
                if objective.kind == "output"
                else formatted("Storyboard", "loss {loss}", loss=value)
            )
    parts.append(_sample_words(capture))
    if story.bridges:
        parts.append(translate("Storyboard", "dashed lines: steps left out"))
    return " · ".join(part for part in parts if part)


def _sample_words(capture: Capture) -> str:
    """Return which sample of a batch is drawn; "" where there is only one."""
    shape = capture.input_values[0].shape if capture.input_values else ()
    if not has_batch(capture, shape) or shape[0] < 2:
        return ""
    return formatted("Storyboard", "sample 0 of {count}", count=shape[0])


def _listed(story: Story) -> str:
    """Return the tiles in words for those who cannot see them."""
    scenes = (story.scene(at) for at in range(min(len(story.cards), 40)))
    return "; ".join(
        formatted("Storyboard", "{name} {shape}", name=scene.title, shape=scene.shape)
        for scene in scenes
    )
