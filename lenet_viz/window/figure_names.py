"""What a figure can show, in the window's language."""

from lenet_viz.export.order import ALL, STORYBOARD, WINDOW
from lenet_viz.panels.text import translate


def figure_names() -> dict[str, str]:
    """Return what can be drawn: its key and its name."""
    return {
        STORYBOARD: translate("Picture", "storyboard: all steps on one page"),
        "strip": translate("Picture", "network strip"),
        "step": translate("Picture", "step"),
        "builder": translate("Picture", "layers, as they are built"),
        "source": translate("Picture", "source code around the step's line"),
        "why": translate("Picture", "why: the arithmetic of the number that is asked about"),
        "maps": translate("Picture", "feature maps"),
        "gradients": translate("Picture", "gradients of the feature maps"),
        "histogram": translate("Picture", "histogram"),
        "input": translate("Picture", "input and its gradient"),
        "parameters": translate("Picture", "parameters"),
        "ledger": translate("Picture", "gradient ledger: .grad adding up, and the update"),
        "autograd": translate("Picture", "autograd graph"),
        "code": translate("Picture", "Python of the network"),
        "compare": translate("Picture", "compare: a frozen run beside the present one"),
        "log": translate("Picture", "printed log"),
        WINDOW: translate("Picture", "the whole window"),
        ALL: translate("Picture", "every panel, a page each (PDF)"),
    }
