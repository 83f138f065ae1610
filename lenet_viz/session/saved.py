"""What becomes of the state when the engine has written a file."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lenet_viz.engine.messages import Lost, Reply, RunFailed
from lenet_viz.engine.save_messages import SaveDone
from lenet_viz.session.state_parts import Notice
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.session.state import State


def saved(state: "State", reply: Reply) -> "State | None":
    """Return the state after a reply to what is being saved; None where it is no such reply."""
    if not state.saving or not isinstance(reply, SaveDone | RunFailed | Lost):
        return None
    if reply.run != state.saving:
        return None
    if isinstance(reply, SaveDone):
        template = QT_TRANSLATE_NOOP("Files", "{file} is written.")
        return replace(state, saving=0, notice=Notice(message("Files", template, file=reply.path)))
    return replace(state, saving=0, notice=Notice(reply.message, mistake=True))
