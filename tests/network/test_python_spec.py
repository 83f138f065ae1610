"""Python files as networks that can be edited: read, checked, run by torch beside what was read."""

import random
from contextlib import suppress

import pytest
import torch
from torch import nn

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.code import source
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.edits import add_layer
from lenet_viz.network.layer_types import LAYER_TYPES
from lenet_viz.network.python_spec import spec_from_python
from lenet_viz.network.setting_edits import restyle_layer
from lenet_viz.network.spec import Spec

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

# The network of the tutorial as it was written at first, its helper included.
NOTEBOOK = (
    HEAD
    + """
class Net(nn.Module):

    def __init__(self):
        super(Net, self).__init__()
        # 1 input image channel, 6 output channels, 3x3 square convolution
        self.conv1 = nn.Conv2d(1, 6, 3)
        self.conv2 = nn.Conv2d(6, 16, 3)
        self.fc1 = nn.Linear(16 * 6 * 6, 120)  # 6*6 from image dimension
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        # Max pooling over a (2, 2) window
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        # If the size is a square you can only specify a single number
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, self.num_flat_features(x))
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x

    def num_flat_features(self, x):
        size = x.size()[1:]  # all dimensions except the batch dimension
        num_features = 1
        for s in size:
            num_features *= s
        return num_features


net = Net()
"""
)


def run(text: str, name: str, spec: Spec, seed: int = 5) -> None:
    """Execute the file and check what was read against it, bit for bit."""
    names: dict[str, object] = {"__name__": "elsewhere"}
    exec(compile(text, "<file>", "exec"), names)
    torch.manual_seed(seed)
    theirs = names[name]()  # type: ignore[operator]
    assert isinstance(theirs, nn.Module)
    mine = build(spec, seed=seed)
    assert list(theirs.state_dict()) == list(mine.state_dict())
    for key, value in theirs.state_dict().items():
        assert torch.equal(value, mine.state_dict()[key])
    x = torch.randn(2, *spec.input_shape)
    for module in (theirs, mine):
        module.train()
    torch.manual_seed(1)
    one = theirs(x.clone())
    torch.manual_seed(1)
    assert torch.equal(one, mine(x.clone()))
    assert torch.equal(theirs.eval()(x.clone()), mine.eval()(x.clone()))


def test_the_notebooks_own_text() -> None:
    spec = spec_from_python(NOTEBOOK)
    assert spec.input_shape == (1, 32, 32)
    assert [node.op for node in spec.order] == [
        node.op if node.op != "view" else "flatten" for node in presets.get("notebook").spec.order
    ]
    run(NOTEBOOK, "Net", spec)


@pytest.mark.parametrize("name", presets.NAMES)
def test_presets_come_back(name: str) -> None:
    spec = presets.get(name).spec
    text = source(spec).text
    back = spec_from_python(text, input_shape=spec.input_shape)
    run(text, "Net", back)
    assert [node.op for node in back.order] == [node.op for node in spec.order]
    assert source(back).text == text


def test_random_networks_come_back() -> None:
    draw, made = random.Random(11), 0
    ops = sorted(LAYER_TYPES)
    while made < 250:
        draft = Draft("chain", (draw.randint(1, 3), draw.randint(5, 14), draw.randint(5, 14)))
        for _ in range(draw.randint(1, 7)):
            draft = add_layer(draft, len(draft.nodes), draw.choice(ops)).draft
        for node in draft.nodes:
            kind = node.layer_type
            if kind.functional and kind.module_class and draw.random() < 0.4:
                draft = restyle_layer(draft, node.id, as_module=True).draft
        spec = examine(draft).spec
        if spec is None:
            continue
        text = source(spec).text
        back = spec_from_python(text, input_shape=spec.input_shape)
        assert source(back).text == text
        if made % 5 == 0:
            run(text, "Net", back)
        made += 1


def model(init: str, forward: str, *, head: str = HEAD, rest: str = "") -> str:
    """A file with one class."""
    lines = "".join(f"        {line}\n" for line in ("super().__init__()", *init.split("\n")))
    body = "".join(f"        {line}\n" for line in forward.split("\n"))
    return (
        f"{head}\nclass Net(nn.Module):\n    def __init__(self):\n{lines}\n"
        f"    def forward(self, x):\n{body}{rest}"
    )


