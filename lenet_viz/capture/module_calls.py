"""The calls of modules in which a run's steps ran, numbered as they began."""

from collections import Counter
from collections.abc import Mapping, Sequence

from lenet_viz.capture.drafts import DraftStep
from lenet_viz.capture.module_call import ModuleCall
from lenet_viz.capture.where import Entry


class ModuleCalls:
    """Those calls of a run in which, or in whose own calls, a step ran.

    Attributes:
        records: the calls.
        numbers: for each call its number among ``records``.
    """

    def __init__(self, steps: Sequence[DraftStep], entries: Sequence[Entry]) -> None:
        """Find the calls.

        Args:
            steps: the steps.
            entries: every call of a module, in the order they began.
        """
        used: set[Entry] = set()
        for step in steps:
            entry: Entry | None = step.entry
            while entry is not None and entry not in used:
                used.add(entry)
                entry = entry.within
        totals = Counter(entry.place.path for entry in entries)
        so_far: Counter[str] = Counter()
        records: list[ModuleCall] = []
        numbers: dict[Entry, int] = {}
        for entry in entries:
            path = entry.place.path
            so_far[path] += 1
            if path and entry in used:
                numbers[entry] = len(records)
                parent = None if entry.within is None else numbers.get(entry.within)
                kind = entry.place.kind.__name__
                records.append(ModuleCall(path, kind, so_far[path], totals[path], parent))
        self.records = tuple(records)
        self.numbers: Mapping[Entry, int] = numbers
