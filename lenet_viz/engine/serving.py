"""Which request is answered by whom."""

from collections.abc import Callable

from lenet_viz.engine.finite_difference import check
from lenet_viz.engine.messages import CheckDone, CheckRequest, Request, RunDone, RunFailed
from lenet_viz.engine.torch_run import run
from lenet_viz.wording import Message


def serve(
    request: Request, progress: Callable[[Message, float], None]
) -> RunDone | CheckDone | RunFailed:
    """Return the answer to a request.

    Args:
        request: a run or a check.
        progress: called with a stage and how much is done, 0 to 1.

    Raises:
        UserMistake: something in the request cannot be used.
        RunBroke: a file in the request's folder cannot be read or written.
    """
    return check(request, progress) if isinstance(request, CheckRequest) else run(request, progress)
