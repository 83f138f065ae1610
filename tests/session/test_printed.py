from dataclasses import replace

import numpy as np
import pytest
from torch import Tensor

from lenet_viz.capture.arrays import MemoryArrays
from lenet_viz.capture.named import Named
from lenet_viz.capture.records import GradientState, Parameter, Value
from lenet_viz.explain.structural import structural_zeros, structurally_zero
from lenet_viz.network.spec import Spec
from lenet_viz.session.printed import backward_entries, forward_entries
from lenet_viz.session.python_lines import parameter_path
from lenet_viz.session.state import LogEntry
from lenet_viz.wording import message
from tests.session.notebook_run import Notebook


def _output(entries: tuple[LogEntry, ...], ending: str) -> str:
    found = [entry for entry in entries if entry.code.endswith(ending)]
    assert len(found) == 1, [entry.code for entry in entries]
    return found[0].output


def _note(entries: tuple[LogEntry, ...], ending: str) -> str:
    found = next(entry for entry in entries if entry.code.endswith(ending))
    return "" if found.note is None else found.note.english()


def test_forward_prints_what_torch_prints() -> None:
    run = Notebook()
    entries = forward_entries(run.run(None))
    assert _output(entries, "print(net)") == str(run.net)
    assert _output(entries, "print(out)") == str(run.out)
    sizes = "\n".join(str(p.size()) for p in run.net.parameters())
    assert _output(entries, "print(p.size())") == sizes


def test_parameters_note_says_ten_tensors_in_five_layers() -> None:
    note = _note(forward_entries(Notebook().run(None)), "print(p.size())")
    assert "10 tensors in 5 layers" in note
    assert "81,194" in note


def test_every_step_has_its_size_and_arithmetic() -> None:
    lines = _output(forward_entries(Notebook().run(None)), "out = net(input)").splitlines()
    assert len(lines) == 12
    assert lines[0] == "conv1         torch.Size([1, 6, 30, 30])  # 32 - 3 + 1 = 30"
    assert "torch.Size([1, 16, 6, 6])  # (13 - 2)/2 + 1 = 6.5 → 6" in lines[5]
    assert len({line.index("torch.Size") for line in lines}) == 1


def _value_of_code(code: str, name: str) -> Tensor:
    import torch
    from torch import nn

    scope = {"torch": torch, "nn": nn}
    exec(code.replace(f"print({name})", ""), scope)
    value = scope[name]
    assert isinstance(value, Tensor)
    return value


def test_random_vector_line_makes_the_same_vector() -> None:
    run = Notebook()
    entries = backward_entries(run.run("random"), cleared=True, passes=1)
    cell = next(entry for entry in entries if entry.code.endswith("print(v)"))
    assert cell.output == str(run.printed)
    assert str(_value_of_code(cell.code, "v")) == cell.output
    assert "vᵀJ" in _note(entries, "out.backward(v)")


def test_mse_prints_target_loss_and_chain() -> None:
    run = Notebook()
    entries = backward_entries(run.run("mse"), cleared=True, passes=1)
    target = next(entry for entry in entries if entry.code.endswith("print(target)"))
    assert target.output == str(_value_of_code(target.code, "target"))
    assert _output(entries, "print(loss)") == str(run.loss)
    assert "grad_fn=<MseLossBackward0>" in _output(entries, "print(loss)")
    chain = next(entry for entry in entries if "fn = loss.grad_fn" in entry.code)
    assert chain.output.splitlines() == ["MseLossBackward0", "AddmmBackward0"]
    # The cell's own code, run by Python, prints the cell's output.
    printed: list[str] = []
    exec(chain.code, {"loss": run.loss, "print": printed.append})
    assert printed == chain.output.splitlines()


@pytest.mark.parametrize("word", ["cross-entropy:7", "output:3"])
def test_scalar_objectives_print_a_loss(word: str) -> None:
    import torch
    from torch import nn

    run = Notebook()
    entries = backward_entries(run.run(word), cleared=True, passes=1)
    cell = next(entry for entry in entries if entry.code.endswith("print(loss)"))
    assert cell.output == str(run.loss)
    printed: list[str] = []
    scope = {"torch": torch, "nn": nn, "out": run.out, "print": lambda t: printed.append(str(t))}
    exec(cell.code, scope)
    assert printed == [cell.output]
    assert entries[[e.code for e in entries].index("loss.backward()")].note is not None


def test_input_grad_is_printed_with_its_structural_zeros() -> None:
    run = Notebook()
    entries = backward_entries(run.run("random"), cleared=True, passes=1)
    assert run.input.grad is not None
    assert _output(entries, "print(input.grad)") == str(run.input.grad)
    ending = "print((input.grad == 0).sum())"
    assert _output(entries, ending) == str((run.input.grad == 0).sum())
    assert "124 of the 1024 pixels (12.1 %)" in _note(entries, ending)
    assert "rows 30-31 and columns 30-31" in _note(entries, ending)


def test_structural_zeros_need_no_layers_but_the_steps_that_ran() -> None:
    capture = Notebook().run("random")
    capture = replace(capture, model=replace(capture.model, spec=""))
    entries = backward_entries(capture, cleared=True, passes=1)
    assert any("== 0" in entry.code for entry in entries)
    unknown = replace(capture, output=None)
    entries = backward_entries(unknown, cleared=True, passes=1)
    assert not any("== 0" in entry.code for entry in entries)


