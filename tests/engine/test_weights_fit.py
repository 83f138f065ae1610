"""Weights go into a model whole or not at all, and what was done to them is told."""

from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import nn

from lenet_viz.engine.weights_file import read_weights
from lenet_viz.engine.weights_fit import PrefixMistake, fit
from lenet_viz.errors import UserMistake
from tests.engine.weights_files import filled, network, saved


def holds(model: nn.Module, weights: dict[str, torch.Tensor]) -> bool:
    """Whether ``model`` computes with these numbers, by torch's own account."""
    state = model.state_dict()
    return state.keys() == weights.keys() and all(
        torch.equal(state[name], weights[name]) for name in state
    )


def misfit(model: nn.Module, weights: Any, strip: str = "") -> UserMistake:
    """The error, after a look that the model is as it was."""
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(UserMistake) as caught:
        fit(model, weights, strip)
    assert holds(model, before)
    assert "{" not in str(caught.value)
    return caught.value


def test_weights_fit_as_load_state_dict_makes_them_fit(tmp_path: Path) -> None:
    model, wanted = network(), network()
    wanted.load_state_dict(filled())
    x = torch.randn(2, 1, 4, 4)

    notes = fit(model, read_weights(saved(tmp_path / "w.pt", filled())))

    assert notes == ()
    assert holds(model, filled())
    assert torch.equal(model.eval()(x), wanted.eval()(x))


def test_what_the_model_asks_of_its_parameters_stays(tmp_path: Path) -> None:
    model = network()
    model[0].weight.requires_grad_(False)
    before = dict(model.named_parameters())

    fit(model, filled())

    assert all(after is before[name] for name, after in model.named_parameters())
    assert [p.requires_grad for p in model.parameters()] == [False, *[True] * 5]
    assert all(parameter.grad is None for parameter in model.parameters())


def test_later_changes_to_the_model_leave_the_weights_alone() -> None:
    model, weights = network(), filled()
    fit(model, weights)

    with torch.no_grad():
        model[0].weight.zero_()

    assert torch.equal(weights["0.weight"], filled()["0.weight"])


def test_wrong_shapes_are_a_table(tmp_path: Path) -> None:
    weights = filled() | {"4.weight": torch.ones(3, 9), "0.bias": torch.ones(())}
    path = saved(tmp_path / "w.pt", weights)

    sentence = str(misfit(network(), read_weights(path)))

    lines = sentence.split("\n")
    assert str(path) in lines[0]
    assert "2 names or shapes differ (the model has 9 tensors, the file 9)" in lines[0]
    assert lines[1:3] == [
        "0.bias: found (), wanted (4,)",
        "4.weight: found (3, 9), wanted (3, 16)",
    ]
    assert lines[3].startswith("Choose the weights of this model")


def test_missing_and_extra_names_are_a_table() -> None:
    weights = filled()
    weights["5.weight"] = weights.pop("4.weight")

    lines = str(misfit(network(), weights)).split("\n")

    assert lines[1:3] == [
        "4.weight: found nothing, wanted (3, 16)",
        "5.weight: found (3, 16), wanted nothing",
    ]


@pytest.mark.parametrize(("layers", "end"), [(4, None), (5, "and 2 more"), (500, "and 992 more")])
def test_the_table_has_eight_rows(layers: int, end: str | None) -> None:
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(layers)))

    lines = str(misfit(model, {n: t[None] for n, t in model.state_dict().items()})).split("\n")

    assert len(lines) == (10 if end is None else 11)
    assert end is None or lines[9] == end


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.", "module.model.", "a.b.c."])
def test_a_prefix_of_all_names_is_offered_and_taken_off(tmp_path: Path, prefix: str) -> None:
    weights = {prefix + name: tensor for name, tensor in filled().items()}
    read = read_weights(saved(tmp_path / "w.pt", weights))
    model = network()

    mistake = misfit(model, read)
    assert isinstance(mistake, PrefixMistake)
    assert mistake.prefix == prefix
    assert str(mistake).endswith(f"Take “{prefix}” off the names.")  # each place says how

    fit(model, read, strip=mistake.prefix)
    assert holds(model, filled())


