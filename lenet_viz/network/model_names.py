"""Which name in a user's file is the model."""

import inspect
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

from torch import nn

from lenet_viz.errors import UserMistake
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_MOST_SHOWN: Final = 12

_NONE = QT_TRANSLATE_NOOP(
    "Network",
    "{file} has no model in it: no class made from torch.nn.Module and no such object{functions}. "
    "Write class Net(torch.nn.Module): …, or check that this is the model's file.",
)
_FUNCTIONS = QT_TRANSLATE_NOOP(
    "Network",
    " (a function that makes a model is taken only when it is named, as in {word}; there are: "
    "{names})",
)
_SEVERAL = QT_TRANSLATE_NOOP(
    "Network",
    "{file} has several models: {names}. Say which one: {word}.",
)
_NO_SUCH = QT_TRANSLATE_NOOP(
    "Network", "{file} has no {name} in it. It has: {names}. Say which one: {word}."
)
_NO_SUCH_AND_NONE = QT_TRANSLATE_NOOP(
    "Network",
    "{file} has no {name} in it, nor anything else that is a model. Check the name and the file.",
)


def chosen(module: ModuleType, code: ModelCode) -> tuple[str, Any]:
    """Return the name and the object that a user means: a class, a function or a model.

    Args:
        module: the user's file after its import.
        code: how the user named it.

    Raises:
        ModelQuestion: there are several, or none of that name; of kind ``choose``.
        UserMistake: there is none at all.
    """
    file = Path(code.path).name
    if code.name:
        found = vars(module).get(code.name, _MISSING)
        if found is _MISSING:
            found = getattr(module, code.name, _MISSING)  # a module may make names when asked
        if found is not _MISSING:
            return code.name, found
        raise _no_such_name(module, code, file)
    names = _models(module)
    if not names:
        raise UserMistake(_nothing(module, code, file))
    if len(names) > 1:
        template = message(
            "Network", _SEVERAL, file=code.path, names=_listed(names), word=f"{file}:{names[0]}"
        )
        raise ModelQuestion(template, "choose", names)
    return names[0], vars(module)[names[0]]


_MISSING: Final = object()


def _no_such_name(module: ModuleType, code: ModelCode, file: str) -> UserMistake:
    names = (*_models(module), *_functions(module))
    if not names:
        return UserMistake(message("Network", _NO_SUCH_AND_NONE, file=code.path, name=code.name))
    told = message(
        "Network",
        _NO_SUCH,
        file=code.path,
        name=code.name,
        names=_listed(names),
        word=f"{file}:{names[0]}",
    )
    return ModelQuestion(told, "choose", names)


def _nothing(module: ModuleType, code: ModelCode, file: str) -> Message:
    names = _functions(module)
    told: Message | str = ""
    if names:
        word = f"{file}:{names[0]}"
        told = message("Network", _FUNCTIONS, word=word, names=_listed(names))
    return message("Network", _NONE, file=code.path, functions=told)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_MOST_SHOWN]) + (", …" if len(names) > _MOST_SHOWN else "")


def _models(module: ModuleType) -> tuple[str, ...]:
    """Return the names of all models in a file, the likeliest first.

    Instances come before classes, what is defined last before what it is made of. A class is not
    listed where the file has an instance of it. What the file merely imports counts only where
    there is nothing else.
    """
    instances = {n: v for n, v in vars(module).items() if _is_model(v)}
    classes = {n: v for n, v in vars(module).items() if _is_class(v) and n not in instances}
    own = {n: v for n, v in classes.items() if v.__module__ == module.__name__}
    classes = own or {n: v for n, v in classes.items() if not v.__module__.startswith("torch.")}
    made = {type(value) for value in instances.values()}
    names = [n for n, v in classes.items() if v not in made]
    return (*_once(instances), *_once({n: classes[n] for n in names}))


def _once(found: dict[str, Any]) -> tuple[str, ...]:
    """Return the names from the last on, one for each object."""
    names = {id(value): name for name, value in reversed(found.items())}
    return tuple(names.values())


def _is_model(value: object) -> bool:
    loss = type(value).__module__ == "torch.nn.modules.loss"
    return isinstance(value, nn.Module) and not loss


def _is_class(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, nn.Module) and value is not nn.Module


def _functions(module: ModuleType) -> tuple[str, ...]:
    return tuple(
        name
        for name, value in reversed(vars(module).items())
        if isinstance(value, FunctionType)
        and value.__module__ == module.__name__
        and not name.startswith("_")
        and not inspect.iscoroutinefunction(value)
    )
