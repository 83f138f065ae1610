"""Forward arithmetic of random settings of every op, against torch in float64."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.explain.forward import (
    settings_of_elementwise,
    settings_of_losses,
    settings_of_products,
    settings_of_rows,
    settings_of_windows,
)
from tests.explain.forward.drawing import Draw
from tests.explain.forward.reading import (
    Setting,
    captured,
    close,
    explained,
    some_places,
    taken,
    value_of,
    wide,
)

FAMILIES: dict[str, tuple[Callable[[Draw], Setting], int]] = {
    **settings_of_windows.FAMILIES,
    **settings_of_products.FAMILIES,
    **settings_of_elementwise.FAMILIES,
    **settings_of_rows.FAMILIES,
    **settings_of_losses.FAMILIES,
}


def test_there_are_enough_settings() -> None:
    assert sum(count for _, count in FAMILIES.values()) >= 3_000


@pytest.mark.parametrize("family", FAMILIES)
def test_each_value_is_what_torch_makes_of_the_same_numbers(family: str) -> None:
    make, count = FAMILIES[family]
    draw = Draw(sum(map(ord, family)))
    places = np.random.default_rng(count)
    settings = [taken(make, draw) for _ in range(count)]
    capture, ends = captured(settings)
    for setting, end in zip(settings, ends, strict=True):
        wanted = wide(setting)
        assert wanted.shape == capture.steps[end].shape
        for index in some_places(wanted.shape, 4, places):
            try:
                answer = explained(capture, value_of(capture, end, index))
            except AssertionError as wrong:
                raise AssertionError(f"{setting} at {index}: {wrong}") from wrong
            found = (answer.total, float(wanted[index]), answer.scale)
            assert close(*found), f"{setting} at {index}: {found}"
