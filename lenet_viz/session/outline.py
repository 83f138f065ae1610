"""A run as cards: which steps stand alone, which module calls are folded into one card.

Cards stand in the order in which they ran, so parents come before their children.
"""

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lenet_viz.capture.records import Capture, ModuleCall
from lenet_viz.session.cards import (
    FAILED_CARD,
    INPUT_CARD,
    TARGET_CARD,
    input_card,
    input_number,
)
from lenet_viz.session.step_groups import (
    ends_of,
    groups_of,
    inputs_of,
    objective_takes,
    sizes_of,
)


@dataclass(frozen=True, slots=True)
class Card:
    """One card.

    Attributes:
        name: what is selected with it: a step's name, the name of a folded call's last step,
            ``input``, ``input:1`` …, ``target``, ``loss``.
        parents: places of the cards it takes something from, ascending.
        after: places of cards that it only comes after.
        first: number of the first step it stands for; -1 where it stands for none.
        count: how many steps it stands for, one after another.
        call: number of the call that is folded into it; None for any other card.
        within: number of the innermost call around it; None in the model itself.
    """

    name: str
    parents: tuple[int, ...]
    after: tuple[int, ...] = ()
    first: int = -1
    count: int = 0
    call: int | None = None
    within: int | None = None


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call of several steps that is not folded.

    Attributes:
        call: its number.
        depth: how many open calls are around it.
        places: of the cards in it, ascending.
    """

    call: int
    depth: int
    places: tuple[int, ...]


class Outline:
    """The cards of a run.

    Attributes:
        cards: from first to last.
        names: theirs.
        calls: the run's module calls.
        sizes: for each of them how many steps ran in it.
        steps: for each step the place of the card that stands for it.
        folded: paths of the modules that are folded.
    """

    def __init__(
        self,
        cards: Sequence[Card],
        calls: Sequence[ModuleCall],
        sizes: Sequence[int],
        steps: Sequence[str],
        folded: frozenset[str],
    ) -> None:
        """Take the cards.

        Args:
            cards: in the order in which they ran.
            calls: the run's module calls.
            sizes: for each of them how many steps ran in it.
            steps: the names of all steps.
            folded: paths of the folded modules.
        """
        self.cards = tuple(cards)
        self.names = tuple(card.name for card in cards)
        self.calls = tuple(calls)
        self.sizes = tuple(sizes)
        self.folded = folded
        self._places = {name: place for place, name in enumerate(self.names)}
        for place, card in enumerate(cards):
            for number in range(card.first, card.first + card.count):
                self._places[steps[number]] = place

    def place(self, name: str) -> int | None:
        """Return the place of the card that shows a step or card; None where there is none."""
        return self._places.get(name)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each card the places of those that take something from it."""
        found: list[list[int]] = [[] for _ in self.cards]
        for place, card in enumerate(self.cards):
            for parent in card.parents:
                found[parent].append(place)
        return tuple(map(tuple, found))

    @cached_property
    def is_chain(self) -> bool:
        """Whether every step takes the one before it and nothing else."""
        ran = [place for place, card in enumerate(self.cards) if card.count]
        if any(self.cards[place].parents != (place - 1,) for place in ran):
            return False
        # A loss that belongs to an earlier step would need a line past the later ones.
        ends = self.cards[max(ran, default=0) + 1 :]
        return all(min(card.parents, default=ran[-1]) >= ran[-1] for card in ends) if ran else True

    @cached_property
    def foldable(self) -> frozenset[str]:
        """The paths of all modules that can be folded: those with a call of several steps."""
        return foldable_paths(self.calls, self.sizes)

    @cached_property
    def open_calls(self) -> tuple[OpenCall, ...]:
        """The calls of several steps that are not folded, outer ones first."""
        places: dict[int, list[int]] = {}
        for place, card in enumerate(self.cards):
            for number in self._around(card.within):
                places.setdefault(number, []).append(place)
        found = []
        for number in sorted(places):
            depth = sum(1 for _ in self._around(self.calls[number].parent))
            found.append(OpenCall(number, depth, tuple(places[number])))
        return tuple(sorted(found, key=lambda one: (one.depth, one.call)))

    def _around(self, number: int | None) -> Iterator[int]:
        """Return the calls of several steps around something, from the innermost."""
        while number is not None:
            if self.sizes[number] > 1:
                yield number
            number = self.calls[number].parent

    def around(self, place: int) -> int | None:
        """Return the innermost call of several steps around a card; None where there is none."""
        return next(self._around(self.cards[place].within), None)

    def call_of(self, name: str) -> ModuleCall | None:
        """Return the call that is folded into the card of a step; None where none is."""
        place = self.place(name)
        number = None if place is None else self.cards[place].call
        return None if number is None else self.calls[number]

    def innermost(self, name: str) -> str | None:
        """Return the path of the innermost module around a card that can be folded."""
        place = self.place(name)
        number = None if place is None else self.around(place)
        return None if number is None else self.calls[number].path


