"""Random networks as Python text: as a user writes them, and out of place for comparison.

Each op is run while it is being written, so that shapes, views and what cannot be done come from
torch itself. The reference has a variable for every value and never writes over one; what was
written through a view is put into its base with ``slice_scatter`` and the like.
"""

import linecache
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.capture.program_words import JOINS, KINDS, Kind

_SPACE = {"torch": torch, "F": F, "nn": nn}


@dataclass
class Wanted:
    """A step that the record must have.

    Attributes:
        op: torch's name of it; ``alias`` for a value whose memory was written elsewhere.
        module: path of the module in which it runs.
        parents: numbers of the steps whose values it takes.
        values: names of its outputs in the reference.
        writes: whether it writes over an argument.
        views: whether its output is a view of other memory.
        hidden: outputs that autograd gives no whole gradient.
        doubtful: outputs that may lack a gradient because of a later alias.
        line: the user's line.
    """

    op: str
    module: str
    parents: tuple[int, ...]
    values: list[str]
    writes: bool = False
    views: bool = False
    hidden: set[int] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)
    line: str = ""


@dataclass
class Memory:
    """Memory that variables share.

    Attributes:
        value: the reference's name for the contents of the whole.
        saved: whether backward needs the contents as they are.
        version: how often it was written.
        writer: the step that wrote last.
    """

    value: str
    saved: bool = False
    version: int = 0
    writer: int = -1


@dataclass
class Variable:
    """A tensor of the user's program: its value, and how it lies in its memory."""

    value: str
    memory: Memory
    views: tuple[tuple[str, str], ...] = ()
    version: int = 0
    step: int = -1
    output: int = 0


