"""Which weights an edited network keeps; torch's own shapes are the oracle."""

from dataclasses import replace

import pytest

from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.node import Node
from lenet_viz.network.spec import INPUT, Spec
from lenet_viz.network.untouched import changed_modules, kept_modules, kept_pairs


def _edited(spec: Spec, node_id: str, **settings: object) -> Spec:
    """Return ``spec`` with settings of one node changed."""
    nodes = tuple(
        replace(node, settings={**node.settings, **settings}) if node.id == node_id else node
        for node in spec.nodes
    )
    return replace(spec, nodes=nodes)


def _renamed(spec: Spec, **names: str) -> Spec:
    """Return ``spec`` with modules renamed: old name to new."""
    nodes = tuple(
        replace(node, module=names.get(str(node.module), node.module)) for node in spec.nodes
    )
    return replace(spec, nodes=nodes)


NOTEBOOK = presets.get("notebook").spec


@pytest.mark.parametrize(
    ("settings", "changed"),
    [
        ({"stride": 2}, ()),
        ({"padding": (1, 1)}, ()),
        ({"dilation": 2}, ()),
        ({"kernel_size": 5}, ("conv2",)),
        ({"out_channels": 8}, ("conv2",)),
        ({"bias": False}, ("conv2",)),
        ({"groups": 2}, ("conv2",)),
        ({"kernel_size": (3, 3)}, ()),
        ({"bias": True}, ()),
    ],
)
def test_only_what_shapes_weights_begins_anew(
    settings: dict[str, object], changed: tuple[str, ...]
) -> None:
    new = _edited(NOTEBOOK, "conv2", **settings)
    assert changed_modules(NOTEBOOK, new) == changed
    kept = kept_modules(NOTEBOOK, new)
    assert set(kept) | set(changed) == set(new.modules())
    before, after = build(NOTEBOOK, seed=0).state_dict(), build(new, seed=0).state_dict()
    for name, tensor in after.items():
        if name.partition(".")[0] in kept:
            assert tensor.shape == before[name].shape


def test_equal_shapes_with_other_groups_are_other_weights() -> None:
    def conv(channels: int, groups: int) -> Spec:
        settings = {
            "in_channels": channels,
            "out_channels": 4,
            "kernel_size": 3,
            "groups": groups,
        }
        return Spec("g", (channels, 5, 5), (Node("c", "conv2d", (INPUT,), settings),))

    old, new = conv(4, 1), conv(8, 2)
    shapes = [build(spec, seed=0).c.weight.shape for spec in (old, new)]
    assert shapes[0] == shapes[1]
    assert kept_modules(old, new) == ()


def test_statistics_of_batch_norm_are_kept_and_counted() -> None:
    def norm(**settings: object) -> Spec:
        return Spec("n", (3, 4, 4), (Node("n", "batch_norm2d", (INPUT,), settings),))

    old = norm(num_features=3, affine=False)
    assert kept_modules(old, norm(num_features=3, affine=False, eps=0.1, momentum=0.5)) == ("n",)
    assert changed_modules(old, norm(num_features=3)) == ("n",)
    assert changed_modules(old, norm(num_features=3, affine=False, track_running_stats=False)) == ()


def test_renamed_modules_are_kept_where_the_caller_says_so() -> None:
    new = _renamed(NOTEBOOK, conv1="first")
    assert changed_modules(NOTEBOOK, new) == ("first",)
    assert ("first", "conv1") in kept_pairs(NOTEBOOK, new, {"first": "conv1"})
    assert changed_modules(NOTEBOOK, new, {"first": "conv1"}) == ()
    assert changed_modules(NOTEBOOK, new, {"first": "nowhere"}) == ("first",)


def test_names_that_change_places_take_their_weights_along() -> None:
    settings = {"in_features": 4, "out_features": 4}

    def two(first: str, second: str) -> Spec:
        nodes = (
            Node("flat", "flatten", (INPUT,)),
            Node("x", "linear", ("flat",), settings, first),
            Node("y", "linear", ("x",), settings, second),
        )
        return Spec("two", (1, 2, 2), nodes)

    swapped = kept_pairs(two("a", "b"), two("b", "a"), {"b": "a", "a": "b"})
    assert swapped == (("b", "a"), ("a", "b"))
    # “a” became “c”, and another layer took the name “a”: only one of them has the old weights.
    assert kept_pairs(two("a", "b"), two("c", "a"), {"c": "a"}) == (("c", "a"),)


def test_layers_without_weights_are_neither_kept_nor_changed() -> None:
    spec = Spec("r", (1, 2, 2), (Node("act", "relu", (INPUT,), style="module"),))
    assert kept_modules(spec, spec) == changed_modules(spec, spec) == ()
    assert kept_modules(NOTEBOOK, presets.get("toy").spec) == ()
