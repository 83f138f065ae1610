"""Whose code a request runs: what it changes of torch itself must hold for nobody else's run."""

from lenet_viz.engine.messages import Request, RunRequest
from lenet_viz.engine.save_messages import SaveRequest
from lenet_viz.engine.update_messages import UpdateRequest
from lenet_viz.network.model_code import ModelCode

CodeId = tuple[str, str]
"""A file's path and the SHA-256 of its text."""


def model_of(request: Request) -> ModelCode | None:
    """Return the user's code that a run, or a check of one, runs; None where it runs none."""
    if isinstance(request, UpdateRequest | SaveRequest):
        return None
    return request.model if isinstance(request, RunRequest) else request.of.model


def code_of(request: Request) -> CodeId | None:
    """Return what tells one user's code from another's; None where a request runs none."""
    model = model_of(request)
    return None if model is None else (model.path, model.sha256)