def test_a_second_pass_without_clearing_adds_up() -> None:
    run = Notebook()
    run.run("random")
    capture = run.run("random", clear=False)
    entries = backward_entries(capture, cleared=False, passes=2)
    assert "2 passes" in str(entries[0].note)
    assert _output(entries, "print(input.grad)") == str(run.input.grad)
    assert "does not clear input.grad" in _note(entries, "print(input.grad)")
    assert _output(entries, "print(net.conv1.bias.grad)") == str(run.net.conv1.bias.grad)
    assert "sum over 2 passes" in _note(entries, "print(net.conv1.bias.grad)")


def test_zero_grad_leaves_none_and_input_grad_alone() -> None:
    run = Notebook()
    run.run("random")
    entries = backward_entries(run.run("random"), cleared=True, passes=1)
    assert entries[0].code.startswith("net.zero_grad()")
    assert entries[0].output == "None"
    assert "input.grad is left alone" in str(entries[0].note)
    assert "does not clear input.grad" in _note(entries, "print(input.grad)")
    assert entries[-1].note is None


def test_first_pass_without_clearing_had_nothing_to_clear() -> None:
    entries = backward_entries(Notebook().run("random"), cleared=False, passes=1)
    assert entries[0].code == ""
    assert "still None" in str(entries[0].note)


def test_a_missing_gradient_prints_none_and_why() -> None:
    capture = Notebook().run("random")
    value = replace(
        capture.input_values[0], gradient_key=None, gradient_state=GradientState.NO_GRAD
    )
    capture = replace(capture, input_values=(value,), input_grad_keys=(None,))
    entries = backward_entries(capture, cleared=True, passes=1)
    assert _output(entries, "print(input.grad)") == "None"
    assert "requires_grad=True" in _note(entries, "print(input.grad)")


def test_a_failed_forward_prints_the_steps_so_far_and_why() -> None:
    capture = Notebook().run(None)
    why = message("Test", "shapes do not fit")
    last = replace(capture.steps[-1], outputs=(), error=why)
    steps = Named((*capture.steps[:-1], last))
    capture = replace(capture, steps=steps, output=None, output_grad_fn="", error=why)
    entries = forward_entries(capture)
    assert _output(entries, "out = net(input)").splitlines()[-1].split() == ["fc3", "-"]
    assert _note(entries, "out = net(input)") == "shapes do not fit"
    assert not any(entry.code == "print(out)" for entry in entries)
    assert backward_entries(capture, cleared=True, passes=1)[-1].note == why


def test_other_captures_without_parameters_or_settings() -> None:
    arrays = {"x": np.zeros((3, 0), np.int64), "w": np.ones((2, 2), np.float64)}
    source = MemoryArrays(arrays)
    value = Value((3, 0), "int64", GradientState.NO_GRAD, "x", None, source)
    bare = replace(
        Notebook().run("random"),
        steps=Named(()),
        input_values=(value, value),
        input_names=("a", "b"),
        input_grad_keys=(None, None),
        parameters=Named(()),
        output=None,
        output_grad_fn="",
        settings={},
    )
    entries = forward_entries(bare)
    assert entries[0].code == "print(net)"
    assert "no parameters" in _note(entries, "print(p.size())")
    assert _output(entries, "print(b.size())") == "torch.Size([3, 0])"
    assert all("zero_grad" not in e.code for e in backward_entries(bare, cleared=True, passes=1))
    state = GradientState.NOT_REACHED
    one = Parameter("0.w", (2, 2), "float64", True, state, "w", None, None, None, source)
    entries = backward_entries(replace(bare, parameters=Named((one,))), cleared=True, passes=1)
    assert entries[-1].code == "print(net.get_parameter('0.w').grad)"
    assert entries[-1].output == "None"


def test_parameter_path_is_python() -> None:
    assert parameter_path("block.conv1.bias") == "net.block.conv1.bias"
    assert parameter_path("layers.0.bias") == "net.get_parameter('layers.0.bias')"
    assert parameter_path("lambda.bias") == "net.get_parameter('lambda.bias')"


def test_the_log_and_the_panels_mean_the_same_by_structurally_zero() -> None:
    capture = Notebook().run("random")
    mask = structurally_zero(capture)
    assert mask is not None
    zeros = structural_zeros(Spec.from_json(capture.model.spec), training=True)
    assert np.array_equal(mask, zeros.mask)
    assert mask.sum() == 124


def test_dropout_draws_before_the_objective_so_the_seed_stands_before_forward() -> None:
    capture = Notebook().run("random")
    step = replace(capture.steps["relu_4"], op="dropout")
    capture = replace(capture, steps=Named((*capture.steps, step)))
    entries = forward_entries(capture)
    assert any(e.code == "torch.manual_seed(2)\nout = net(input)" for e in entries)
    codes = [e.code for e in backward_entries(capture, cleared=True, passes=1)]
    assert "v = torch.randn(1, 10)\nprint(v)" in codes


def test_a_preset_with_its_own_weights_is_not_made_from_a_seed() -> None:
    capture = Notebook().run(None)
    assert forward_entries(capture)[0].code.startswith("torch.manual_seed(0)")
    capture = replace(capture, settings={**capture.settings, "preset": "toy"})
    assert forward_entries(capture)[0].code == "print(net)"
