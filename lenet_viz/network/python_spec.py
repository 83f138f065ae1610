"""A Python file's model as a network that can be edited: read, checked, never run or guessed."""

import ast
import warnings
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.draft import Draft
from lenet_viz.network.node import Node
from lenet_viz.network.python_calls import MODULES, Made, module_settings
from lenet_viz.network.python_forward import Forward
from lenet_viz.network.python_input import fitting
from lenet_viz.network.python_values import dotted, imported, refuse, refuse_text, short
from lenet_viz.network.shapes import parameters_of
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

LONGEST_TEXT: Final = 200_000
"""Characters of a file that is looked at."""

_FLAT_FEATURES: Final = """
size = x.size()[1:]
num_features = 1
for s in size:
    num_features *= s
return num_features
"""
"""The helper of the first tutorial, which counts a sample's numbers."""


def spec_from_python(
    text: str, name: str = "", input_shape: tuple[int, int, int] | None = None
) -> Spec:
    """Return the network that a file's class makes.

    Args:
        text: the file's text.
        name: the class; the file's only one if "".
        input_shape: channels, height, width of one sample; the smallest usual one that fits if
            None, for a class does not say it.

    Raises:
        UserMistake: it is no Python, or does something that layers here cannot stand for; names
            the line and says what.
    """
    body = _parsed(text)
    names = imported(body)
    found = _class(body, names, name)
    nodes = _nodes(found, names)
    draft = Draft(found.name, input_shape or (1, 1, 1), nodes)
    return fitting(draft, input_shape)


