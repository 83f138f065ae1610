"""Files of weights, sound and otherwise, made without the code under test."""

import json
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn


def network() -> nn.Sequential:
    """A network with floating point numbers, an integer counter and several shapes."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3)
    )


def filled(seed: int = 5) -> dict[str, torch.Tensor]:
    """Weights of `network` that no fresh one has."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.rand(tensor.shape, generator=generator)
        if tensor.is_floating_point()
        else torch.tensor(17)
        for name, tensor in network().state_dict().items()
    }


def saved(path: Path, value: Any) -> Path:
    """``path`` after torch.save."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that some types of storage are old
        torch.save(value, path)
    return path


def rezipped(path: Path, edit: Callable[[str, bytes], bytes | None], method: int = 0) -> Path:
    """``path`` with the content of each entry edited, checksums right; None leaves one out.

    The entry's name comes without its folder.
    """
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", method) as new:
        for name, content in contents.items():
            edited = edit(name.partition("/")[2], content)
            if edited is not None:
                new.writestr(name, edited)
    return path


def with_pickle(path: Path, pickled: bytes) -> Path:
    """A file of torch.save whose list of tensors is ``pickled``."""
    saved(path, {"w": torch.zeros(4)})
    return rezipped(path, lambda name, content: pickled if name == "data.pkl" else content)


def safetensors(path: Path, header: Mapping[str, Any] | bytes, room: int) -> Path:
    """A safetensors file with that header and ``room`` zeros behind it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with open(path, "wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        stream.truncate(8 + len(text) + room)  # a file with holes takes no space
    return path


def entry(dtype: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    """What a safetensors header says of one tensor."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