def test_the_prefix_of_a_real_data_parallel_is_offered() -> None:
    mistake = misfit(network(), nn.DataParallel(network()).state_dict())

    assert isinstance(mistake, PrefixMistake)
    assert mistake.prefix == "module."


def test_a_prefix_that_does_not_help_is_not_offered() -> None:
    weights = {f"module.{name}": tensor for name, tensor in filled().items()}
    weights["module.4.weight"] = torch.ones(1)

    assert not isinstance(misfit(network(), weights), PrefixMistake)
    del weights["module.4.weight"]
    weights["mobile.4.weight"] = torch.ones(3, 16)
    assert not isinstance(misfit(network(), weights), PrefixMistake)


def test_a_prefix_that_no_name_has_is_refused() -> None:
    assert "begins with “module.”" in str(misfit(network(), filled(), "module."))


def test_a_prefix_without_which_two_names_are_one_is_refused() -> None:
    weights = {**filled(), "module.0.bias": torch.ones(4)}

    assert "the same name, 0.bias" in str(misfit(network(), weights, "module."))


def test_not_a_number_and_infinity_are_counted() -> None:
    weights = filled()
    weights["4.weight"][0, :3] = torch.nan
    weights["4.bias"][1] = -torch.inf
    model = network()

    (note,) = fit(model, weights)

    assert "3 NaN and 1 infinite numbers, in 4.weight, 4.bias" in note.english()
    assert torch.equal(model[4].weight.isnan(), weights["4.weight"].isnan())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floating_point_types_are_converted(dtype: torch.dtype) -> None:
    weights = {n: t.to(dtype) if t.is_floating_point() else t for n, t in filled().items()}
    model = network()

    (note,) = fit(model, weights)

    name = str(dtype).removeprefix("torch.")
    assert f"8 of the weights were converted from {name} to float32" in note.english()
    assert all(t.dtype in (torch.float32, torch.int64) for t in model.state_dict().values())
    assert all(
        torch.equal(tensor, weights[name].to(tensor.dtype))
        for name, tensor in model.state_dict().items()
    )


def test_numbers_too_large_for_the_model_are_counted() -> None:
    weights = {"weight": torch.tensor([[1e300, 2.0]], dtype=torch.float64)}

    notes = [note.english() for note in fit(nn.Linear(2, 1, bias=False), weights)]

    assert len(notes) == 2
    assert "1 numbers became infinite when they were converted to float32, in weight" in notes[1]


def test_a_model_of_half_precision_keeps_it() -> None:
    model = network().half()

    fit(model, filled())

    assert model[4].weight.dtype == torch.float16
    assert torch.equal(model[4].weight, filled()["4.weight"].half())


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int64, torch.bool])
def test_integers_for_floating_point_numbers_are_refused(dtype: torch.dtype) -> None:
    weights = filled() | {"4.weight": torch.ones(3, 16, dtype=dtype)}

    sentence = str(misfit(network(), weights))

    name = str(dtype).removeprefix("torch.")
    assert f"\n4.weight: found {name}, wanted float32\n" in sentence
    assert "quantized" in sentence


def test_floating_point_numbers_for_integers_are_refused() -> None:
    weights = filled() | {"1.num_batches_tracked": torch.tensor(1.5)}

    assert "found float32, wanted int64" in str(misfit(network(), weights))


def test_integers_of_another_size_are_converted_if_they_can_be() -> None:
    model = nn.Module()
    model.register_buffer("n", torch.zeros(1, dtype=torch.int32))

    fit(model, {"n": torch.tensor([7])})
    assert model.n.tolist() == [7]
    assert "found int64, wanted int32" in str(misfit(model, {"n": torch.tensor([2**40])}))


