"""A network whose output is an image: nothing offers classes, and backward has where to start."""

from dataclasses import replace

import pytest

from lenet_viz.network import presets
from lenet_viz.network.spec import Node, Spec
from lenet_viz.session.choosing import default_settings, for_preset, for_spec
from lenet_viz.session.settings import ObjectiveChoice, first_objective, output_count

MSE = ObjectiveChoice("mse", 0, 2)


def test_an_image_has_no_count_of_outputs():
    assert output_count(presets.get("autoencoder").spec) is None
    assert output_count(presets.get("allconv").spec) == 10
    maps = Spec("maps", (1, 4, 4), (Node("r", "relu", ("input",)),))
    assert first_objective(maps, 7, 3) == ObjectiveChoice("mse", 0, 3)


def test_the_default_is_mse():
    settings = default_settings("autoencoder")
    assert settings.objective == MSE
    assert settings.output_count is None


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        (ObjectiveChoice("cross-entropy", 3, 2), MSE),
        (ObjectiveChoice("output", 9, 2), MSE),
        (ObjectiveChoice("vector", 0, 2, (1.0,) * 10), MSE),
        (ObjectiveChoice("mse", 0, 5, flat=True), MSE),
        (ObjectiveChoice("random", 0, 5), ObjectiveChoice("random", 0, 5)),
    ],
)
def test_only_a_random_vector_is_carried_over_to_it(chosen, kept):
    old = replace(default_settings("notebook"), objective=chosen)
    assert for_preset(old, "autoencoder").objective == kept
    assert for_spec(old, presets.get("autoencoder").spec).objective.kind == kept.kind


def test_the_way_back_starts_from_the_inputs_class():
    back = for_preset(default_settings("autoencoder"), "notebook")
    assert back.objective == ObjectiveChoice("cross-entropy", 7, 2)
