"""Seeded bugs, and a runner that shows whether the tests notice them."""
