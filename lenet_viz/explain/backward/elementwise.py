"""Ops that make each output value of the input value in its place."""

from lenet_viz.explain.backward.pull import Rule

RULES: dict[str, Rule] = {}
