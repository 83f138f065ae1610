"""What is said of an edited network's weights."""

from lenet_viz.network.untouched import changed_modules
from lenet_viz.session.state_parts import Notice, Pending
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

MOST_NAMES = 6
"""So many layers are named."""


def new_weights(pending: Pending) -> Notice | None:
    """Return which layers of an edited network began anew; None where none did.

    Args:
        pending: the run that has just ended well.
    """
    base, settings = pending.base, pending.settings
    if base is None or base.made_with.spec is None or settings.spec is None:
        return None
    if not base.kept(settings):
        return None
    changed = changed_modules(base.made_with.spec, settings.spec, dict(base.renamed))
    if not changed:
        return None
    named = ", ".join(changed[:MOST_NAMES]) + (", …" if len(changed) > MOST_NAMES else "")
    template = QT_TRANSLATE_NOOP(
        "Build",
        "New weights for {layers}, drawn with the seed {seed}; all other layers keep theirs.",
    )
    return Notice(message("Build", template, layers=named, seed=str(settings.weights_seed)))
