"""Which step, input, parameter or constant a tensor came from."""

from typing import Any
from weakref import ref

import torch

from lenet_viz.capture.records import InputRef, ParameterRef, StepRef

Origin = StepRef | InputRef
_NODE_LIMIT = 10_000


Known = tuple["ref[torch.Tensor]", int, Any, Origin, int]
"""A tensor whose origin is known.

A weak reference to it, because an ``id`` is used again after its end; how often its memory had
been written; its autograd node then; where it came from; which of its node's outputs it is.
"""


UNCOUNTED = -1
"""The version of a tensor of which torch does not count how often it was written."""


def version_of(tensor: torch.Tensor) -> int:
    """Return how often the memory of ``tensor`` was written, `UNCOUNTED` in inference mode."""
    try:
        return tensor._version
    except RuntimeError:  # dearer to ask first: nearly every tensor has one
        return UNCOUNTED


class Producers:
    """Remembers where tensors came from, by identity and by autograd node.

    Attributes:
        known: what is known of tensors, by ``id``, which may be that of a tensor that is no more.
        history: the same for all tensors in the order in which they were made.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.known: dict[int, Known] = {}
        # What is kept here keeps its node, so that its identity is not used again in the run.
        self.history: list[Known] = []
        self._nodes: dict[int, dict[int, Origin]] = {}
        self._sorted_in = 0
        self._writers: dict[int, StepRef] = {}

    def clear(self) -> None:
        """Forget everything, and let the autograd graph go."""
        self.known.clear()
        self.history.clear()
        self._nodes.clear()

    def add(self, tensor: torch.Tensor, origin: Origin) -> None:
        """Remember that ``tensor`` as it is now came from ``origin``."""
        try:  # as `version_of` does it, without one more call
            version = tensor._version
        except RuntimeError:
            version = UNCOUNTED
        known = (ref(tensor), version, tensor.grad_fn, origin, tensor.output_nr)
        self.known[id(tensor)] = known
        self.history.append(known)

    def unchanged(self, tensor: torch.Tensor) -> Origin | None:
        """Return where ``tensor`` came from; None if it was changed since or not seen."""
        known = self.known.get(id(tensor))
        if known is None or known[0]() is not tensor or known[2] is not tensor.grad_fn:
            return None
        return known[3] if known[1] == version_of(tensor) else None

    def find(self, tensor: torch.Tensor) -> Known | None:
        """Return what is known of ``tensor``; it may have been changed since."""
        known = self.known.get(id(tensor))
        return known if known is not None and known[0]() is tensor else None

    def by_node(self, tensor: torch.Tensor) -> Origin | None:
        """Return the origin of the tensor that has the autograd node of ``tensor``."""
        found = self._by_node().get(id(tensor.grad_fn))
        return None if found is None else found.get(tensor.output_nr)

    def wrote(self, tensor: torch.Tensor, writer: StepRef) -> None:
        """Remember that a step wrote the memory of ``tensor``."""
        self._writers[memory_of(tensor)] = writer

    def writer(self, tensor: torch.Tensor) -> StepRef | None:
        """Return the last step that wrote the memory of ``tensor``."""
        return self._writers.get(memory_of(tensor))

    def behind(
        self, node: Any, parameters: dict[int, ParameterRef]
    ) -> tuple[StepRef | InputRef | ParameterRef, ...]:
        """Return the nearest known origins from which an autograd node was computed.

        Args:
            node: where to start; it is not itself looked up.
            parameters: references to parameters by ``id``.
        """
        found: list[StepRef | InputRef | ParameterRef] = []
        seen = {id(node)}
        waiting = [node]
        kept = [node]
        while waiting and len(kept) < _NODE_LIMIT:
            for following, _ in waiting.pop(0).next_functions:
                if following is None or id(following) in seen:
                    continue
                seen.add(id(following))
                kept.append(following)
                origin = self._origin(following, parameters)
                if origin is None:
                    waiting.append(following)
                elif origin not in found:
                    found.append(origin)
        return tuple(found)

    def _by_node(self) -> dict[int, dict[int, Origin]]:
        """Return all origins by their node's identity and the number of its output."""
        # Sorted in only when somebody asks: most models never do.
        for _, _, node, origin, output_nr in self.history[self._sorted_in :]:
            if node is not None:
                self._nodes.setdefault(id(node), {})[output_nr] = origin
        self._sorted_in = len(self.history)
        return self._nodes

    def _origin(
        self, node: Any, parameters: dict[int, ParameterRef]
    ) -> StepRef | InputRef | ParameterRef | None:
        known = self._by_node().get(id(node))
        if known is not None:
            return next(iter(known.values()))
        return parameters.get(id(getattr(node, "variable", None)))


def memory_of(tensor: torch.Tensor) -> int:
    """Return the identity of the memory in which ``tensor`` lies."""
    return int(tensor.untyped_storage()._cdata)
