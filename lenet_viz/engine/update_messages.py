"""What is said about an update: one step of an optimiser."""

from dataclasses import dataclass

from lenet_viz.network.optimiser import OptimiserChoice


@dataclass(frozen=True, slots=True)
class Trained:
    """A parameter that an optimiser is given.

    Attributes:
        names: its name in the weights' blob; the other names of it where it is tied, too.
        dtype: its logical type, which a blob does not tell.
    """

    names: tuple[str, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """One ``optimizer.step()``.

    Attributes:
        run: a number of its own, given back in the reply.
        optimiser: which optimiser, with its numbers.
        parameters: the parameters it is given, in torch's order.
        weights: name of the blob with all weights; buffers in it stay as they are.
        grads: name of the blob with every ``.grad``; a parameter without one is left alone.
        state: name of the blob with what the optimiser remembers; None where it is new.
        folder: where blobs lie.
    """

    run: int
    optimiser: OptimiserChoice
    parameters: tuple[Trained, ...]
    weights: str
    grads: str
    state: str | None
    folder: str


@dataclass(frozen=True, slots=True)
class UpdateDone:
    """An update has been made.

    Attributes:
        run: the request's number.
        weights: name of the blob with the weights after it.
        state: name of the blob with what the optimiser remembers now, under
            ``<torch's name>:<parameter>``; None where it remembers nothing.
        folder: where both lie.
        spent: see `RunDone`.
    """

    run: int
    weights: str
    state: str | None
    folder: str
    spent: bool = False
