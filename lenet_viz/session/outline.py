"""A run as cards: which steps stand alone, which module calls are folded into one card.

Cards stand in the order in which they ran, so parents come before their children.
"""

import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lenet_viz.capture.records import ArgumentValue, Capture, InputRef, ModuleCall, Step
from lenet_viz.session.cards import (
    FAILED_CARD,
    INPUT_CARD,
    LOSS_CARD,
    TARGET_CARD,
    input_card,
)

MOST_CARDS = 40
"""A run of more cards is folded when it is first shown."""


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


def default_folded(capture: Capture) -> frozenset[str]:
    """Return what is folded when a run is first shown: nothing, unless it is long.

    Of a long run the outermost modules are folded, and as many of the largest unfolded again as
    there is room for.
    """
    calls, sizes = capture.module_calls, _sizes(capture)
    ends = len(_ends(capture)) + max(1, len(capture.input_values))
    most = MOST_CARDS - ends
    if len(capture.steps) <= most:
        return frozenset()
    inner: dict[str, set[str]] = {}
    weight: Counter[str] = Counter()
    for number, call in enumerate(calls):
        if sizes[number] > 1:
            weight[call.path] += sizes[number]
            outer = _outer(calls, sizes, call.parent)
            inner.setdefault("" if outer is None else calls[outer].path, set()).add(call.path)
    folded = frozenset(inner.get("", ()))
    refused: set[str] = set()
    while True:
        asked = sorted(folded - refused, key=lambda path: (-weight[path], path))
        if not asked:
            return folded
        tried = folded - {asked[0]} | (inner.get(asked[0], set()) - {asked[0]})
        if sum(1 for _ in _groups(capture, sizes, frozenset(tried))) <= most:
            folded = frozenset(tried)
        else:
            refused.add(asked[0])


def _outer(calls: Sequence[ModuleCall], sizes: Sequence[int], number: int | None) -> int | None:
    while number is not None and sizes[number] < 2:
        number = calls[number].parent
    return number


def same_model(one: Capture, other: Capture) -> bool:
    """Return whether two runs went through the same modules of a model of the same name."""
    return one.model.name == other.model.name and one.module_calls == other.module_calls


# -- made --------------------------------------------------------------------------------------


def _sizes(capture: Capture) -> list[int]:
    """Return for each module call how many steps ran in it and in its own calls."""
    calls = capture.module_calls
    sizes = [0] * len(calls)
    for step in capture.steps:
        if step.within is not None:
            sizes[step.within] += 1
    for number in reversed(range(len(calls))):
        parent = calls[number].parent
        if parent is not None:
            sizes[parent] += sizes[number]
    return sizes


def _groups(
    capture: Capture, sizes: Sequence[int], folded: frozenset[str]
) -> Iterator[tuple[int, int, int | None]]:
    """Return the steps in groups: the first one's number, how many, and the folded call.

    The steps of a call follow one another; where something else ran between them, each part is a
    group of its own, so that no card needs what comes after it.
    """
    calls = capture.module_calls
    # The outermost folded call of each call, found from the outside in.
    holders: list[int | None] = []
    for number, call in enumerate(calls):
        holder = None if call.parent is None else holders[call.parent]
        if holder is None and call.path in folded and sizes[number] > 1:
            holder = number
        holders.append(holder)
    start, held = 0, None
    for number, step in enumerate(capture.steps):
        holder = None if step.within is None else holders[step.within]
        if number and (holder is None or holder != held):
            yield start, number - start, held
            start = number
        held = holder
    if len(capture.steps):
        yield start, len(capture.steps) - start, held


def _made(capture: Capture, folded: frozenset[str]) -> Outline:
    sizes, calls = _sizes(capture), capture.module_calls
    steps = list(capture.steps)
    inputs = max(1, len(capture.input_values))
    cards = [Card(input_card(number), ()) for number in range(inputs)]
    place_of: list[int] = []
    for first, count, call in _groups(capture, sizes, folded):
        own = steps[first : first + count]
        here = len(cards)
        taken: set[int] = set()
        for step in own:
            taken |= {place_of[parent] for parent in step.parents if parent < len(place_of)}
            taken |= _inputs_of(step, inputs)
            place_of.append(here)
        within = own[-1].within if call is None else calls[call].parent
        before = tuple(sorted(taken - {here}))
        cards.append(Card(own[-1].name, before, (), first, count, call, within))
    _add_ends(capture, cards, place_of)
    return Outline(cards, calls, sizes, [step.name for step in steps], folded)


def _inputs_of(step: Step, count: int) -> set[int]:
    """Return the places of the inputs that a step takes."""
    taken = {ref for one in step.arguments for ref in _inputs_in(one.value) if ref < count}
    if not taken and not step.parents and step.input_shapes:
        return {0}  # a tensor whose way is not known comes from the input
    return taken


def _inputs_in(value: ArgumentValue) -> Iterator[int]:
    """Return the numbers of the inputs that an argument refers to."""
    nested: Iterable[ArgumentValue] = value if isinstance(value, tuple) else (value,)
    for one in nested:
        if isinstance(one, tuple):
            yield from _inputs_in(one)
        elif isinstance(one, InputRef):
            yield one.input


def _ends(capture: Capture) -> tuple[str, ...]:
    """Return the cards after the last step."""
    forward_failed = capture.error is not None and capture.output is None
    if not forward_failed or capture.objective is not None:
        return (TARGET_CARD, LOSS_CARD)
    failed = any(step.error is not None for step in capture.steps)
    return () if failed else (FAILED_CARD,)


def _add_ends(capture: Capture, cards: list[Card], place_of: Sequence[int]) -> None:
    taken = {parent for card in cards for parent in card.parents}
    last = tuple(place for place in range(len(cards)) if place not in taken)
    for name in _ends(capture):
        if name == FAILED_CARD:
            cards.append(Card(name, (), (len(cards) - 1,)))
        elif capture.output is None:
            # Several outputs: which of them the objective took is not known.
            after = last if name == TARGET_CARD else (len(cards) - 1,)
            cards.append(Card(name, (), after))
        elif name == TARGET_CARD:
            cards.append(Card(name, (), (place_of[capture.output.step],)))
        else:
            output, target = place_of[capture.output.step], len(cards) - 1
            with_target = (output, target) if _has_target(capture) else (output,)
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


__all__ = [
    "INPUT_CARD",
    "Card",
    "OpenCall",
    "Outline",
    "cards_of",
    "default_folded",
    "foldable_paths",
    "outline",
    "same_model",
]
