import numpy as np
import pytest
import torch

from lenet_viz.display.torch_text import size_text, tensor_text

TYPES = (torch.float32, torch.float64, torch.int64, torch.bool, torch.uint8, torch.int32)
TYPES += (torch.float16, torch.complex64)


def _random_tensor(random: np.random.Generator) -> torch.Tensor:
    rank = int(random.integers(0, 5))
    longest = (1, 1500, 40, 14, 8)[rank]
    shape = tuple(int(size) for size in random.integers(0, longest + 1, rank))
    if random.random() < 0.85:
        shape = tuple(max(1, size) for size in shape)
    exponent = float(random.choice([-30, -6, -4, -1, 0, 2, 5, 9]))
    numbers = random.standard_normal(shape) * 10.0**exponent
    if random.random() < 0.4:
        numbers = np.rint(numbers)
    if random.random() < 0.3:
        numbers = np.where(random.random(shape) < 0.3, 0.0, numbers)
    if random.random() < 0.2:
        odd = random.choice([np.nan, np.inf, -np.inf, -0.0])
        numbers = np.where(random.random(shape) < 0.2, odd, numbers)
    dtype = TYPES[int(random.integers(len(TYPES)))]
    if not dtype.is_floating_point and not dtype.is_complex:
        numbers = np.clip(np.nan_to_num(numbers), -(2**31), 2**31 - 1)
        if dtype is torch.uint8:
            numbers = np.abs(numbers) % 256
    tensor = torch.tensor(numbers).to(dtype)
    if dtype.is_complex:
        tensor = torch.complex(tensor.real, tensor.real.flip(0) if rank else tensor.real)
    return tensor


@pytest.mark.parametrize("seed", range(8))
def test_random_tensors_read_as_torch_prints_them(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(75):
        tensor = _random_tensor(random)
        assert tensor_text(tensor.numpy()) == str(tensor)


def _spread(low: float, high: float) -> torch.Tensor:
    return torch.tensor([low, high])


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(3.0),
        torch.tensor(True),
        torch.tensor(float("nan")),
        torch.tensor([float("inf"), 1.0, float("nan")]),
        torch.tensor([float("inf"), 0.5]),
        torch.tensor([0.0, -0.0]),
        torch.tensor([]),
        torch.empty(0, 3),
        torch.empty(0, dtype=torch.int64),
        torch.empty(2, 0, dtype=torch.float64),
        _spread(1e-4, 0.09),
        _spread(1.0, 1000.0),
        _spread(1.0, 1001.0),
        _spread(1e8, 1e8),
        _spread(2e8, 1e8),
        torch.full((1000,), 0.5),
        torch.full((1001,), 0.5),
        torch.zeros(1, 1, 32, 32),
        torch.tensor([1e-45, 3e38]),
        torch.tensor([2**63 - 1, -(2**63)]),
    ],
    ids=lambda tensor: f"{tensor.dtype}-{tuple(tensor.shape)}",
)
def test_chosen_tensors_read_as_torch_prints_them(tensor: torch.Tensor) -> None:
    assert tensor_text(tensor.numpy()) == str(tensor)


@pytest.mark.parametrize("shape", [(), (1, 10), (1, 1, 32, 32), (3, 7), (0, 2), (1, 6)])
def test_leaf_and_node_suffixes(shape: tuple[int, ...]) -> None:
    torch.manual_seed(3)
    leaf = torch.randn(shape, requires_grad=True)
    assert tensor_text(leaf.detach().numpy(), requires_grad=True) == str(leaf)
    out = leaf * 2
    assert tensor_text(out.detach().numpy(), grad_fn="MulBackward0") == str(out)


@pytest.mark.parametrize("length", range(1, 14))
def test_suffix_moves_to_a_new_line_exactly_where_torch_moves_it(length: int) -> None:
    tensor = torch.arange(length, dtype=torch.float64).requires_grad_()
    numbers = tensor.detach().numpy()
    assert tensor_text(numbers, requires_grad=True) == str(tensor)
    root = tensor.sqrt()
    assert tensor_text(root.detach().numpy(), grad_fn="SqrtBackward0") == str(root)


def test_a_type_that_numpy_lacks_is_named() -> None:
    tensor = torch.tensor([0.1, -2.5], dtype=torch.bfloat16)
    assert tensor_text(tensor.float().numpy(), dtype="bfloat16") == str(tensor)


@pytest.mark.parametrize("shape", [(), (1,), (1, 6, 30, 30)])
def test_sizes_read_as_torch_prints_them(shape: tuple[int, ...]) -> None:
    assert size_text(shape) == str(torch.zeros(shape).size())
