"""What a storyboard tells: which tiles there are, what each follows, its words and pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lenet_viz.capture.records import (
    ArgumentValue,
    Capture,
    GradientState,
    InputRef,
    Step,
    Value,
)
from lenet_viz.display import numbers
from lenet_viz.display.graph_layout import Arrangement, arrange
from lenet_viz.display.graph_selection import selected
from lenet_viz.panels.card_content import (
    Picture,
    detail_of_card,
    laid_out,
    picture_of_card,
    sample,
    target_vector,
    value_of,
)
from lenet_viz.panels.map_side import has_batch
from lenet_viz.panels.text import axis_words, card_title, formatted, translate
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, Show, State
from lenet_viz.session.step_groups import objective_takes


@dataclass(frozen=True, slots=True)
class StoryboardChoice:
    """What a storyboard shows.

    Attributes:
        steps: names of steps, and ``input`` (all inputs), ``target`` and ``loss``, that are
            shown; None for all. Names that a run does not have are passed over.
        show: maps of the activations, of the gradients, or both.
    """

    steps: tuple[str, ...] | None = None
    show: Show = Show.ACTIVATION


@dataclass(frozen=True, slots=True)
class Scene:
    """One tile's words.

    Attributes:
        title: the step's name.
        op: decides the colour of the top edge.
        detail: what the layer is, or what is to be watched.
        warning: whether ``detail`` warns.
        parameters: how many there are; "" for none.
        letters: the axes' names in brackets; "" where they have none.
        shape: the output's shape in brackets, or the loss.
        source: the line of Python that ran it; "" where it is not known.
    """

    title: str
    op: str
    detail: str
    warning: bool = False
    parameters: str = ""
    letters: str = ""
    shape: str = ""
    source: str = ""


class Story:
    """A run as the tiles of a storyboard.

    Attributes:
        state: the run.
        choice: what is shown of it.
        cards: the tiles' keys: cards of the strip; further inputs are ``input:1`` and so on.
        arrangement: which tile follows which.
        bridges: edges (from, to) as places in ``cards`` that stand for steps left out.
    """

    def __init__(self, state: State, choice: StoryboardChoice) -> None:
        """Find the tiles of a state that has a run."""
        assert state.capture is not None
        self.state = state
        self.choice = choice
        self.capture: Capture = state.capture
        cards, parents = _graph(self.capture)
        wanted = None if choice.steps is None else set(choice.steps)
        # ``input`` stands for all inputs: further ones have no card of their own in the window.
        kept = [at for at, card in enumerate(cards) if wanted is None or _first(card) in wanted]
        chosen = selected(parents, kept)
        self.cards = tuple(cards[at] for at in chosen.nodes)
        # The target takes nothing: it only stands between the output and the loss.
        target = {at for at, card in enumerate(self.cards) if card == TARGET_CARD}
        order = {(one, at) for at in target for one in chosen.parents[at]}
        self.bridges = chosen.bridges - order
        self.arrangement: Arrangement = arrange(chosen.parents, unseen=order)
        self._scenes: dict[int, Scene] = {}
        self._pictures: dict[tuple[int, bool], Picture | None] = {}

    @cached_property
    def steps(self) -> list[Step]:
        """The steps among the tiles."""
        found = (self.capture.steps.get(card) for card in self.cards)
        return [step for step in found if step is not None]

    @property
    def sides(self) -> tuple[bool, ...]:
        """Which pictures a tile has, from above: False the activation, True the gradient."""
        both = (False, True)
        return {Show.BOTH: both, Show.GRADIENT: (True,)}.get(self.choice.show, (False,))

    @cached_property
    def has_parameters(self) -> bool:
        """Whether any tile has parameters to count."""
        return any(step.parameter_names() for step in self.steps)

    @cached_property
    def has_source(self) -> bool:
        """Whether any tile's line of Python is known."""
        return any(step.source_line and step.source_line.text for step in self.steps)

    def scene(self, at: int) -> Scene:
        """Return the words of a tile."""
        if at not in self._scenes:
            self._scenes[at] = self._told(self.cards[at])
        return self._scenes[at]

    def picture(self, at: int, gradient: bool) -> Picture | None:
        """Return what a tile draws; None where there is no such array."""
        if (at, gradient) not in self._pictures:
            self._pictures[at, gradient] = self._drawn(self.cards[at], gradient)
        return self._pictures[at, gradient]

    def missing(self, at: int) -> GradientState:
        """Return why a tile's gradient cannot be drawn."""
        value = self._value(self.cards[at])
        return GradientState.NO_GRAD if value is None else value.gradient_state

    def has_sides(self, at: int) -> bool:
        """Whether a tile stands for a tensor with an activation and a gradient of its own."""
        return self.cards[at] not in {TARGET_CARD, LOSS_CARD}

    def _value(self, card: str) -> Value | None:
        number = self._input_number(card)
        return self.capture.input_values[number] if number else value_of(self.capture, card)

    def _drawn(self, card: str, gradient: bool) -> Picture | None:
        number = self._input_number(card)
        value = self._value(card)
        if value is not None and not gradient and value.activation_key is None:
            return None
        if not number:
            return picture_of_card(self.capture, card, gradient)
        array = None if value is None else (value.gradient if gradient else value.activation)
        return None if array is None else laid_out(sample(self.capture, array))

    def _told(self, card: str) -> Scene:
        value = self._value(card)
        if card == LOSS_CARD:
            detail, _ = detail_of_card(self.state, card)
            return Scene(card_title(card), "loss", detail, shape=_loss_words(self.capture))
        letters = "" if value is None else self._letters(value.shape)
        shape = "" if value is None else _bracketed(value.shape)
        number = self._input_number(card)
        if number:
            name = self.capture.input_names[number]
            return Scene(name, "input", translate("Storyboard", "input"), False, "", letters, shape)
        detail, warning = detail_of_card(self.state, card)
        step = self.capture.steps.get(card)
        if step is None:
            output = self.capture.output_value
            if card == TARGET_CARD and output is not None:
                # As the strip has it: drawn as one row for each sample of the output.
                letters, shape = "", _bracketed(output.shape)
            title = card_title(card)
            return Scene(title, card, detail, warning, "", letters, shape)
        if len(step.outputs) > 1:
            one = formatted("Storyboard", "output 0 of {count}", count=len(step.outputs))
            detail = f"{detail} · {one}" if detail else one
        source = step.source_line
        return Scene(
            card_title(card),
            step.op,
            detail or step.op,
            warning,
            self._count(step),
            letters,
            shape,
            "" if source is None else source.text,
        )

    def _input_number(self, card: str) -> int:
        """Return which further input a tile stands for; 0 for any other tile."""
        is_step = self.capture.steps.get(card) is not None
        return 0 if is_step else int(card.partition(":")[2] or 0)

    def _letters(self, shape: tuple[int, ...]) -> str:
        # A sequence's (N, L, E) cannot be told from (N, C, L) by its shape: it gets no letters.
        named = len(shape) in {2, 4, 5} and has_batch(self.capture, shape)
        return f"({axis_words(shape)})" if named else ""

    def _count(self, step: Step) -> str:
        names = set(step.parameter_names())
        if not names:
            return ""
        count = sum(one.count for one in self.capture.parameters if one.name in names)
        return formatted("Storyboard", "{count} parameters", count=numbers.count_text(count))


