"""What happened in one run: records of its steps, and the file that carries them.

``lenet_viz.capture`` is this package and also the public function:

    capture(model, *inputs, backward=None, seed=None, **kwargs) -> Capture

gives a record of one run of ``model``, as `lenet_viz.capture.api.capture` explains. Python binds a
package's name in its parent as soon as any of its modules is imported, so the package itself is
made callable and both spellings work in any order.
"""

import sys
from inspect import Signature, signature
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    """A package that is called like the function `lenet_viz.capture.api.capture`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the record of one run; see `lenet_viz.capture.api.capture`."""
        from lenet_viz.capture.api import capture

        return capture(*args, **kwargs)

    @property
    def __signature__(self) -> Signature:
        """The function's signature, for `inspect.signature`."""
        from lenet_viz.capture.api import capture

        return signature(capture)


sys.modules[__name__].__class__ = _CallablePackage
