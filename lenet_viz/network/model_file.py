"""A user's Python file as a model. Its code runs here, and so only in the engine."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from torch import nn

from lenet_viz.errors import LenetVizError, UserMistake
from lenet_viz.network.literals import literal_arguments
from lenet_viz.network.model_code import ModelCode, read_code
from lenet_viz.network.model_failures import failure
from lenet_viz.network.model_names import chosen
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.network.neighbours import importable
from lenet_viz.network.surroundings import surroundings_kept
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_LONGEST: Final = 300

_WANTS = QT_TRANSLATE_NOOP(
    "Network",
    "{name} of {file} takes arguments: {name}{signature}. {reason} "
    "Write them after the name, as plain values: {word}(…).",
)
_NO_CALL = QT_TRANSLATE_NOOP(
    "Network",
    "{name} of {file} is a model already and takes no arguments; found: ({arguments}). "
    "Leave them out: {word}.",
)
_NOT_A_MODEL = QT_TRANSLATE_NOOP(
    "Network",
    "{name} of {file} is a {found}; wanted: a class made from torch.nn.Module, an object of one, "
    "or a function that returns one. Name another.",
)
_RETURNED = QT_TRANSLATE_NOOP(
    "Network",
    "{name} of {file} returned {found}; wanted: a torch.nn.Module. {hint}",
)
_RETURN_IT = QT_TRANSLATE_NOOP("Network", "End it with a return of the model.")
_CALL_IT = QT_TRANSLATE_NOOP("Network", "Have it return an object of that class: {found}(…).")
_NO_INIT = QT_TRANSLATE_NOOP(
    "Network",
    "{name} of {file} was made without torch.nn.Module's own __init__. "
    "Begin its __init__ with super().__init__().",
)


def load_model(code: ModelCode) -> nn.Module:
    """Return the model that a user's file makes, and everything else as it was before.

    Weights are drawn from torch's generator as it is; the generator ends as it was.

    Args:
        code: the file, and which name in it.

    Raises:
        UserMistake: the file cannot be read or has changed (`ModelQuestion`), raises, exits,
            waits for input, or makes no model; names the line of the user's file.
    """
    with surroundings_kept(), model_loaded(code) as (model, _):
        return model


@contextmanager
def model_loaded(
    code: ModelCode, imported: Callable[[], None] = lambda: None
) -> Iterator[tuple[nn.Module, Callable[[], nn.Module]]]:
    """Give the model of a user's file, and what makes it again, while its modules can be imported.

    A model may import in its ``forward``, so it runs inside this. What else its code changes is
    put back by `surroundings_kept` around it.

    Args:
        code: the file, and which name in it.
        imported: called when the file has been imported, before the model is made.

    Raises:
        UserMistake: see `load_model`.
    """
    data = read_code(code)
    imports = importable(code, data)
    try:
        module = imports.__enter__()
    except BaseException as error:
        raise _told(error, code) from error
    try:
        imported()
        name, found = chosen(module, code)
        yield _made(code, name, found), lambda: _made(code, name, found)
    finally:
        imports.__exit__(None, None, None)


def _told(error: BaseException, code: ModelCode, name: str = "") -> LenetVizError:
    return error if isinstance(error, LenetVizError) else failure(error, code, name)


def _made(code: ModelCode, name: str, found: Any) -> nn.Module:
    """Return the model itself, or what calling the class or function gives."""
    word, file = f"{Path(code.path).name}:{name}", code.path
    told: dict[str, Any] = {"name": name, "file": file}
    if isinstance(found, nn.Module):
        if code.arguments:
            raise UserMistake(
                message("Network", _NO_CALL, word=word, arguments=code.arguments, **told)
            )
        return _initialised(found, told)
    model_class = isinstance(found, type) and issubclass(found, nn.Module)
    if not model_class and (isinstance(found, type) or not callable(found)):
        kind = f"class {found.__name__}" if isinstance(found, type) else type(found).__name__
        raise UserMistake(message("Network", _NOT_A_MODEL, found=kind, **told))
    args, kwargs = literal_arguments(code.arguments)
    _check_arguments(found, args, kwargs, word, told)
    try:
        model = found(*args, **kwargs)
    except BaseException as error:
        raise _told(error, code, name) from error
    if not isinstance(model, nn.Module):
        raise UserMistake(_wrong_return(model, told))
    return _initialised(model, told)


def _check_arguments(
    found: Any, args: tuple[Any, ...], kwargs: dict[str, Any], word: str, told: dict[str, Any]
) -> None:
    """Ask for other arguments where those given do not fit the signature."""
    try:
        signature = inspect.signature(found)
        text = str(signature)
    except Exception:  # noqa: BLE001 - compiled code has none; a default of the user's may not print
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
        reason = str(error)
        reason = reason[:1].upper() + reason[1:] + "."
        sentence = message("Network", _WANTS, signature=text, reason=reason, word=word, **told)
        raise ModelQuestion(sentence, "arguments", (text,)) from error


def _wrong_return(found: Any, told: dict[str, Any]) -> Any:
    if inspect.iscoroutine(found):
        found.close()
    if isinstance(found, type) and issubclass(found, nn.Module):
        kind, hint = f"class {found.__name__}", message("Network", _CALL_IT, found=found.__name__)
    else:
        kind = "None" if found is None else f"{type(found).__name__}"
        hint = message("Network", _RETURN_IT)
    return message("Network", _RETURNED, found=kind, hint=hint, **told)


def _initialised(model: nn.Module, told: dict[str, Any]) -> nn.Module:
    if "_modules" not in vars(model) or "_parameters" not in vars(model):
        raise UserMistake(message("Network", _NO_INIT, **told))
    return model
