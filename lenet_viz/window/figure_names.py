"""What a figure can show, in the window's language."""

from lenet_viz.export.figures import PANELS
from lenet_viz.export.order import ALL, WINDOW
from lenet_viz.panels.text import translate


def figure_names() -> dict[str, str]:
    """Return what can be drawn: its key and its name."""
    known = {
        "storyboard": translate("Picture", "storyboard: all steps on one page"),
        "strip": translate("Picture", "network strip"),
        "step": translate("Picture", "step"),
        "maps": translate("Picture", "feature maps"),
        "gradients": translate("Picture", "gradients of the feature maps"),
        "histogram": translate("Picture", "histogram"),
        "input": translate("Picture", "input and its gradient"),
        "parameters": translate("Picture", "parameters"),
        "log": translate("Picture", "printed log"),
    }
    names = {key: name for key, name in known.items() if key in PANELS}
    names[WINDOW] = translate("Picture", "the whole window")
    names[ALL] = translate("Picture", "every panel, a page each (PDF)")
    return names