def test_complex_numbers_do_not_lose_their_imaginary_part() -> None:
    model = nn.ParameterDict({"w": nn.Parameter(torch.ones(2))})

    misfit(model, {"w": torch.ones(2, dtype=torch.complex64)})


def test_the_counter_of_old_batch_norms_may_be_missing() -> None:
    weights = filled()
    del weights["1.num_batches_tracked"]
    model = network()

    (note,) = fit(model, weights)

    assert "1 BatchNorm" in note.english()
    assert torch.equal(model[1].running_mean, filled()["1.running_mean"])
    del weights["1.running_mean"]
    assert "1 names or shapes differ" in str(misfit(model, weights))


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(5, 3)
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.embed.weight


def test_tied_weights_fit(tmp_path: Path) -> None:
    state = Tied().state_dict()
    model = Tied()

    assert fit(model, read_weights(saved(tmp_path / "w.pt", state))) == ()
    assert holds(model, state)
    assert model.head.weight is model.embed.weight


def test_tied_weights_fit_where_the_file_has_them_once(tmp_path: Path) -> None:
    source, model = Tied(), Tied()
    safetensors.torch.save_model(source, str(tmp_path / "w.safetensors"))

    (note,) = fit(model, read_weights(tmp_path / "w.safetensors"))

    assert holds(model, source.state_dict())
    assert "same tensor" in note.english()


def test_tied_weights_that_differ_in_the_file_are_told() -> None:
    model = Tied()

    (note,) = fit(model, {"embed.weight": torch.zeros(5, 3), "head.weight": torch.ones(5, 3)})

    assert "the numbers of head.weight were taken" in note.english()
    assert model.embed.weight.eq(1).all()


def test_weights_of_lazy_modules_give_them_their_shapes() -> None:
    model = nn.Sequential(nn.LazyLinear(3), nn.ReLU())
    state = nn.Sequential(nn.Linear(5, 3)).state_dict()

    fit(model, state)

    assert holds(model, state)
    assert model(torch.ones(1, 5)).shape == (1, 3)


def test_buffers_that_are_not_saved_are_not_asked_for() -> None:
    model = nn.Module()
    model.register_buffer("mask", torch.ones(2), persistent=False)
    model.register_parameter("none", None)
    model.register_buffer("kept", torch.ones(2))

    assert fit(model, {"kept": torch.zeros(2)}) == ()


def test_shared_modules_have_all_their_names() -> None:
    layer = nn.Linear(2, 2)
    model = nn.Sequential(layer, layer)
    state = {name: torch.ones_like(tensor) for name, tensor in model.state_dict().items()}

    assert fit(model, state) == ()
    assert holds(model, state)


def test_a_state_dict_of_somebodys_own_is_no_way_around() -> None:
    class Copies(nn.Linear):
        def state_dict(self, *args: Any, **settings: Any) -> Any:
            return {n: t.clone() for n, t in super().state_dict(*args, **settings).items()}

    model = Copies(2, 2)
    fit(model, {"weight": torch.ones(2, 2), "bias": torch.ones(2)})

    assert model.weight.eq(1).all()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: torch.ones(2, device="meta"), "meta"),
        (lambda: torch.ones(1).expand(2), "expanded"),
        (lambda: torch.ones(2).to_sparse(), "sparse"),
    ],
)
def test_a_model_that_nothing_can_be_copied_into_says_so(make: Any, kind: str) -> None:
    model = nn.Module()
    model.register_buffer("first", torch.ones(1))
    model.register_buffer("odd", make())

    with pytest.raises(UserMistake, match=kind):
        fit(model, {"first": torch.zeros(1), "odd": torch.zeros(2)})
    assert model.first.tolist() == [1]


def test_notes_on_reading_come_first(tmp_path: Path) -> None:
    weights = {name: t.double() if t.is_floating_point() else t for name, t in filled().items()}
    read = read_weights(saved(tmp_path / "w.pt", {"model": weights, "epoch": 3}))

    notes = [note.english() for note in fit(network(), read)]

    assert ["“model”" in notes[0], "float64" in notes[1]] == [True, True]
