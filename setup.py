"""Puts the top-level folder resources/ into the wheel, as lenet_viz/_resources.

Everything else is in pyproject.toml. An editable install reads resources/ where it lies.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

RESOURCES = Path(__file__).resolve().parent / "resources"


class BuildWithResources(build_py):
    """Copies resources/ beside the modules."""

    def run(self) -> None:
        """Builds the modules, then replaces the copy of the resources."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "lenet_viz" / "_resources"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(RESOURCES, target)


setup(cmdclass={"build_py": BuildWithResources})
