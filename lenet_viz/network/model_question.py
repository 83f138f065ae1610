"""A mistake that an answer would mend: which class, which arguments, is the new text agreed to."""

from lenet_viz.errors import UserMistake
from lenet_viz.wording import Message


class ModelQuestion(UserMistake):
    """Something is to be chosen before a model can be made.

    Attributes:
        kind: ``changed`` (the file is not the one agreed to; ``options`` has the hash it has now),
            ``choose`` (``options`` has the names, the likeliest first), ``arguments``
            (``options`` has the signature), ``shape`` (no input was found that the model takes;
            ``options`` has the names of what ``forward`` takes), ``keyword`` (``forward`` takes an
            argument that is no tensor; ``options`` has its name) or ``digit`` (a digit fits none
            of the inputs).
        options: see above.
    """

    def __init__(self, message: Message, kind: str, options: tuple[str, ...] = ()) -> None:
        """Keep the sentence and what is asked."""
        super().__init__(message)
        self.kind = kind
        self.options = options