CONV = "self.conv = nn.Conv2d(1, 2, 3)"
ACCEPTED = {
    "keyword arguments": model(
        "self.conv = nn.Conv2d(in_channels=1, out_channels=2, kernel_size=(3, 5), padding='same')",
        "return self.conv(x)",
    ),
    "torch from": model(
        "self.a = nn.Conv2d(1, 2, 3)",
        "return F.relu(self.a(x))",
        head="from torch import nn\nimport torch.nn.functional as F\n",
    ),
    "names from torch.nn": (
        "from torch import nn\nfrom torch.nn import Linear, Flatten\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.flat = Flatten()\n        self.fc = Linear(28 * 28, 3)\n"
        "    def forward(self, image):\n        return self.fc(self.flat(image))\n"
    ),
    "one module twice": model(
        "self.conv = nn.Conv2d(1, 1, 3, padding=1)\nself.act = nn.ReLU()",
        "x = self.act(self.conv(x))\nreturn self.act(self.conv(x))",
    ),
    "size(0)": model(
        "self.fc = nn.Linear(16, 2)", "x = x.view(x.size(0), -1)\nreturn self.fc(x)"
    ),
    "shape[0]": model(
        "self.fc = nn.Linear(16, 2)", "x = x.reshape(x.shape[0], -1)\nreturn self.fc(x)"
    ),
    "methods": model(CONV, "return self.conv(x).relu().tanh().flatten(1).softmax(dim=1)"),
    "add in place": model(
        "self.conv = nn.Conv2d(1, 1, 3, padding=1)", "y = self.conv(x)\ny += x\nreturn y"
    ),
    "torch.add": model(
        "self.conv = nn.Conv2d(1, 1, 3, padding=1)", "return torch.add(self.conv(x), x)"
    ),
    "cat": model(
        "self.a = nn.Conv2d(1, 2, 3)\nself.b = nn.Conv2d(1, 3, 3)",
        "return torch.cat((self.a(x), self.b(x)), 1)",
    ),
    "pools": model(
        CONV,
        "x = F.max_pool2d(self.conv(x), 3, 2, 1)\nx = F.avg_pool2d(x, 2, stride=1)\n"
        "return F.adaptive_avg_pool2d(x, (1, 2))",
    ),
    "interpolate": model(CONV, "return F.interpolate(self.conv(x), scale_factor=2)"),
    "upsample bilinear": model(
        "self.up = nn.Upsample(scale_factor=2, mode='bilinear', align_corners=False)",
        "return self.up(x)",
    ),
    "dropout": model(CONV, "return F.dropout(self.conv(x), 0.3, training=self.training)"),
    "norms": model(
        "self.bn = nn.BatchNorm2d(1, eps=1e-4, momentum=0.2)\nself.ln = nn.LayerNorm([28, 28])",
        "return self.ln(self.bn(x))",
    ),
    "transposed": model(
        "self.up = nn.ConvTranspose2d(1, 2, 4, 2, 1, output_padding=1)", "return self.up(x)"
    ),
    "inplace False": model("self.act = nn.ReLU(inplace=False)", "return self.act(x)"),
    "main and print": model(
        CONV, "return self.conv(x)", rest="\nif __name__ == '__main__':\n    print(Net())\n"
    ),
    "docstrings": '"""A file."""\n' + model(CONV, '"""Run."""\nreturn self.conv(x)'),
    "log_softmax": model("self.fc = nn.Linear(9, 4)", "x = torch.flatten(x, 1)\n"
                         "return F.log_softmax(self.fc(x), dim=1)"),
    "arithmetic": model("self.fc = nn.Linear(4 * 4 * 2 - 16, 10 // 2)",
                        "return self.fc(x.view(-1, 16))"),
    "gelu": model(CONV, "return F.gelu(self.conv(x), approximate='tanh')"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ACCEPTED)
def test_files_that_are_read(kind: str) -> None:
    run(ACCEPTED[kind], "Net", spec_from_python(ACCEPTED[kind]))


REFUSED = {
    "a loop": (model(CONV, "for _ in range(2):\n    x = x\nreturn x"), "line 11: “for _"),
    "a branch": (model(CONV, "if x.sum() > 0:\n    x = -x\nreturn self.conv(x)"), "line 11"),
    "in place": (model("self.act = nn.ReLU(inplace=True)", "return self.act(x)"), "inplace=True"),
    "functional in place": (model(CONV, "return F.relu(self.conv(x), inplace=True)"), "inplace"),
    "relu_": (model(CONV, "return F.relu_(self.conv(x))"), "line 11"),
    "another function": (model(CONV, "return torch.exp(self.conv(x))"), "line 11"),
    "another layer": (model("self.l = nn.LSTM(3, 3)", "return self.l(x)"), "nn.LSTM is no layer"),
    "Conv1d": (model("self.c = nn.Conv1d(1, 2, 3)", "return self.c(x)"), "nn.Conv1d is no layer"),
    "Sequential": (
        model("self.s = nn.Sequential(nn.ReLU())", "return self.s(x)"),
        "nn.Sequential is no layer",
    ),
    "a number from elsewhere": (model("self.c = nn.Conv2d(1, n, 3)", "return self.c(x)"), "“n”"),
    "starred": (model("self.c = nn.Conv2d(*a)", "return self.c(x)"), "line"),
    "unknown argument": (model("self.c = nn.Conv2d(1, 2, 3, colour=1)", "return self.c(x)"),
                         "colour=1 has no counterpart"),
    "too many arguments": (model("self.c = nn.Linear(1, 2, True, None, None)", "return self.c(x)"),
                           "not known"),
    "stride 0": (model("self.c = nn.Conv2d(1, 2, 3, 0)", "return self.c(x)"), "stride"),
    "text for a number": (model("self.c = nn.Conv2d(1, '2', 3)", "return self.c(x)"),
                          "out_channels"),
    "never called": (model(CONV + "\nself.fc = nn.Linear(2, 2)", "return self.conv(x)"),
                     "self.fc is made and never called"),
    "used by nothing": (model(CONV, "y = self.conv(x)\nreturn F.relu(x)"), "used by nothing"),
    "not made": (model(CONV, "return self.other(self.conv(x))"), "line 11"),
    "made in another order": (
        model("self.b = nn.Linear(3, 2)\nself.a = nn.Linear(4, 3)",
              "x = x.view(-1, 4)\nreturn self.b(self.a(x))"),
        "self.b is made before self.a",
    ),
    "made twice": (model(CONV + "\n" + CONV, "return self.conv(x)"), "line 9"),
    "a parameter": (model("self.w = nn.Parameter(torch.ones(1))", "return x"), "nn.Parameter"),
    "no forward": (HEAD + "class Net(nn.Module):\n    def __init__(self):\n"
                   "        super().__init__()\n", "Net has no forward"),
    "no class": (HEAD + "x = 1\n", "“x = 1”"),
    "nothing": (HEAD, "no class of nn.Module"),
    "two classes": (model(CONV, "return self.conv(x)")
                    + "\nclass Other(nn.Module):\n    pass\n", "several classes: Net, Other"),
    "a decorator": (model(CONV, "return self.conv(x)").replace("    def forward",
                    "    @torch.no_grad()\n    def forward"), "line"),
    "a helper": (model(CONV, "return self.conv(x)", rest="    def more(self):\n        pass\n"),
                 "the method more"),
    "more arguments": (model(CONV, "return self.conv(x)").replace("self, x)", "self, x, y)"),
                       "forward takes other arguments"),
    "constructor arguments": (model(CONV, "return self.conv(x)").replace("__init__(self)",
                              "__init__(self, n=3)"), "__init__ takes other arguments"),
    "no super": (HEAD + "class Net(nn.Module):\n    def __init__(self):\n"
                 "        self.a = nn.ReLU()\n    def forward(self, x):\n"
                 "        return self.a(x)\n", "line"),
    "a hook": (model(CONV + "\nself.conv.register_forward_hook(print)", "return self.conv(x)"),
               "register_forward_hook"),
    "several outputs": (model(CONV, "y = self.conv(x)\nreturn x, y"), "line"),
    "aliased in place": (model("self.c = nn.Conv2d(1, 1, 3, padding=1)",
                               "y = self.c(x)\nz = y\nz += x\nreturn y"), "writes over a tensor"),
    "dropout that never ends": (model(CONV, "return F.dropout(self.conv(x), 0.3)"),
                                "training=self.training"),
    "flatten from the batch on": (model(CONV, "return torch.flatten(self.conv(x))"), "start_dim"),
    "multiplied": (model(CONV, "return self.conv(x) * 2"), "line 11"),
    "indexed": (model(CONV, "return self.conv(x)[:, 0]"), "line 11"),
    "patched torch": (HEAD + "F.relu = F.tanh\n" + model(CONV, "return F.relu(self.conv(x))",
                      head=""), "“F.relu = F.tanh”"),
    "syntax": ("class Net(\n", "line 1"),
    "no input fits": (model("self.a = nn.Conv2d(1, 2, 3)\nself.fc = nn.Linear(7, 2)",
                            "x = torch.flatten(self.a(x), 1)\nreturn self.fc(x)"), "no input"),
    "a global": (model(CONV, "global y\nreturn self.conv(x)"), "line 11"),
    "unbound": (model(CONV, "return self.conv(y)"), "y is no tensor"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_are_refused_with_the_line(kind: str) -> None:
    text, said = REFUSED[kind]
    with pytest.raises(UserMistake) as caught:
        spec_from_python(text)
    assert said in str(caught.value)


def test_nothing_of_it_runs(tmp_path: object) -> None:
    text = model(CONV, "return self.conv(x)") + "\nnet = Net()\n"
    boom = text.replace("super().__init__()", "super().__init__()\n        raise SystemExit")
    with pytest.raises(UserMistake, match="raise SystemExit"):
        spec_from_python(boom)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_never_break_it(seed: int) -> None:
    draw = random.Random(seed)
    text = list(NOTEBOOK)
    for _ in range(draw.randint(1, 12)):
        text[draw.randrange(len(text))] = draw.choice("()[]{}=:.,x10 \n\0é")
    with suppress(UserMistake):
        spec = spec_from_python("".join(text))
        assert examine(Draft.of(spec)).mistake is None
