"""The names of steps: one rule for what is recorded and for what is derived from a spec."""

from collections import Counter
from collections.abc import Set

RESERVED = frozenset({"input", "target", "loss"})
"""What stands beside the steps wherever they are listed; no step is called so."""


class StepNames:
    """Names steps after their module, else after the op, never twice the same.

    ``conv1``, ``relu``, ``max_pool2d``, ``conv2``, ``relu_2``, ``max_pool2d_2`` … A module called
    ``input`` gives the step ``input_2``, for the run's own input is the first.
    """

    def __init__(self, module_paths: Set[str]) -> None:
        """Keep the modules' paths for their own steps: a function never gets such a name."""
        self._module_paths = module_paths
        self._taken: set[str] = set(RESERVED)
        self._counts: Counter[str] = Counter()

    def next(self, op: str, module: str) -> str:
        """Return the name of the next step.

        Args:
            op: what runs.
            module: path of the module that bears the step; "" for a function.
        """
        base = module or op
        while True:
            self._counts[base] += 1
            count = self._counts[base]
            name = base if count == 1 else f"{base}_{count}"
            if name not in self._taken and (module or name not in self._module_paths):
                self._taken.add(name)
                return name
