"""Threads that record the same model at once do not get into each other's records."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import nn

from lenet_viz.capture.recorder import record


def test_threads_recording_one_model_get_their_own_records() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 4))
    inputs = [torch.randn(1, 1, 6, 6) for _ in range(24)]
    expected = []
    for x in inputs:
        out = model(x)
        expected.append(torch.autograd.grad(out[0, 1], model[0].weight)[0].numpy())
    with ThreadPoolExecutor(4) as pool:
        captures = list(pool.map(lambda x: record(model, (x,), objective="output:1"), inputs))
    for capture, gradient, x in zip(captures, expected, inputs, strict=True):
        assert len(capture.steps) == 4
        assert np.array_equal(capture.inputs[0], x.numpy())
        assert np.array_equal(capture.parameters["0.weight"].gradient, gradient)
    assert all(parameter.grad is None for parameter in model.parameters())
