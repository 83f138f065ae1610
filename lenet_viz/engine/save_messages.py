"""What is said about weights that leave the program in torch's own file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """A ``state_dict`` in a ``.pt`` file, or a network as ONNX.

    Attributes:
        run: a number of its own, given back in the reply.
        weights: name of the blob with the ``state_dict``.
        folder: where blobs lie.
        path: the file; its ending says what it holds.
        spec: the network as JSON.
    """

    run: int
    weights: str
    folder: str
    path: str
    spec: str


@dataclass(frozen=True, slots=True)
class SaveDone:
    """A file has been written.

    Attributes:
        run: the request's number.
        path: the file.
        spent: see `RunDone`.
    """

    run: int
    path: str
    spent: bool = False