def _first(card: str) -> str:
    """Return the card by which a tile is chosen."""
    return INPUT_CARD if card.startswith(f"{INPUT_CARD}:") else card


def _bracketed(shape: tuple[int, ...]) -> str:
    return f"({numbers.shape_text(shape)})" if shape else "()"


def _loss_words(capture: Capture) -> str:
    objective = capture.objective
    if objective is None:
        return ""
    if objective.loss is None:
        return translate("Storyboard", "no loss: vᵀJ")
    return numbers.text(objective.loss, 5)


def _graph(capture: Capture) -> tuple[list[str], list[list[int]]]:
    """Return all tiles in an order in which parents come first, and the parents of each."""
    count = len(capture.input_values)
    cards = [INPUT_CARD, *(f"{INPUT_CARD}:{number}" for number in range(1, count))][:count]
    parents: list[list[int]] = [[] for _ in cards]
    first = len(cards)
    for step in capture.steps:
        taken = {ref for argument in step.arguments for ref in _inputs_in(argument.value)}
        before = {number for number in taken if number < count}
        cards.append(step.name)
        parents.append(sorted({*before, *(first + parent for parent in step.parents)}))
    if capture.objective is not None:
        ends = [first + step for step in objective_takes(capture)]
        if target_vector(capture) is not None:
            ends.append(len(cards))
            cards.append(TARGET_CARD)
            parents.append(ends[:-1])
        cards.append(LOSS_CARD)
        parents.append(ends)
    return cards, parents


def _inputs_in(value: ArgumentValue) -> Iterator[int]:
    """Return the numbers of the inputs that an argument refers to."""
    nested: Iterable[ArgumentValue] = value if isinstance(value, tuple) else (value,)
    for one in nested:
        if isinstance(one, tuple):
            yield from _inputs_in(one)
        elif isinstance(one, InputRef):
            yield one.input
