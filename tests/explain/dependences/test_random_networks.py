"""Random networks, in place and through views: no real gradient lies outside a field."""

from lenet_viz.capture.address import Address, Place
from lenet_viz.explain.fields import ends_of, influence_on
from tests.capture.comparing import taken_and_wanted
from tests.capture.random_programs import Author

NETWORKS = range(500_000, 500_100)


def test_no_gradient_lies_where_nothing_is_said_to_matter() -> None:
    compared = 0
    for seed in NETWORKS:
        program = Author(seed).write()
        capture, _ = taken_and_wanted(program)
        masks = influence_on(capture, ends_of(capture))
        values = [(Address(Place.INPUT, "0"), capture.input_values[0])]
        for step in capture.steps:
            for output, value in enumerate(step.outputs):
                values.append((Address(Place.STEP, step.name, output), value))
        for address, value in values:
            gradient = value.gradient
            if gradient is None or not (gradient != 0).any():
                continue
            assert address in masks, (address, program.text)
            assert not ((gradient != 0) & ~masks[address]).any(), (address, program.text)
            compared += 1
    assert compared > 5 * len(NETWORKS)
