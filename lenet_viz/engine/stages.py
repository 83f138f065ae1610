"""What a run says that it is doing."""

from typing import Final

from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

BUILDING: Final = message("engine", QT_TRANSLATE_NOOP("engine", "Building the network …"))
IMPORTING: Final = message("engine", QT_TRANSLATE_NOOP("engine", "Importing the model's file …"))
IMPORTED: Final = message("engine", QT_TRANSLATE_NOOP("engine", "Making the model …"))
"""Said when a user's file has been imported; the client ends an engine that does not say it."""
SEARCHING: Final = message(
    "engine", QT_TRANSLATE_NOOP("engine", "Looking for an input that the model takes …")
)
RUNNING: Final = message("engine", QT_TRANSLATE_NOOP("engine", "Forward …"))
BOTH: Final = message("engine", QT_TRANSLATE_NOOP("engine", "Forward and backward …"))
CHECKING: Final = message("engine", QT_TRANSLATE_NOOP("engine", "Trying finite differences …"))
UPDATING: Final = message("engine", QT_TRANSLATE_NOOP("engine", "optimizer.step() …"))
WRITING: Final = message("engine", QT_TRANSLATE_NOOP("engine", "Writing what happened …"))

__all__ = [
    "BOTH",
    "BUILDING",
    "CHECKING",
    "IMPORTED",
    "IMPORTING",
    "RUNNING",
    "SEARCHING",
    "UPDATING",
    "WRITING",
    "Message",
]
