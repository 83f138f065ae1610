"""What goes wrong, as values that a person can act on."""

from lenet_viz.wording import Message


class LenetVizError(Exception):
    """Anything this program reports in a sentence instead of a traceback.

    Attributes:
        message: the sentence, translatable: what, where, found, wanted, what to do.
    """

    def __init__(self, message: Message) -> None:
        """Keep ``message``; ``str(error)`` is its English form."""
        super().__init__(message.english())
        self.message = message


class UserMistake(LenetVizError):
    """Something the user gave cannot be used; the command line ends with status 2."""


class RunBroke(LenetVizError):
    """A run could not be finished, and nothing that the user gave is to blame for it."""


class EngineLost(LenetVizError):
    """The process that runs torch ended or no longer answers."""
