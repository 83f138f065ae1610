"""An input that a model takes, found by trying."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn

from lenet_viz.engine.guesses import Candidate, Slot, first_candidates, slots_of
from lenet_viz.engine.messages import InputRequest
from lenet_viz.engine.model_inputs import input_tensors, ranged
from lenet_viz.engine.outputs import first_tensor
from lenet_viz.engine.probe import Tried, probe
from lenet_viz.engine.repairs import Memory, numbers, repaired
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_failures import sentence_of
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

SECONDS: Final = 10.0
"""How long candidates are tried; one that has begun comes to its end."""

_MOST_TRIES: Final = 250
_MOST_NUMBERS: Final = 2**24
_SHOWN: Final = 6

_NOTHING = QT_TRANSLATE_NOOP(
    "engine",
    "No input was found that the model takes. Tried: {tried}. The one that came furthest, "
    "{furthest}, ended with: {reason} Say the shape of each tensor that forward takes ({names}), "
    "the batch first, as in 1,3,32,32.",
)
_MORE = QT_TRANSLATE_NOOP("engine", "{listed} and {count} more")


class NoInputFits(ModelQuestion):
    """Nothing was found that a model takes.

    Attributes:
        furthest: the shapes with which forward came furthest; None where none was tried.
        tried: how many were tried.
    """

    def __init__(
        self,
        told: Message,
        names: tuple[str, ...],
        furthest: tuple[InputShape, ...] | None,
        tried: int,
    ) -> None:
        """Keep what came nearest."""
        super().__init__(told, "shape", names)
        self.furthest = furthest
        self.tried = tried


@dataclass(frozen=True, slots=True)
class _Failure:
    candidate: Candidate
    tried: Tried


def propose(
    make: Callable[[], nn.Module],
    keywords: Mapping[str, Any] | None = None,
    *,
    seconds: float = SECONDS,
) -> tuple[InputShape, ...]:
    """Return what a model can be called with, found by calling it.

    First guesses come from the arguments of ``forward`` and the modules; each failure tells what
    to try next: the channels a convolution wants, the features a linear layer wants, and so on.

    Args:
        make: gives a model that may be changed by being called.
        keywords: further keyword arguments of ``forward``.
        seconds: no new try is begun after this time.

    Raises:
        NoInputFits: nothing was found. It says what was tried, what came furthest and why it
            failed.
    """
    model = make()
    given = dict(keywords or {})
    slots = slots_of(model, given)
    search = _Search(model, slots, given, time.monotonic() + seconds)
    found = search.run()
    if found is None:
        best = search.furthest()
        raise NoInputFits(
            search.reason(),
            tuple(slot.name for slot in slots),
            None if best is None else best.candidate.shapes(slots),
            search.count,
        )
    return found.shapes(slots)


class _Search:
    """Candidates that wait to be tried, the best on top."""

    def __init__(
        self, model: nn.Module, slots: tuple[Slot, ...], keywords: dict[str, Any], until: float
    ) -> None:
        self._model = model
        self._slots = slots
        self._keywords = keywords
        self._until = until
        self._memory = Memory()
        self._failures: list[_Failure] = []
        self._odd: Candidate | None = None
        self._odd_tries = 0

    def run(self) -> Candidate | None:
        """Return the first candidate that the model takes; None where none was found."""
        waiting = list(reversed(first_candidates(self._model, self._slots)))
        seen: set[Candidate] = set()
        while waiting and len(seen) < _MOST_TRIES and not self._over(seen):
            candidate = waiting.pop()
            if candidate in seen or numbers(candidate) > _MOST_NUMBERS:
                continue
            seen.add(candidate)
            tried = self._try(candidate)
            if tried.error is None and self._good(candidate, tried):
                return candidate
            if tried.error is not None:
                self._failures.append(_Failure(candidate, tried))
            waiting += reversed(repaired(candidate, tried, self._memory))
        return self._odd

    def _over(self, seen: set[Candidate]) -> bool:
        """Return whether to stop: time is up, or a doubtful find has not been bettered."""
        return bool(seen) and (time.monotonic() > self._until or self._odd_tries > 8)

    def _good(self, candidate: Candidate, tried: Tried) -> bool:
        """Return whether forward not only ran, but gave one row for each of the batch.

        ``view(-1, 576)`` takes any picture whose numbers 576 divides, and makes several rows.
        """
        _, tensor = first_tensor(tried.output)
        odd = (
            tensor is not None
            and tensor.dim() == 2
            and tensor.shape[0] != candidate.batch
            and candidate.uses("S")
        )
        if not odd:
            return True
        self._odd = self._odd or candidate
        self._odd_tries += 1
        return False

    def _try(self, candidate: Candidate) -> Tried:
        shapes = ranged(candidate.shapes(self._slots))
        try:
            tensors = input_tensors(shapes, InputRequest("random"))
        except RuntimeError as error:  # no memory for it
            return Tried(error=error)
        args, kwargs = self._arguments(shapes, tensors)
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the run itself gives them once more
            return probe(self._model, tensors, lambda model: model(*args, **kwargs))

    def _arguments(
        self, shapes: Sequence[InputShape], tensors: Sequence[torch.Tensor]
    ) -> tuple[list[torch.Tensor], dict[str, Any]]:
        pairs = list(zip(shapes, tensors, strict=True))
        named = {shape.name: tensor for shape, tensor in pairs if shape.name}
        return [tensor for shape, tensor in pairs if not shape.name], {**named, **self._keywords}

    def reason(self) -> Message:
        """Return what was tried, what came furthest, and why it failed."""
        failures = self._failures
        tried = list(dict.fromkeys(self._words(failure.candidate) for failure in failures))
        listed: Message | str = "; ".join(tried[:_SHOWN])
        if len(tried) > _SHOWN:
            count = len(tried) - _SHOWN
            listed = message("engine", _MORE, listed=str(listed), count=count)
        best = self.furthest()
        return message(
            "engine",
            _NOTHING,
            tried=listed,
            furthest="-" if best is None else self._words(best.candidate),
            reason=""
            if best is None or best.tried.error is None
            else sentence_of(best.tried.error),
            names=", ".join(slot.name for slot in self._slots),
        )

    @property
    def count(self) -> int:
        """How many shapes were tried and refused."""
        return len({self._words(failure.candidate) for failure in self._failures})

    def furthest(self) -> _Failure | None:
        """Return the try in which most ops ran; None where there was none."""
        return max(self._failures, key=lambda failure: failure.tried.ops, default=None)

    def _words(self, candidate: Candidate) -> str:
        return " ".join(shape.words() for shape in candidate.shapes(self._slots))