def _parsed(text: str) -> list[ast.stmt]:
    if len(text) > LONGEST_TEXT:
        template = QT_TRANSLATE_NOOP(
            "Python", "The text has {found} characters; at most {most} are read."
        )
        raise UserMistake(message("Python", template, found=len(text), most=LONGEST_TEXT))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except SyntaxError as error:
        template = QT_TRANSLATE_NOOP("Python", "line {line}: {reason}.")
        raise UserMistake(
            message("Python", template, line=error.lineno or 1, reason=error.msg or "")
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        template = QT_TRANSLATE_NOOP("Python", "The text is no Python that can be read.")
        raise UserMistake(message("Python", template)) from error


def _class(body: list[ast.stmt], names: dict[str, str], name: str) -> ast.ClassDef:
    classes = []
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            if any(dotted(base, names) == "torch.nn.Module" for base in statement.bases):
                classes.append(statement)
        elif not _harmless(statement):
            refuse_text(statement)
    chosen = [each for each in classes if each.name == name] if name else classes
    if len(chosen) != 1:
        listed = ", ".join(each.name for each in classes)
        raise UserMistake(message("Python", _which(name, listed), name=name, names=listed))
    found = chosen[0]
    if found.decorator_list or found.keywords or len(found.bases) != 1:
        refuse_text(found)
    return found


def _which(name: str, listed: str) -> str:
    """Return the sentence on why there is no one class to read."""
    if not listed:
        return QT_TRANSLATE_NOOP("Python", "There is no class of nn.Module in it.")
    if name:
        return QT_TRANSLATE_NOOP("Python", "{name} is no class of nn.Module in it: {names} is.")
    return QT_TRANSLATE_NOOP("Python", "It has several classes: {names}. Name one of them.")


def _harmless(statement: ast.stmt) -> bool:
    """Return whether a statement at the top of a file says nothing of its classes."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test) == "__name__ == '__main__'"
    plain = isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
    return (
        plain
        and isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and not statement.value.args
        and not statement.value.keywords
    )


def _nodes(found: ast.ClassDef, names: dict[str, str]) -> tuple[Node, ...]:
    methods: dict[str, ast.FunctionDef] = {}
    for at, statement in enumerate(found.body):
        text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
            methods[statement.name] = statement
        elif not (at == 0 and text):
            refuse_text(statement)
    for wanted in ("__init__", "forward"):
        if wanted not in methods:
            template = QT_TRANSLATE_NOOP("Python", "{name} has no {method}.")
            refuse(found, message("Python", template, name=found.name, method=wanted))
    helper = ""
    for method_name, method in methods.items():
        if method_name in ("__init__", "forward"):
            continue
        if not _counts_features(method):
            template = QT_TRANSLATE_NOOP(
                "Python", "the method {name} is none that is known here; only __init__ and forward."
            )
            refuse(method, message("Python", template, name=method_name))
        helper = method_name
    owner = _arguments(methods["__init__"], 1)[0]
    modules = _modules(methods["__init__"], owner, found.name, names)
    mine, x = _arguments(methods["forward"], 2)
    forward = Forward(names, modules, mine, helper)
    forward.variables[x] = "input"
    last = forward.read(methods["forward"].body)
    return _checked(methods["forward"], forward, last)


def _arguments(method: ast.FunctionDef, count: int) -> tuple[str, ...]:
    given = method.args
    extra = given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults
    if extra or len(given.args) != count:
        template = QT_TRANSLATE_NOOP(
            "Python", "{name} takes other arguments than {wanted}, which a file cannot answer."
        )
        wanted = "self, x" if count == 2 else "self"
        refuse(method, message("Python", template, name=method.name, wanted=wanted))
    return tuple(each.arg for each in given.args)


def _modules(
    method: ast.FunctionDef, owner: str, class_name: str, names: dict[str, str]
) -> dict[str, Made]:
    supers = {"super().__init__()", f"super({class_name}, {owner}).__init__()"}
    modules: dict[str, Made] = {}
    begun = False
    for at, statement in enumerate(method.body):
        if isinstance(statement, ast.Expr) and ast.unparse(statement) in supers:
            begun = True
            continue
        text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if at == 0 and text:
            continue
        if not begun:
            refuse_text(statement)
        name, made = _module(statement, owner, names)
        if name in modules:
            refuse_text(statement)
        modules[name] = made
    return modules


def _module(statement: ast.stmt, owner: str, names: dict[str, str]) -> tuple[str, Made]:
    plain = isinstance(statement, ast.Assign) and len(statement.targets) == 1
    if not plain or not isinstance(statement, ast.Assign):
        refuse_text(statement)
    target, call = statement.targets[0], statement.value
    if not (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == owner
        and isinstance(call, ast.Call)
    ):
        refuse_text(statement)
    full = dotted(call.func, names)
    op = MODULES.get(full.removeprefix("torch.nn.")) if full.startswith("torch.nn.") else None
    if op is None:
        refuse(statement, _no_layer(call))
    return target.attr, Made(op, module_settings(call, op), statement)


def _no_layer(call: ast.Call) -> Message:
    template = QT_TRANSLATE_NOOP("Python", "{name} is no layer that the builder has.")
    return message("Python", template, name=short(call.func))


def _counts_features(method: ast.FunctionDef) -> bool:
    """Return whether a method is the first tutorial's helper, letter by letter."""
    if len(method.args.args) != 2 or method.args.args[1].arg != "x":
        return False
    body = [
        statement
        for at, statement in enumerate(method.body)
        if at or not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]
    return ast.unparse(ast.Module(body, [])).strip() == _FLAT_FEATURES.strip()


def _checked(method: ast.FunctionDef, forward: Forward, last: str) -> tuple[Node, ...]:
    """Return the nodes after a look at what would be lost."""
    nodes = forward.nodes
    called = [node.module for node in nodes if node.module is not None]
    for name, made in forward.modules.items():
        if name not in called:
            template = QT_TRANSLATE_NOOP("Python", "self.{name} is made and never called.")
            refuse(made.line, message("Python", template, name=name))
    used = {last} | {name for node in nodes for name in node.inputs}
    for node in nodes:
        if node.id not in used:
            template = QT_TRANSLATE_NOOP("Python", "what {name} gives is used by nothing.")
            refuse(method, message("Python", template, name=node.id))
    if not nodes or nodes[-1].id != last:
        template = QT_TRANSLATE_NOOP("Python", "forward returns something before its last step.")
        refuse(method, message("Python", template))
    _check_order(forward, nodes)
    return tuple(nodes)


def _check_order(forward: Forward, nodes: list[Node]) -> None:
    """Check that weights are drawn in the order in which layers run."""
    drawn = list(
        dict.fromkeys(node.module for node in nodes if node.module and parameters_of(node))
    )
    made = [name for name in forward.modules if name in drawn]
    for name, wanted in zip(made, drawn, strict=True):
        if name != wanted:
            template = QT_TRANSLATE_NOOP(
                "Python",
                "self.{name} is made before self.{other} and called after it: with the same seed "
                "the weights would differ. Make layers in the order in which they run.",
            )
            refuse(
                forward.modules[name].line,
                message("Python", template, name=name, other=str(wanted)),
            )
