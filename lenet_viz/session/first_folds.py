"""What is folded when a run is first shown."""

from collections import Counter
from collections.abc import Sequence

from lenet_viz.capture.records import Capture, ModuleCall
from lenet_viz.session.step_groups import ends_of, groups_of, sizes_of

MOST_CARDS = 40
"""A run of more cards is folded."""


def default_folded(capture: Capture) -> frozenset[str]:
    """Return what is folded when a run is first shown: nothing, unless it is long.

    Of a long run the outermost modules are folded, and as many of the largest unfolded again as
    there is room for.
    """
    calls, sizes = capture.module_calls, sizes_of(capture)
    ends = len(ends_of(capture)) + max(1, len(capture.input_values))
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
        if sum(1 for _ in groups_of(capture, sizes, frozenset(tried))) <= most:
            folded = frozenset(tried)
        else:
            refused.add(asked[0])


def _outer(calls: Sequence[ModuleCall], sizes: Sequence[int], number: int | None) -> int | None:
    while number is not None and sizes[number] < 2:
        number = calls[number].parent
    return number
