"""A call of a module in a run, as a value: what its steps can be folded into."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """One call of a module.

    Attributes:
        path: the module's path, such as ``encoder.layer1``; never that of the model itself.
        type: its class name.
        call: which call of this module it is, from 1.
        calls: how many there were in the run.
        parent: number of the call it was made in; None where the model itself made it.
    """

    path: str
    type: str
    call: int
    calls: int
    parent: int | None
