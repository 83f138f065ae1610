"""Two runs stage by stage: what each has, and in what they differ."""

from dataclasses import dataclass

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.display.alignment import aligned
from lenet_viz.display.scale import Scale
from lenet_viz.panels.card_content import Picture, layer_words, picture_of_card, value_of
from lenet_viz.panels.structural import zeros_of
from lenet_viz.panels.text import card_title, formatted, translate
from lenet_viz.session.building import layers_of_run
from lenet_viz.session.state import INPUT_CARD, Run


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of one run.

    Attributes:
        card: its card.
        title: its name.
        words: what it is, as in "Conv2d 3×3"; "" for an input.
        shape: the shape of its output; () where it has none.
        count: how many parameters it has.
        activation: its picture; None where there is none.
        gradient: its gradient's picture; None where there is none.
    """

    card: str
    title: str
    words: str
    shape: tuple[int, ...]
    count: int
    activation: Picture | None
    gradient: Picture | None


@dataclass(frozen=True, eq=False)
class StagePair:
    """A stage of each run, side by side.

    Attributes:
        left: the frozen run's; None where it has no such stage.
        right: the present run's; None where it has none.
        differences: what differs, in words; none where all is equal, bit for bit.
    """

    left: Stage | None
    right: Stage | None
    differences: tuple[str, ...]

    @property
    def built_differently(self) -> bool:
        """Whether it is another op, shape or number of parameters, or stands on one side only."""
        one, other = self.left, self.right
        if one is None or other is None:
            return True
        return (one.words, one.shape, one.count) != (other.words, other.shape, other.count)

    def scale(self, *, gradient: bool) -> Scale | None:
        """Return the one colour scale of both pictures of a role; None without pictures."""
        found = [
            picture
            for stage in (self.left, self.right)
            if stage is not None
            and (picture := stage.gradient if gradient else stage.activation) is not None
        ]
        if not found:
            return None
        grey = found[0].scale.kind == "grey"
        return Scale.of(np.concatenate([each.values.reshape(-1) for each in found]), grey=grey)


def pairs_of(frozen: Run, present: Run) -> tuple[StagePair, ...]:
    """Return the stages of two runs side by side, the inputs first."""
    left, right = _keys(frozen), _keys(present)
    made = []
    for first, second in aligned([key for key, _ in left], [key for key, _ in right]):
        one = None if first is None else _stage(frozen, left[first][1])
        other = None if second is None else _stage(present, right[second][1])
        made.append(StagePair(one, other, _differences(frozen, present, one, other)))
    return tuple(made)


def zero_pixels(run: Run) -> int | None:
    """Return how many of a run's input pixels are structurally zero; None where nobody knows."""
    found = zeros_of(run)
    return None if found is None else found.count


def parameter_count(capture: Capture) -> int:
    """Return how many numbers a run's parameters hold, tied ones once."""
    return sum(
        each.count for each in {each.value_key: each for each in capture.parameters}.values()
    )


def _keys(run: Run) -> list[tuple[str, str]]:
    """Return what names each stage of a run, and its card: its layer where it was built here."""
    layers = layers_of_run(run)
    steps = [(layers.get(step.name) or step.name, step.name) for step in run.capture.steps]
    return [(INPUT_CARD, INPUT_CARD), *steps]


def _stage(run: Run, card: str) -> Stage:
    capture = run.capture
    step, value = capture.steps.get(card), value_of(capture, card)
    names = () if step is None else step.parameter_names()
    found = [capture.parameters.get(name) for name in names]
    return Stage(
        card,
        layers_of_run(run).get(card) or card_title(card),
        "" if step is None else layer_words(capture, step),
        () if value is None else value.shape,
        sum(each.count for each in found if each is not None),
        picture_of_card(capture, card, gradient=False),
        picture_of_card(capture, card, gradient=True),
    )


def _differences(
    frozen: Run, present: Run, left: Stage | None, right: Stage | None
) -> tuple[str, ...]:
    if left is None or right is None:
        return (translate("Compare", "only here"),)
    words = []
    if left.words != right.words:
        words.append(formatted("Compare", "{left} → {right}", left=left.words, right=right.words))
    if left.shape != right.shape:
        words.append(translate("Compare", "another shape"))
    if left.count != right.count:
        words.append(
            formatted(
                "Compare",
                "{left} → {right} parameters",
                left=f"{left.count:,}",
                right=f"{right.count:,}",
            )
        )
    if left.shape == right.shape:
        words += _value_words(frozen, present, left.card, right.card)
    return tuple(words)


def _value_words(frozen: Run, present: Run, left: str, right: str) -> list[str]:
    """Return how far activations and gradients of equal shape differ; nothing where they do not."""
    one, other = value_of(frozen.capture, left), value_of(present.capture, right)
    if one is None or other is None:
        return []
    words = []
    for said, mine, theirs in (
        (translate("Compare", "values"), one.activation, other.activation),
        (translate("Compare", "gradients"), one.gradient, other.gradient),
    ):
        if mine is None or theirs is None:
            continue
        largest = _largest_difference(mine, theirs)
        if largest is None:
            continue
        words.append(
            formatted(
                "Compare",
                "{what} differ by up to {most}",
                what=said,
                most=numbers.text(largest, 3),
            )
        )
    return words


def _largest_difference(mine: Array, theirs: Array) -> float | None:
    """Return the largest difference of two arrays of one shape; None where they are equal."""
    if mine.tobytes() == theirs.tobytes():
        return None
    with np.errstate(all="ignore"):
        apart = np.abs(mine.astype(np.complex128) - theirs.astype(np.complex128))
    return float(np.max(np.where(np.isnan(apart), np.inf, apart), initial=0.0))
