"""The seeded bugs: each changes the source in one place or two and must make a test fail."""

from dataclasses import dataclass

_RANDOM = "tests/capture/test_random_programs.py::test_bit_equal[0]"
_AWKWARD = "tests/capture/test_awkward_models.py"
_NO_HARM = "tests/capture/test_no_harm.py"
_EVERY_OP = "tests/capture/test_every_op.py"
_COPIES = "tests/capture/test_copies.py"
_ACCUMULATION = "tests/capture/test_accumulation.py"
_OBJECTIVE = "tests/capture/test_objective.py"
_MOSAIC = "tests/display/test_mosaic.py"
_COLOURS = "tests/display/test_colours.py"

_CAPTURE = "lenet_viz/capture/"


@dataclass(frozen=True)
class Edit:
    """One change of one file.

    Attributes:
        file: its path in the repository.
        old: text that occurs there exactly once.
        new: what stands in its place.
    """

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One bug.

    Attributes:
        name: what is wrong.
        edits: how the source says so.
        tests: the tests that should notice.
    """

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


def _bug(name: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, (Edit(file, old, new),), tests)


MUTANTS = (
    _bug(
        "activations are not copied",
        _CAPTURE + "tensors.py",
        "    try:\n        return tensor.clone()\n",
        "    try:\n        return tensor.detach()\n",
        _RANDOM,
    ),
    _bug(
        "gradients are not copied",
        _CAPTURE + "drafts.py",
        "self.gradient = own.clone()\n",
        "self.gradient = own\n",
        _COPIES,
    ),
    Mutant(
        "retain_grad in place of a hook",
        (
            Edit(
                _CAPTURE + "origins.py",
                "self._hooks.add(tensor, value.reached)",
                "tensor.retain_grad()\n                self.leaves.append((value, tensor))",
            ),
            Edit(
                _CAPTURE + "run.py",
                "        owners = [*self._held.parameters.values(), *self._origins.leaves]\n",
                "        kept = [each for each in self._origins.leaves if type(each) is tuple]\n"
                "        owners = list(self._held.parameters.values())\n",
            ),
            Edit(
                _CAPTURE + "run.py",
                "            self._complete = True\n",
                "            self._complete = True\n"
                "            for value, tensor in kept:\n"
                "                value.reached(tensor.grad)\n",
            ),
        ),
        (_RANDOM,),
    ),
    _bug(
        "arrays are kept by the module's name, not by the call",
        _CAPTURE + "finish.py",
        'self.value(value, f"step:{name}:{number}")',
        'self.value(value, f"step:{draft.place.path or draft.op}:{number}")',
        _RANDOM,
    ),
    _bug(
        "module hooks are left",
        _CAPTURE + "where.py",
        "        for handle in self._handles:\n            handle.remove()\n",
        "",
        _EVERY_OP,
    ),
    _bug(
        "tensor hooks are left",
        _CAPTURE + "tensor_hooks.py",
        "            hooks.pop(hook, None)\n",
        "            pass\n",
        _EVERY_OP,
        _NO_HARM,
    ),
    _bug(
        "maps are transposed",
        "lenet_viz/display/mosaic.py",
        "return y + within // width, x + within % width",
        "return y + within % width, x + within // width",
        _MOSAIC,
    ),
    _bug(
        "the channel is off by one",
        "lenet_viz/display/mosaic.py",
        "flat = (tile * height + y - top) * width + x - left",
        "flat = (max(tile - 1, 0) * height + y - top) * width + x - left",
        _MOSAIC,
    ),
    _bug(
        "the colours of the signs are swapped",
        "lenet_viz/display/colours.py",
        "            position *= work(HALF)\n",
        "            position *= work(-HALF)\n",
        _COLOURS,
    ),
    _bug(
        "the scale of a channel is that of the first one",
        "lenet_viz/display/scale.py",
        "pairs = zip(low.tolist(), high.tolist(), strict=True)",
        "pairs = [(low[0], high[0])] * len(low)",
        _COLOURS,
    ),
    _bug(
        "zeros are counted with the negative numbers",
        "lenet_viz/display/statistics.py",
        "below = int(np.count_nonzero(real < 0))",
        "below = int(np.count_nonzero(real <= 0))",
        "tests/display/test_statistics.py",
    ),
    _bug(
        "a stale gradient from the model's own backward",
        _CAPTURE + "run.py",
        "            self._origins.forget_gradients()\n",
        "",
        _COPIES,
    ),
    _bug(
        "the old .grad is still there when backward starts",
        _CAPTURE + "borrowed.py",
        "            tensor.grad = None\n",
        "            pass\n",
        _NO_HARM,
        _ACCUMULATION,
    ),
    _bug(
        ".grad is not put back",
        _CAPTURE + "borrowed.py",
        "            tensor.grad = grad\n",
        "            pass\n",
        _NO_HARM,
    ),
    _bug(
        "the accumulated .grad is this run's alone",
        _CAPTURE + "finish.py",
        "to_array(before.cpu() + gradient.cpu())",
        "to_array(gradient.cpu())",
        _ACCUMULATION,
    ),
    _bug(
        "input.grad counts twice",
        _CAPTURE + "run.py",
        "[leaf.grad for leaf in self._inputs.leaves]",
        "[g if (g := leaf.grad) is None else g + g for leaf in self._inputs.leaves]",
        _RANDOM,
    ),
    _bug(
        "the generator is not restored",
        _CAPTURE + "borrowed.py",
        "    with torch.random.fork_rng(devices=sorted(device.index for device in cuda)):\n",
        "    if cuda is not None:\n",
        _NO_HARM,
    ),
    _bug(
        "the model runs twice",
        _CAPTURE + "run.py",
        "            output = self.model(*inputs.args, **inputs.kwargs)\n",
        "            output = self.model(*inputs.args, **inputs.kwargs)\n"
        "        if not any(step.in_place for step in origins.steps[:1]):\n"
        "            self.model(*inputs.args, **inputs.kwargs)\n",
        _NO_HARM,
        _EVERY_OP,
    ),
    _bug(
        "the model is left in eval mode",
        _CAPTURE + "run.py",
        "        self._origins.where.hook(self._held.modules)\n",
        "        self._origins.where.hook(self._held.modules)\n        self.model.eval()\n",
        _NO_HARM,
        _RANDOM,
    ),
    _bug(
        "of several parents only the first is known",
        _CAPTURE + "finish.py",
        "dict.fromkeys(ref.step for ref in references if",
        "dict.fromkeys(ref.step for ref in references[:1] if",
        _RANDOM,
    ),
    _bug(
        "every call is the first",
        _CAPTURE + "finish.py",
        "            calls[key] += 1\n",
        "            calls[key] = 1\n",
        _AWKWARD,
    ),
    _bug(
        "a step belongs to the outermost module",
        _CAPTURE + "where.py",
        "            self.here = entry\n",
        "            self.here = self.stack[0]\n",
        _RANDOM,
    ),
    _bug(
        "a module is never left",
        _CAPTURE + "where.py",
        "        while self.stack and self.stack.pop().place is not place:\n            pass\n",
        "",
        _RANDOM,
    ),
    _bug(
        "the source line is the next one",
        _CAPTURE + "lines.py",
        "    line = source_line(code, frame.f_lineno)\n",
        "    line = source_line(code, frame.f_lineno + 1)\n",
        _RANDOM,
    ),
    _bug(
        "a value whose memory was written keeps its old numbers",
        _CAPTURE + "origins.py",
        "            return self._alias(tensor, origin)\n",
        "            return origin\n",
        _RANDOM,
    ),
    _bug(
        "a step in place does not say so",
        _CAPTURE + "origins.py",
        "                step.in_place = True\n",
        "",
        _RANDOM,
    ),
    _bug(
        "part of a view's gradient passes for the whole",
        _CAPTURE + "drafts.py",
        "            self.gradient = own.clone()\n\n",
        "            self.gradient = own.clone()\n"
        "        elif gradient is not None:\n"
        "            self.gradient = gradient.detach().clone()\n\n",
        _RANDOM,
    ),
    _bug(
        "a view that was written counts as not reached",
        _CAPTURE + "origins.py",
        "            if draft.view and not draft.partial:\n",
        "            if draft.view and draft.partial:\n",
        _RANDOM,
    ),
    _bug(
        "scripted modules vanish from the record",
        _CAPTURE + "origins.py",
        "if place.scripted and self.producers.find(tensor) is None:",
        "if False and place.scripted and self.producers:",
        _AWKWARD,
    ),
    _bug(
        "bfloat16 is stored as float32",
        _CAPTURE + "tensors.py",
        "            tensor = tensor.view(bits)\n",
        "            tensor = tensor.float()\n",
        _AWKWARD,
    ),
    _bug(
        "keyword arguments are dropped",
        _CAPTURE + "mode.py",
        "step.kwargs = named_arguments(kwargs, step, taken, self._origins)",
        "step.kwargs = {}",
        "tests/capture/test_arguments.py",
    ),
    _bug(
        "a failed op leaves no step",
        _CAPTURE + "mode.py",
        "            self._origins.steps.append(step)\n",
        "",
        _NO_HARM,
    ),
    _bug(
        "cross-entropy is summed over the batch",
        _CAPTURE + "objective.py",
        "F.cross_entropy(tensor, classes)",
        'F.cross_entropy(tensor, classes, reduction="sum")',
        _OBJECTIVE,
    ),
    _bug(
        "the upstream gradient v is all ones",
        _CAPTURE + "objective.py",
        "return Start(word.kind, None, word.text, None, torch.randn_like(tensor.detach()))",
        "return Start(word.kind, None, word.text, None, torch.ones_like(tensor.detach()))",
        _OBJECTIVE,
    ),
    _bug(
        "a gradient that is missing for want of a path is said not to be asked for",
        _CAPTURE + "finish.py",
        "else GradientState.NOT_REACHED\n",
        "else GradientState.NO_GRAD\n",
        _RANDOM,
    ),
    _bug(
        "structural zeros are off by one",
        "lenet_viz/network/image_influence.py",
        "return slice(first, last + 1), slice(",
        "return slice(first, last), slice(",
        "tests/network/test_influence.py",
    ),
    _bug(
        "ceil_mode keeps a window that begins beyond the input",
        "lenet_viz/network/axis.py",
        "if (out_size - 1) * stride >= in_size + padding:",
        "if (out_size - 1) * stride > in_size + padding:",
        "tests/network/test_axis.py",
    ),
    _bug(
        "a file that has changed is run",
        "lenet_viz/network/model_code.py",
        "    if found != code.sha256:\n",
        "    if not code.sha256:\n",
        "tests/network/test_model_code.py",
    ),
    _bug(
        "an engine goes on with the code of another file",
        "lenet_viz/engine/one_engine.py",
        "return not self._spent and self._code in (None, code_of(request))",
        "return not self._spent",
        "tests/engine/test_other_code.py::test_an_engine_runs_the_code_of_one_file_alone",
    ),
    _bug(
        "a tensor may be larger than what is stored of it",
        "lenet_viz/engine/pt_tensors.py",
        "    if wanted > start.size:\n",
        "    if wanted < 0:\n",
        "tests/engine/test_weights_bombs.py",
    ),
    _bug(
        "a changed number of a saved array is not noticed",
        _CAPTURE + "container.py",
        "if _hash(stored) != self.hashes.get(key):",
        "if key not in self.hashes:",
        "tests/capture/test_damage.py",
    ),
)  # fmt: skip

QUICK = ("activations are not copied", ".grad is not put back", "maps are transposed")
"""Those that every test run tries."""
