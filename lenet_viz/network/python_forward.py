"""The body of ``forward`` as nodes: straight lines of calls, each checked."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lenet_viz.network.edit_defaults import BEGINNINGS
from lenet_viz.network.layer_types import LAYER_TYPES, SettingValue
from lenet_viz.network.node import INPUT, Node
from lenet_viz.network.python_calls import Made, function_op, function_settings, method_op
from lenet_viz.network.python_values import dotted, refuse, refuse_text, short, value
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


@dataclass
class Forward:
    """Reads ``forward``.

    Attributes:
        names: what imported names stand for.
        modules: what ``__init__`` has made, by name.
        owner: what ``self`` is called.
        flat_features: the name of a method that counts a sample's numbers; "" for none.
        nodes: the nodes so far.
        variables: which node each variable holds.
    """

    names: Mapping[str, str]
    modules: Mapping[str, Made]
    owner: str
    flat_features: str = ""
    nodes: list[Node] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def read(self, body: list[ast.stmt]) -> str:
        """Read the statements and return the node that is returned.

        Raises:
            UserMistake: a statement is none that can be edited; names its line.
        """
        for at, statement in enumerate(body):
            if isinstance(statement, ast.Return):
                if statement.value is None or at != len(body) - 1:
                    refuse_text(statement)
                return self._tensor(statement.value)
            self._statement(statement, first=at == 0)
        template = QT_TRANSLATE_NOOP("Python", "forward returns nothing.")
        refuse(body[-1], message("Python", template))

    def _statement(self, statement: ast.stmt, *, first: bool) -> None:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                self.variables[target.id] = self._tensor(statement.value)
                return
        if isinstance(statement, ast.AugAssign):
            self._add_in_place(statement)
            return
        text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not (first and text):
            refuse_text(statement)

    def _add_in_place(self, statement: ast.AugAssign) -> None:
        target = statement.target
        if not isinstance(statement.op, ast.Add) or not isinstance(target, ast.Name):
            refuse_text(statement)
        mine = self._known(target)
        if list(self.variables.values()).count(mine) > 1 or mine == INPUT:
            template = QT_TRANSLATE_NOOP(
                "Python", "“{text}” writes over a tensor that another name holds too."
            )
            refuse(statement, message("Python", template, text=short(statement)))
        self.variables[target.id] = self._made("add", (mine, self._tensor(statement.value)), {})

    # -- expressions ---------------------------------------------------------------------------

    def _tensor(self, node: ast.expr) -> str:
        """Return the node that an expression gives."""
        if isinstance(node, ast.Name):
            return self._known(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._made("add", (self._tensor(node.left), self._tensor(node.right)), {})
        if isinstance(node, ast.Call):
            return self._call(node)
        refuse_text(node)

    def _known(self, node: ast.Name) -> str:
        if node.id not in self.variables:
            template = QT_TRANSLATE_NOOP("Python", "{name} is no tensor that is known here.")
            refuse(node, message("Python", template, name=node.id))
        return self.variables[node.id]

    def _call(self, call: ast.Call) -> str:
        if any(isinstance(one, ast.Starred) for one in call.args):
            refuse_text(call)
        called = call.func
        if isinstance(called, ast.Attribute):
            if isinstance(called.value, ast.Name) and called.value.id == self.owner:
                return self._module(call, called.attr)
            full = dotted(called, self.names)
            if full:
                return self._function(call, full)
            return self._method(call, called)
        full = dotted(called, self.names)
        if full:
            return self._function(call, full)
        refuse_text(call)

    def _module(self, call: ast.Call, name: str) -> str:
        made = self.modules.get(name)
        if made is None or call.keywords or len(call.args) != 1:
            refuse_text(call)
        source = self._tensor(call.args[0])
        taken = {node.id for node in self.nodes}
        node_id, number = name, 2
        while node_id in taken:
            node_id, number = f"{name}_{number}", number + 1
        self.nodes.append(Node(node_id, made.op, (source,), made.settings, name))
        return node_id

    def _function(self, call: ast.Call, full: str) -> str:
        if full in ("torch.cat", "torch.concat"):
            return self._joined(call)
        if full == "torch.add" and len(call.args) == 2 and not call.keywords:
            first, second = (self._tensor(one) for one in call.args)
            return self._made("add", (first, second), {})
        if full == "torch.nn.functional.dropout":
            return self._dropout(call)
        key = function_op(full)
        if not key or not call.args:
            refuse_text(call)
        source = self._tensor(call.args[0])
        op, settings = function_settings(call, key, call.args[1:], call.keywords)
        return self._made(op, (source,), settings)

    def _method(self, call: ast.Call, called: ast.Attribute) -> str:
        source = self._tensor(called.value)
        if called.attr in ("view", "reshape"):
            return self._view(call, called.value, source)
        key = method_op(called.attr)
        if not key:
            refuse_text(call)
        op, settings = function_settings(call, key, call.args, call.keywords)
        return self._made(op, (source,), settings)

    def _view(self, call: ast.Call, tensor: ast.expr, source: str) -> str:
        sizes = call.args
        if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple | ast.List):
            sizes = sizes[0].elts
        if call.keywords or not sizes:
            refuse_text(call)
        flat = len(sizes) == 2 and (
            (self._is_batch(sizes[0], tensor) and _is_minus_one(sizes[1]))
            or (_is_minus_one(sizes[0]) and self._is_flat_count(sizes[1], tensor))
        )
        if flat:  # all numbers of a sample behind the batch
            return self._made("flatten", (source,), {"start_dim": 1})
        shape = tuple(value(one) for one in sizes)
        if not all(type(size) is int for size in shape):
            refuse_text(call)
        return self._made("view", (source,), {"shape": shape})  # type: ignore[dict-item]

    def _is_batch(self, node: ast.expr, tensor: ast.expr) -> bool:
        """Return whether an expression is the batch size of a tensor: ``x.size(0)``."""
        name = ast.unparse(tensor)
        return ast.unparse(node) in (f"{name}.size(0)", f"{name}.shape[0]", f"len({name})")

    def _is_flat_count(self, node: ast.expr, tensor: ast.expr) -> bool:
        called = f"{self.owner}.{self.flat_features}({ast.unparse(tensor)})"
        return bool(self.flat_features) and ast.unparse(node) == called

    def _joined(self, call: ast.Call) -> str:
        if not call.args or not isinstance(call.args[0], ast.Tuple | ast.List):
            refuse_text(call)
        given = dict(zip(("dim",), call.args[1:], strict=False))
        given |= {one.arg: one.value for one in call.keywords if one.arg}
        if set(given) - {"dim"} or len(call.args) > 2:
            refuse_text(call)
        sources = tuple(self._tensor(one) for one in call.args[0].elts)
        dim = value(given["dim"]) if "dim" in given else 0
        if type(dim) is not int or len(sources) < 2:
            refuse_text(call)
        return self._made("cat", sources, {"dim": dim})

    def _dropout(self, call: ast.Call) -> str:
        keywords = [one for one in call.keywords if one.arg != "training"]
        training = [one.value for one in call.keywords if one.arg == "training"]
        if not training or ast.unparse(training[0]) != f"{self.owner}.training":
            template = QT_TRANSLATE_NOOP(
                "Python", "F.dropout without training=self.training never ends in eval mode."
            )
            refuse(call, message("Python", template))
        given = {one.arg: value(one.value) for one in keywords}
        if len(call.args) == 2:
            given["p"] = value(call.args[1])
        inplace = given.pop("inplace", False)
        if not call.args or len(call.args) > 2 or set(given) - {"p"} or inplace is not False:
            refuse_text(call)
        source = self._tensor(call.args[0])
        settings: dict[str, SettingValue] = {"p": p} if (p := given.get("p")) is not None else {}
        return self._made("dropout", (source,), settings)

    def _made(self, op: str, sources: tuple[str, ...], settings: Mapping[str, SettingValue]) -> str:
        """Add a node for a call of a function and return its name."""
        taken = {node.id for node in self.nodes} | set(self.modules) | {INPUT}
        begins, number = BEGINNINGS.get(op, op), 1
        while f"{begins}{number}" in taken:
            number += 1
        style: Literal["functional"] | None = "functional" if LAYER_TYPES[op].functional else None
        name = f"{begins}{number}"
        self.nodes.append(Node(name, op, sources, settings, None, style))
        return name


def _is_minus_one(node: ast.expr) -> bool:
    return ast.unparse(node) == "-1"