@dataclass(frozen=True)
class Program:
    """A network, its reference, and the steps its record must have."""

    seed: int
    text: str
    reference_text: str
    wanted: list[Wanted]
    shape: tuple[int, ...]
    training: bool

    def model(self) -> nn.Module:
        """Return the network, made and set as its seed says."""
        file = f"<random network {self.seed}>"
        space: dict[str, Any] = {**_SPACE, "__name__": "random_network"}
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(True), file)
        exec(compile(self.text, file, "exec"), space)
        torch.manual_seed(self.seed)
        made: nn.Module = space["Net"]()
        return made.train(self.training)

    def input(self) -> Tensor:
        """Return the network's input."""
        return torch.randn(self.shape, generator=torch.Generator().manual_seed(self.seed))

    def vector(self, output: Tensor) -> Tensor:
        """Return the upstream gradient v for an output."""
        return torch.randn(output.shape, generator=torch.Generator().manual_seed(self.seed))

    def is_faithful(self) -> bool:
        """Return whether a bare run gives the output and gradients of the reference, bit by bit.

        Torch adds up in another order where memory is laid out in another order, which happens
        for one network in a few hundred.
        """
        made, again = self.model(), self.model()
        x, y = self.input().requires_grad_(), self.input().requires_grad_()
        torch.manual_seed(self.seed)
        bare = made(x.clone())
        bare.backward(self.vector(bare))
        torch.manual_seed(self.seed)
        output, _ = self.reference(again, y)
        output.backward(self.vector(bare))
        pairs = [(bare.detach(), output.detach()), (x.grad, y.grad)]
        pairs += [
            (p.grad, q.grad) for p, q in zip(made.parameters(), again.parameters(), strict=True)
        ]
        return all(
            p is q or (p is not None and q is not None and same(p, q, self.scatters))
            for p, q in pairs
        )

    def reference(self, net: nn.Module, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the output and every value by its name, each in memory of its own."""
        space: dict[str, Any] = {**_SPACE, "net": net, "x": x}
        exec(compile(self.reference_text, "<reference>", "exec"), space)
        return space["output"], space

    @property
    def aliases(self) -> int:
        """How many values were used after their memory had been written elsewhere."""
        return sum(step.op == "alias" for step in self.wanted)

    @property
    def scatters(self) -> bool:
        """Whether the reference puts parts back into a whole."""
        return "_scatter(" in self.reference_text

    @property
    def writes(self) -> bool:
        """Whether anything is written in place."""
        return any(step.writes for step in self.wanted)


class Unwritable(Exception):
    """A line that torch does not run."""


def same(one: Tensor, other: Tensor, one_zero: bool) -> bool:
    """Return whether two tensors are equal bit by bit, -0.0 being 0.0 where ``one_zero``."""
    if one_zero:
        one, other = one + 0.0, other + 0.0
    return bool((one.detach().view(torch.int32) == other.detach().view(torch.int32)).all())


class Author:
    """Writes one random program.

    Args:
        seed: which one.
        draws: whether it may have dropout.
        training: whether BatchNorm may run in training mode.
    """

    def __init__(self, seed: int, draws: bool = True, training: bool = True) -> None:
        self.seed, self.draws, self.may_train = seed, draws, training
        self.unfaithful = 0

    def write(self) -> Program:
        """Return a program whose backward runs."""
        attempt = 0
        with torch.random.fork_rng():
            while True:
                torch.manual_seed(self.seed)
                self.random = random.Random(f"{self.seed} {attempt}")
                attempt += 1
                try:
                    program = self._attempt()
                except Unwritable:
                    continue
                if program.is_faithful():
                    return program
                self.unfaithful += 1

    def _attempt(self) -> Program:
        self.training = self.may_train and self.random.random() < 0.7
        self.net = nn.Module().train(self.training)
        self.made: dict[str, str] = {}
        self.again: dict[str, tuple[str, str]] = {}
        size = self.random.choice([5, 6, 8])
        self.shape = (self.random.choice([1, 2, 3]), self.random.choice([1, 2, 3]), size, size)
        leaf = torch.randn(self.shape, requires_grad=True)
        self.space: dict[str, Any] = {**_SPACE, "self": self.net, "h": leaf.clone()}
        self.vars = {"h": Variable("x", Memory("x"))}
        self.lines: list[str] = []
        self.reference: list[str] = []
        self.wanted: list[Wanted] = []
        self.kept: list[str] = []
        self.values = 0
        for _ in range(self.random.randint(3, 12)):
            self._any_line()
        self._end()
        try:
            self.space["h"].sum().backward()
        except RuntimeError as error:
            raise Unwritable from error
        init = "".join(f"        self.{name} = {made}\n" for name, made in self.made.items())
        body = "".join(f"        {line}\n" for line in self.lines)
        text = (
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            f"{init}\n    def forward(self, h):\n{body}"
        )
        return Program(
            self.seed, text, "\n".join(self.reference), self.wanted, self.shape, self.training
        )

    def _end(self) -> None:
        rank = self.space["h"].dim()
        if rank > 2:
            self._single(self.random.choice(["flat", "mean"] if rank == 4 else ["flat", "sum"]))
        if self.random.random() < 0.6:
            self._single("linear")
        if self.space["h"].dim() != 2:
            raise Unwritable
        self.lines.append("return h")
        value = self._use(self.vars["h"])
        self._written_down("return h")
        self.reference.append(f"output = {value}")

    def _any_line(self) -> None:
        rank = self.space["h"].dim()
        special: list[Callable[[], None]] = [self._keep, self._keep, self._join, self._join]
        special += [self._once_more] * 4
        special += [self._column, self._gate, self._residual, self._block, self._through_view]
        if rank == 3:
            special += [self._attention, self._recurrent] * 3
        if self.random.random() < 0.45:
            self.random.choice(special)()
            return
        fits = [name for name, kind in KINDS.items() if rank in kind.ranks]
        if rank == 4:
            fits += ["conv", "conv same", "conv same", "batch norm", "max pool"]
            fits += ["series"]
            smaller = {"flat", "mean"}
            fits = [name for name in fits if name not in smaller or self.random.random() < 0.3]
        self._single(self.random.choice(fits))

    def _single(self, name: str, over: bool | None = None, variable: str = "h") -> None:
        """Write one op on a variable."""
        kind = KINDS[name]
        if kind.draws and not self.draws:
            return
        saved = self.vars[variable].memory.saved
        styles = [style for style in kind.styles if not (style.writes and saved)]
        if over is not None:
            styles = [style for style in styles if style.writes is over] or styles
        else:
            styles += [style for style in styles if style.writes]
        style = self.random.choice(styles)
        tensor = self.space[variable]
        sizes = {"c": tensor.shape[1], "w": tensor.shape[-1]}
        layer = self._layer(style.layer.format(**sizes)) if style.layer else ""
        text = style.text.format(x=variable, m=layer, **sizes)
        statement = " = " not in text and any(sign in text for sign in ("+=", "-=", "*=", "/="))
        if statement or (style.writes and self.random.random() < 0.5):
            line = text
        else:
            line = f"{variable} = {text}"
        reference = (style.reference or kind.reference).replace("{m}", layer).format("{0}", **sizes)
        path = layer if style.path is None else style.path
        names, writes = [variable], style.writes
        if style.op in ("conv2d", "linear"):
            self.again[layer] = (reference, style.op)
        self._line(line, lambda: self._step(line, reference, style.op, names, names,
                                            module=path, kind=kind, writes=writes))  # fmt: skip

    def _layer(self, made: str) -> str:
        """Return the name of a layer, an old one half of the time."""
        old = [name for name, text in self.made.items() if text == made]
        if old and self.random.random() < 0.5:
            return self.random.choice(old)
        name = f"{made[3:].partition('(')[0].lower()}{len(self.made) + 1}"
        try:
            layer = eval(made, dict(_SPACE))
        except ValueError as error:
            raise Unwritable from error
        setattr(self.net, name, layer.train(self.training))
        self.made[name] = made
        return name

    def _line(self, text: str, *parts: Callable[[], None]) -> None:
        """Write a user's line that runs ``parts`` one after the other; drop what torch refuses."""
        for number, part in enumerate(parts):
            try:
                part()
            except (RuntimeError, ValueError, TypeError, IndexError) as error:
                if number == 0 and not isinstance(error, Unwritable):
                    return
                raise Unwritable from error
        self.lines.append(text)
        self._written_down(text)
        if self.space["h"].numel() == 0 or self.space["h"].numel() > 4000:
            raise Unwritable

    def _written_down(self, line: str) -> None:
        for step in self.wanted:
            step.line = step.line or line

    def _step(
        self,
        code: str,
        reference: str,
        op: str,
        names: Sequence[str],
        targets: Sequence[str],
        *,
        module: str = "",
        kind: Kind | None = None,
        saves: str = "",
        writes: bool = False,
    ) -> None:
        """Run ``code`` and take down the step it makes."""
        first = self.space[names[0]] if names else None
        exec(code, self.space)
        operands = [self.vars[name] for name in names]
        used = [self._use(operand) for operand in operands]
        saves = kind.saves if kind else saves
        number = len(self.wanted)
        values = [self._value() for _ in targets]
        self.reference.append(f"{', '.join(values)} = {reference.format(*used)}")
        parents = tuple(dict.fromkeys(o.step for o in operands if o.step >= 0))
        step = Wanted(op, module, parents, values, writes)
        self.wanted.append(step)
        if writes:
            self._write(operands[0], values[0], number)
            step.views = bool(operands[0].views)
            operands[0].memory.saved |= "o" in saves
            return
        if names and self.space[targets[0]] is first:  # Dropout in eval mode gives its input
            same_tensor = operands[0]
            same_tensor.value, same_tensor.step, same_tensor.output = values[0], number, 0
            step.views = bool(same_tensor.views)
            self.vars[targets[0]] = same_tensor
            return
        for operand in operands:
            operand.memory.saved |= "i" in saves
        for output, (target, value) in enumerate(zip(targets, values, strict=True)):
            self.vars[target] = made = self._made(target, value, operands, kind)
            made.step, made.output = number, output
            made.memory.saved |= "o" in saves
            step.views |= bool(made.views)

    def _made(
        self, target: str, value: str, operands: Sequence[Variable], kind: Kind | None
    ) -> Variable:
        tensor = self.space[target]
        if kind is not None and kind.view is not None and tensor._is_view():
            behind = operands[0]
            return Variable(value, behind.memory, (*behind.views, kind.view), behind.memory.version)
        return Variable(value, Memory(value))

    def _value(self) -> str:
        self.values += 1
        return f"v{self.values}"

    def _use(self, variable: Variable) -> str:
        """Return the value of a variable now; where its memory was written, after an alias step."""
        memory = variable.memory
        if variable.version == memory.version:
            return variable.value
        value = memory.value
        for view, _ in variable.views:
            self.reference.append(f"{(name := self._value())} = {view.format(base=value)}")
            value = name
        behind = (variable.step, memory.writer)
        parents = tuple(dict.fromkeys(number for number in behind if number >= 0))
        for number, output in ((variable.step, variable.output), (memory.writer, 0)):
            if number >= 0:
                step = self.wanted[number]
                (step.hidden if step.views else step.doubtful).add(output)
        views = bool(variable.views)
        variable.step, variable.output = len(self.wanted), 0
        self.wanted.append(Wanted("alias", "", parents, [value], views=views))
        variable.value, variable.version = value, memory.version
        return value

    def _write(self, variable: Variable, value: str, number: int) -> None:
        """Put ``value`` into a variable's memory."""
        memory = variable.memory
        waiting = [variable.step]
        while waiting:
            behind = waiting.pop()
            if behind >= 0 and self.wanted[behind].views and 0 not in self.wanted[behind].hidden:
                self.wanted[behind].hidden.add(0)
                waiting += self.wanted[behind].parents
        whole = [memory.value]
        for view, _ in variable.views[:-1]:
            self.reference.append(f"{(name := self._value())} = {view.format(base=whole[-1])}")
            whole.append(name)
        for (_, back), base in zip(reversed(variable.views), reversed(whole), strict=False):
            text = back.format(base=base, written=value)
            self.reference.append(f"{(value := self._value())} = {text}")
        memory.value, memory.writer = value, number
        memory.version += 1
        for view, _ in variable.views:
            self.reference.append(f"{(name := self._value())} = {view.format(base=value)}")
            value = name
        variable.value, variable.version = value, memory.version
        variable.step, variable.output = number, 0

    # ---- what takes more than one op ---------------------------------------------------------

    def _keep(self) -> None:
        name = f"skip{len(self.kept) + 1}"
        self.lines.append(f"{name} = h")
        self.space[name], self.vars[name] = self.space["h"], self.vars["h"]
        self.kept.append(name)

    def _join(self) -> None:
        """Join with a value from before."""
        fits = [name for name in self.kept if self.space[name].dim() == self.space["h"].dim()]
        if not fits:
            return
        other = self.random.choice(fits)
        mine, theirs = self.vars["h"].memory, self.vars[other].memory
        text, (reference, op, saves, writes) = self.random.choice(list(JOINS.items()))
        if writes and (mine.saved or mine is theirs):
            return
        code = text.format(x="h", y=other)
        code = code if writes else f"h = {code}"
        names = [other, "h"] if text.find("{y}") < text.find("{x}") else ["h", other]
        if names[0] == other:
            reference = reference.replace("{0}", "{2}").replace("{1}", "{0}").replace("{2}", "{1}")
        self._line(code, lambda: self._step(code, reference, op, names, ["h"],
                                            saves=saves, writes=writes))  # fmt: skip

    def _once_more(self) -> None:
        """Call a layer that was called before."""
        if self.again:
            name = self.random.choice(list(self.again))
            reference, op = self.again[name]
            code = f"h = self.{name}(h)"
            self._line(code, lambda: self._step(code, reference, op, ["h"], ["h"], module=name,
                                                saves="i"))  # fmt: skip

    def _column(self) -> None:
        """``h[:, 0] = ...`` and ``h[:, 0] += ...``."""
        if self.vars["h"].memory.saved:
            return
        if self.random.random() < 0.5:
            code = "h[:, 0] = 0"
            zero = "{0}.select_scatter(torch.zeros_like({0}.select(1, 0)), 1, 0)"
            self._line(code, lambda: self._step(code, zero, "setitem", ["h"], ["h"], writes=True))
            return
        column = Kind((2, 3, 4), "{0}[:, 0]", "", (),
                      ("{base}[:, 0]", "{base}.select_scatter({written}, 1, 0)"))  # fmt: skip
        self._line(
            "h[:, 0] += 1",
            lambda: self._step("t = h[:, 0]", "{0}[:, 0]", "getitem", ["h"], ["t"], kind=column),
            lambda: self._step("t += 1", "{0} + 1", "add_", ["t"], ["t"], writes=True),
            lambda: self._step("h[:, 0] = t", "{0}.select_scatter({1}, 1, 0)", "setitem",
                               ["h", "t"], ["h"], writes=True),
        )  # fmt: skip

    def _through_view(self) -> None:
        """Write through a view of ``h``, then go on with ``h``."""
        if self.vars["h"].memory.saved or self.space["h"].dim() < 3:
            return
        fits = [name for name, kind in KINDS.items()
                if kind.view and self.space["h"].dim() in kind.ranks]  # fmt: skip
        self.lines.append("w = h")
        self.space["w"], self.vars["w"] = self.space["h"], self.vars["h"]
        self._single(self.random.choice(fits), variable="w")
        if self.random.random() < 0.5:
            name = f"skip{len(self.kept) + 1}"
            self._line(
                f"{name} = w * 0.5",
                lambda: self._step(f"{name} = w * 0.5", "{0} * 0.5", "mul", ["w"], [name]),
            )
            self.kept.append(name)
        self._single(self.random.choice(["scale", "plus", "minus", "tanh"]), True, "w")
        if self.random.random() < 0.3:
            self._keep()
        if self.random.random() < 0.3:
            self.space["h"], self.vars["h"] = self.space["w"], self.vars["w"]
            self.lines.append("h = w")

    def _gate(self) -> None:
        if self.space["h"].shape[1] % 2:
            return
        self._line(
            "a, b = h.chunk(2, 1)",
            lambda: self._step("a, b = h.chunk(2, 1)", "{0}.chunk(2, 1)", "chunk", ["h"],
                               ["a", "b"]),
        )  # fmt: skip
        self._line(
            "h = a * torch.sigmoid(b)",
            lambda: self._step("s = torch.sigmoid(b)", "torch.sigmoid({0})", "sigmoid", ["b"],
                               ["s"], saves="o"),
            lambda: self._step("h = a * s", "{0} * {1}", "mul", ["a", "s"], ["h"], saves="i"),
        )  # fmt: skip
        self.vars["a"].memory.saved = self.vars["b"].memory.saved = True

    def _residual(self) -> None:
        """``h = h + self.layer(h)`` in one line."""
        tensor = self.space["h"]
        if tensor.dim() == 4:
            size = tensor.shape[1]
            name = self._layer(f"nn.Conv2d({size}, {size}, 3, padding=1)")
            made, op = f"F.conv2d({{0}}, net.{name}.weight, net.{name}.bias, padding=1)", "conv2d"
        else:
            size = tensor.shape[-1]
            name = self._layer(f"nn.Linear({size}, {size})")
            made, op = f"F.linear({{0}}, net.{name}.weight, net.{name}.bias)", "linear"
        self._line(
            f"h = h + self.{name}(h)",
            lambda: self._step(f"t = self.{name}(h)", made, op, ["h"], ["t"], module=name,
                               saves="i"),
            lambda: self._step("h = h + t", "{0} + {1}", "add", ["h", "t"], ["h"]),
        )  # fmt: skip

    def _block(self) -> None:
        """A module with modules inside, one of which writes over its input."""
        tensor = self.space["h"]
        if tensor.dim() != 4:
            return
        c = tensor.shape[1]
        name = self._layer(
            f"nn.Sequential(nn.Conv2d({c}, {c}, 3, padding=1), nn.ReLU(inplace=True), "
            f"nn.Sequential(nn.BatchNorm2d({c}), nn.Tanh()))"
        )
        inside = f"{name}.2.0"
        norm = KINDS["batch norm"].reference.replace("{m}.", "{m}[2][0].").replace("{m}", name)
        self._line(
            f"h = self.{name}(h)",
            lambda: self._step(f"h = self.{name}[0](h)",
                               f"F.conv2d({{0}}, net.{name}[0].weight, net.{name}[0].bias, "
                               "padding=1)", "conv2d", ["h"], ["h"], module=f"{name}.0", saves="i"),
            lambda: self._step(f"self.{name}[1](h)", "torch.relu({0})", "relu", ["h"], ["h"],
                               module=f"{name}.1", saves="o", writes=True),
            lambda: self._step(f"h = self.{name}[2][0](h)", norm, "batch_norm", ["h"], ["h"],
                               module=inside, saves="i"),
            lambda: self._step(f"h = self.{name}[2][1](h)", "torch.tanh({0})", "tanh", ["h"],
                               ["h"], module=f"{name}.2.1", saves="o"),
        )  # fmt: skip

    def _attention(self) -> None:
        """``torch.softmax(h @ h.transpose(1, 2), -1) @ h`` in one line."""
        turned = KINDS["turned series"]
        self._line(
            "h = torch.softmax(h @ h.transpose(1, 2), -1) @ h",
            lambda: self._step("t = h.transpose(1, 2)", "{0}.transpose(1, 2)", "transpose", ["h"],
                               ["t"], kind=turned),
            lambda: self._step("s = h @ t", "{0} @ {1}", "matmul", ["h", "t"], ["s"], saves="i"),
            lambda: self._step("s = torch.softmax(s, -1)", "torch.softmax({0}, -1)", "softmax",
                               ["s"], ["s"], saves="o"),
            lambda: self._step("h = s @ h", "{0} @ {1}", "matmul", ["s", "h"], ["h"], saves="i"),
        )  # fmt: skip

    def _recurrent(self) -> None:
        """An LSTM with its three outputs, the first of which goes on."""
        batch, _, width = self.space["h"].shape
        name = self._layer(f"nn.LSTM({width}, 3, batch_first=True)")
        parts = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        weights = ", ".join(f"net.{name}.{part}" for part in parts)
        self._use(self.vars["h"])  # a module's inputs are looked at before it runs
        zeros = f"torch.zeros(1, {batch}, 3)"
        for state in ("z1", "z2"):
            self._step(f"{state} = {zeros}", zeros, "zeros", [], [state], module=name)
        self._line(
            f"h, (_, cell) = self.{name}(h)",
            lambda: self._step(
                f"h, (_, cell) = self.{name}(h)",
                f"torch.lstm({{0}}, ({{1}}, {{2}}), ({weights}), True, 1, 0.0, net.training, "
                "False, True)",
                "lstm", ["h", "z1", "z2"], ["h", "_", "cell"], module=name, saves="io",
            ),
        )  # fmt: skip
