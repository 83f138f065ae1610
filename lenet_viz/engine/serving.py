"""Which request is answered by whom."""

from collections.abc import Callable

from lenet_viz.engine.finite_difference import check
from lenet_viz.engine.messages import CheckRequest, Done, Request
from lenet_viz.engine.save import save
from lenet_viz.engine.save_messages import SaveRequest
from lenet_viz.engine.torch_run import run
from lenet_viz.engine.update import update
from lenet_viz.engine.update_messages import UpdateRequest
from lenet_viz.wording import Message


def serve(request: Request, progress: Callable[[Message, float], None]) -> Done:
    """Return the answer to a request.

    Args:
        request: a run, a check, an update or a file to write.
        progress: called with a stage and how much is done, 0 to 1.

    Raises:
        UserMistake: something in the request cannot be used.
        RunBroke: a file in the request's folder cannot be read or written.
    """
    if isinstance(request, SaveRequest):
        return save(request, progress)
    if isinstance(request, UpdateRequest):
        return update(request, progress)
    return check(request, progress) if isinstance(request, CheckRequest) else run(request, progress)
