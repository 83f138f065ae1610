"""What a Python file's expressions mean, as far as a network needs them; nothing of it runs."""

import ast
from collections.abc import Mapping
from typing import NoReturn

from lenet_viz.errors import UserMistake
from lenet_viz.network.layer_types import SettingValue
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

LONGEST = 60


def refuse(node: ast.AST, reason: Message) -> NoReturn:
    """Say in which line something stands that is no plain network.

    Raises:
        UserMistake: always.
    """
    template = QT_TRANSLATE_NOOP("Python", "line {line}: {reason}")
    line = int(getattr(node, "lineno", 1))
    raise UserMistake(message("Python", template, line=line, reason=reason))


def refuse_text(node: ast.AST) -> NoReturn:
    """Refuse an expression or a statement that is not read, with its text.

    Raises:
        UserMistake: always.
    """
    template = QT_TRANSLATE_NOOP("Python", "“{text}” is not a plain call that can be edited here.")
    refuse(node, message("Python", template, text=short(node)))


def short(node: ast.AST) -> str:
    """Return the text of a piece of Python on one line, shortened."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def value(node: ast.expr) -> SettingValue | None:
    """Return what a literal or a sum or product of whole numbers is.

    Raises:
        UserMistake: it is anything else.
    """
    if isinstance(node, ast.Constant) and (
        node.value is None or isinstance(node.value, bool | int | float | str)
    ):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_whole(one) for one in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = value(node.operand)
        if isinstance(inner, int | float) and not isinstance(inner, bool):
            return -inner
    if isinstance(node, ast.BinOp):
        return _computed(node)
    refuse_text(node)


def _whole(node: ast.expr) -> int:
    found = value(node)
    if type(found) is not int:
        refuse_text(node)
    return found


def _computed(node: ast.BinOp) -> int:
    left, right = _whole(node.left), _whole(node.right)
    if max(abs(left), abs(right)) > 2**40:
        refuse_text(node)
    if isinstance(node.op, ast.Mult):
        return left * right
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.FloorDiv) and right:
        return left // right
    refuse_text(node)


def dotted(node: ast.expr, names: Mapping[str, str]) -> str:
    """Return the full name that an expression stands for: ``torch.nn.Conv2d``; "" for none.

    Args:
        node: a name or an attribute.
        names: what each imported name stands for.
    """
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def imported(body: list[ast.stmt]) -> dict[str, str]:
    """Return what each name means that a file imports at its top."""
    names: dict[str, str] = {}
    for statement in body:
        if isinstance(statement, ast.Import):
            for one in statement.names:
                if one.asname:
                    names[one.asname] = one.name
                else:
                    names[one.name.partition(".")[0]] = one.name.partition(".")[0]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            for one in statement.names:
                names[one.asname or one.name] = f"{statement.module}.{one.name}"
    return names
