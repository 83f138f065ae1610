"""What is said where something of a run is wanted and nothing has run."""

from typing import Final

from lenet_viz.session.state import Notice
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

NOTHING_YET: Final = Notice(
    message("Window", QT_TRANSLATE_NOOP("Window", "Nothing has run yet: press Forward (F5).")),
    mistake=True,
)