def foldable_paths(calls: Sequence[ModuleCall], sizes: Sequence[int]) -> frozenset[str]:
    """Return the paths of the modules that have a call of several steps."""
    return frozenset(call.path for call, size in zip(calls, sizes, strict=True) if size > 1)


_kept: list[tuple[weakref.ref[Capture], frozenset[str], Outline]] = []
_KEPT = 6


def outline(capture: Capture, folded: frozenset[str] = frozenset()) -> Outline:
    """Return a run's cards; those asked for last are kept.

    Args:
        capture: the run.
        folded: paths of modules each of whose calls becomes one card; others are passed over.
    """
    for known, paths, found in _kept:
        if known() is capture and paths == folded:
            return found
    made = _made(capture, folded)
    alive = [entry for entry in _kept if entry[0]() is not None]
    _kept[:] = [(weakref.ref(capture), folded, made), *alive][:_KEPT]
    return made


def same_model(one: Capture, other: Capture) -> bool:
    """Return whether two runs went through the same modules of a model of the same name."""
    return one.model.name == other.model.name and one.module_calls == other.module_calls


# -- made --------------------------------------------------------------------------------------


def _made(capture: Capture, folded: frozenset[str]) -> Outline:
    sizes, calls = sizes_of(capture), capture.module_calls
    steps = list(capture.steps)
    inputs = max(1, len(capture.input_values))
    cards = [Card(input_card(number), ()) for number in range(inputs)]
    place_of: list[int] = []
    for first, count, call in groups_of(capture, sizes, folded):
        own = steps[first : first + count]
        here = len(cards)
        taken: set[int] = set()
        for step in own:
            taken |= {place_of[parent] for parent in step.parents if parent < len(place_of)}
            taken |= inputs_of(step, inputs)
            place_of.append(here)
        within = own[-1].within if call is None else calls[call].parent
        before = tuple(sorted(taken - {here}))
        cards.append(Card(own[-1].name, before, (), first, count, call, within))
    _add_ends(capture, cards, place_of)
    return Outline(cards, calls, sizes, [step.name for step in steps], folded)


def _add_ends(capture: Capture, cards: list[Card], place_of: Sequence[int]) -> None:
    taken = {parent for card in cards for parent in card.parents}
    last = tuple(place for place in range(len(cards)) if place not in taken)
    ends = tuple(sorted({place_of[step] for step in objective_takes(capture)}))
    for name in ends_of(capture):
        if name == FAILED_CARD:
            cards.append(Card(name, (), (len(cards) - 1,)))
        elif name == TARGET_CARD:
            parents = ends if capture.output is not None else ()
            cards.append(Card(name, (), parents or last))
        else:
            target = len(cards) - 1
            with_target = (*ends, target) if ends and _has_target(capture) else ends
            cards.append(Card(name, with_target, (target,)))


def _has_target(capture: Capture) -> bool:
    """Return whether the output is compared with something."""
    objective = capture.objective
    return objective is None or (
        objective.kind in {"cross-entropy", "mse"} or objective.target_key is not None
    )


def cards_of(capture: Capture) -> tuple[str, ...]:
    """Return a run's cards with nothing folded."""
    return outline(capture).names


def storyboard_steps(capture: Capture) -> tuple[str, ...]:
    """Return what a storyboard can be made of: every step, folded or not, and the ends.

    All inputs go by the first one's name.
    """
    cards = outline(capture).cards
    return tuple(card.name for card in cards if card.count or not input_number(card.name))


__all__ = [
    "INPUT_CARD",
    "Card",
    "OpenCall",
    "Outline",
    "cards_of",
    "foldable_paths",
    "outline",
    "same_model",
    "storyboard_steps",
]
