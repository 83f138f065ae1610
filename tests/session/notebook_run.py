"""A run of the notebook's network, recorded by hand: torch's own numbers in plain records."""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet_viz.capture.arrays import MemoryArrays
from lenet_viz.capture.named import Named
from lenet_viz.capture.records import (
    Argument,
    Capture,
    GradientState,
    InputRef,
    Literal,
    ModelRecord,
    Objective,
    Parameter,
    ParameterRef,
    Step,
    StepRef,
    Value,
)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3)
        self.conv2 = nn.Conv2d(6, 16, 3)
        self.fc1 = nn.Linear(16 * 6 * 6, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def steps(self, x: Tensor) -> list[tuple[str, str, Tensor]]:
        made = []
        plan = [
            ("conv1", "conv2d", self.conv1),
            ("relu", "relu", F.relu),
            ("max_pool2d", "max_pool2d", lambda t: F.max_pool2d(t, 2)),
            ("conv2", "conv2d", self.conv2),
            ("relu_2", "relu", F.relu),
            ("max_pool2d_2", "max_pool2d", lambda t: F.max_pool2d(t, 2)),
            ("view", "view", lambda t: t.view(-1, 576)),
            ("fc1", "linear", self.fc1),
            ("relu_3", "relu", F.relu),
            ("fc2", "linear", self.fc2),
            ("relu_4", "relu", F.relu),
            ("fc3", "linear", self.fc3),
        ]
        for name, op, function in plan:
            x = function(x)
            made.append((name, op, x))
        return made


def notebook_spec() -> str:
    from lenet_viz.network.spec import Node, Spec

    def after(name: str, op: str, giver: str, **settings: object) -> Node:
        return Node(name, op, (giver,), settings)  # type: ignore[arg-type]

    nodes = (
        after("conv1", "conv2d", "input", in_channels=1, out_channels=6, kernel_size=3),
        after("relu", "relu", "conv1"),
        after("pool", "max_pool2d", "relu", kernel_size=2),
        after("conv2", "conv2d", "pool", in_channels=6, out_channels=16, kernel_size=3),
        after("relu_2", "relu", "conv2"),
        after("pool_2", "max_pool2d", "relu_2", kernel_size=2),
        after("view", "view", "pool_2", shape=(-1, 576)),
        after("fc1", "linear", "view", in_features=576, out_features=120),
        after("relu_3", "relu", "fc1"),
        after("fc2", "linear", "relu_3", in_features=120, out_features=84),
        after("relu_4", "relu", "fc2"),
        after("fc3", "linear", "relu_4", in_features=84, out_features=10),
    )
    return Spec("notebook", (1, 32, 32), nodes).to_json()


class Notebook:
    """The network and its input, run as often as one likes.

    Attributes:
        net: torch's own module.
        input: torch's own leaf.
        out: torch's own output of the last run.
        loss: torch's own loss of the last run; None where there was none.
        printed: the last vector v or target.
    """

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.net = Net()
        torch.manual_seed(1)
        self.input = torch.randn(1, 1, 32, 32, requires_grad=True)
        self.out = torch.empty(0)
        self.loss: Tensor | None = None
        self.printed = torch.empty(0)

    def run(self, word: str | None, *, clear: bool = True) -> Capture:
        """Run forward, and backward from the objective called ``word`` unless it is None."""
        arrays: dict[str, np.ndarray] = {}
        own = {name: p.grad for name, p in self.net.named_parameters()}
        if clear and word is not None:
            own = dict.fromkeys(own)
        before = {name: None if g is None else g.clone() for name, g in own.items()}
        input_before = self.input.grad
        self.net.zero_grad()
        self.input.grad = None
        made = self.net.steps(self.input)
        for _, _, value in made:
            value.retain_grad()
        self.out = made[-1][2]
        objective = None if word is None else self._backward(word, arrays)

        def put(key: str, tensor: Tensor | None) -> str | None:
            if tensor is None:
                return None
            arrays[key] = tensor.detach().numpy().copy()
            return key

        source = MemoryArrays({})
        state = GradientState.NO_BACKWARD if word is None else GradientState.PRESENT

        def value(key: str, tensor: Tensor) -> Value:
            keys = put(key, tensor), put(f"{key}.grad", tensor.grad)
            return Value(tuple(tensor.shape), "float32", state, *keys, source)

        input_value = value("input", self.input)
        steps = [self._step(i, made, value) for i in range(len(made))]
        parameters = []
        for name, p in self.net.named_parameters():
            keys = put(name, p), put(f"{name}:own", p.grad), put(f"{name}:before", before[name])
            if before[name] is not None:
                p.grad = before[name] if p.grad is None else p.grad + before[name]
            after = put(f"{name}:grad", p.grad)
            parameters.append(
                Parameter(name, tuple(p.shape), "float32", True, state, *keys, after, source)
            )
        if input_before is not None:
            new = self.input.grad
            self.input.grad = input_before if new is None else new + input_before
        input_key = put("input:grad", self.input.grad)
        source.__init__(arrays)  # type: ignore[misc]
        settings = {"input": "random", "input_seed": "1", "weights_seed": "0"}
        return Capture(
            model=ModelRecord("notebook", str(self.net), True, "", notebook_spec()),
            steps=Named(steps),
            input_values=(input_value,),
            input_names=("input",),
            input_grad_keys=(input_key,),
            parameters=Named(parameters),
            constants={},
            output=StepRef(len(made) - 1),
            output_grad_fn=type(self.out.grad_fn).__name__,
            objective=None if objective is None else replace(objective, source=source),
            settings={**settings, "objective_seed": "2"},
            versions={"torch": torch.__version__},
        )

    def _backward(self, word: str, arrays: dict[str, np.ndarray]) -> Objective:
        kind, _, number = word.partition(":")
        index = int(number) if number else None
        torch.manual_seed(2)
        self.loss = None
        keys: list[str | None] = ["v", None]
        if kind == "random":
            self.printed = torch.randn(1, 10)
            self.out.backward(self.printed)
        else:
            if kind == "mse":
                self.printed = torch.randn(10).view(1, -1)
                self.loss = nn.MSELoss()(self.out, self.printed)
                arrays["target"] = self.printed.numpy().copy()
                keys[1] = "target"
            elif kind == "cross-entropy":
                self.loss = nn.CrossEntropyLoss()(self.out, torch.tensor([index]))
            else:
                self.loss = self.out[..., index].sum()
            self.loss.backward()
        assert self.out.grad is not None
        arrays["v"] = self.out.grad.numpy().copy()
        loss = None if self.loss is None else self.loss.item()
        return Objective(kind, index, word, *keys, loss, self._chain(), MemoryArrays({}))

    def _chain(self) -> tuple[str, ...]:
        if self.loss is None:
            return ()
        names, node = [], self.loss.grad_fn
        while node is not None and node is not self.out.grad_fn:
            names.append(node.name())
            node = node.next_functions[0][0]
        return (*names, type(self.out.grad_fn).__name__)

    def _step(self, i: int, made: list[tuple[str, str, Tensor]], value) -> Step:  # type: ignore[no-untyped-def]
        name, op, tensor = made[i]
        before = self.input if i == 0 else made[i - 1][2]
        reference = InputRef(0) if i == 0 else StepRef(i - 1)
        arguments = [Argument("input", reference)]
        module = ""
        if op in {"conv2d", "linear"}:
            module = name
            arguments += [Argument(n, ParameterRef(f"{name}.{n}")) for n in ("weight", "bias")]
        elif op == "max_pool2d":
            arguments.append(Argument("kernel_size", Literal(2)))
        return Step(
            name,
            op,
            module,
            op,
            1,
            1,
            () if i == 0 else (i - 1,),
            tuple(arguments),
            (value(name, tensor),),
            (tuple(before.shape),),
        )
