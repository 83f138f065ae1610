"""What autograd's nodes do, in words."""

from lenet_viz.capture.autograd import AutogradNode
from lenet_viz.capture.records import Capture
from lenet_viz.display import numbers
from lenet_viz.panels.text import card_title, formatted, translate
from lenet_viz.session.cards import input_card


def does(name: str) -> str:
    """Return what a node computes, in one sentence; "" for one that is seldom met."""
    sentences = {
        "AddmmBackward0": translate(
            "Autograd", "x·Wᵀ + b backward: g·W goes to x, gᵀ·x to the weight, Σ g to the bias."
        ),
        "MmBackward0": translate("Autograd", "A product of matrices: each gets g times the other."),
        "BmmBackward0": translate("Autograd", "Products of matrices, one for each of the batch."),
        "TBackward0": translate("Autograd", "The weight's transpose: its gradient is turned back."),
        "ConvolutionBackward0": translate(
            "Autograd",
            "A convolution backward: each input gets the gradients of all windows it lies in, "
            "times the kernels; the kernels get patch times gradient, the bias the sum.",
        ),
        "ReluBackward0": translate(
            "Autograd", "Lets a gradient through where the value was positive; else it is 0."
        ),
        "MaxPool2DWithIndicesBackward0": translate(
            "Autograd", "Gives each window's gradient to the value that won; the others get 0."
        ),
        "AvgPool2DBackward0": translate(
            "Autograd", "Gives each value of a window the same share of its gradient."
        ),
        "ViewBackward0": translate("Autograd", "Gives the same numbers their old shape back."),
        "ReshapeAliasBackward0": translate(
            "Autograd", "Gives the same numbers their old shape back."
        ),
        "UnsafeViewBackward0": translate(
            "Autograd", "Gives the same numbers their old shape back."
        ),
        "AddBackward0": translate("Autograd", "A sum: both addends get the gradient as it is."),
        "MulBackward0": translate("Autograd", "A product: each factor gets g times the other."),
        "CatBackward0": translate(
            "Autograd", "Takes the gradient apart as the tensors were joined."
        ),
        "NllLossBackward0": translate(
            "Autograd", "Gives -1/N to the wanted class of each sample, 0 to the others."
        ),
        "LogSoftmaxBackward0": translate(
            "Autograd", "With the node before it this makes softmax - onehot."
        ),
        "SoftmaxBackward0": translate("Autograd", "p·(g - Σ g·p), p being the softmax."),
        "MseLossBackward0": translate("Autograd", "Gives 2(out - t)/n to each output."),
        "NativeBatchNormBackward0": translate(
            "Autograd", "A batch norm backward: mean and variance depend on every value, too."
        ),
        "NativeLayerNormBackward0": translate(
            "Autograd", "A layer norm backward: mean and variance depend on every value, too."
        ),
        "TanhBackward0": translate("Autograd", "g·(1 - tanh²)."),
        "SigmoidBackward0": translate("Autograd", "g·s·(1 - s), s being the sigmoid."),
        "SumBackward0": translate("Autograd", "Every addend gets the sum's gradient."),
        "MeanBackward0": translate("Autograd", "Every number gets an equal share."),
        "SelectBackward0": translate(
            "Autograd", "Puts the gradient where it was taken from; else 0."
        ),
        "SliceBackward0": translate(
            "Autograd", "Puts the gradient where it was taken from; else 0."
        ),
        "CopySlices": translate(
            "Autograd", "A part was written in place: what stood there before gets no gradient."
        ),
        "AccumulateGrad": translate("Autograd", "A leaf: adds what arrives into its .grad."),
    }
    return sentences.get(name, "")


def leaf_words(capture: Capture, node: AutogradNode) -> str:
    """Return what a leaf is: a parameter's name and shape, or an input."""
    kind, _, name = node.leaf.partition(":")
    if kind == "parameter":
        parameter = capture.parameters.get(name)
        shape = "" if parameter is None else numbers.shape_text(parameter.shape)
        return formatted("Autograd", "{name} ({shape})", name=name, shape=shape)
    if kind == "input" and name.isdecimal():
        return card_title(input_card(int(name)))
    return name or translate("Autograd", "a tensor from outside")


def tip(capture: Capture, node: AutogradNode, users: int) -> str:
    """Return what is said of a node under the pointer."""
    lines = [node.name, does(node.name)]
    if node.step is not None:
        step = capture.steps[node.step]
        lines.append(
            formatted(
                "Autograd",
                "step {name}: its output has shape ({shape})",
                name=step.name,
                shape=numbers.shape_text(step.shape),
            )
        )
    elif node.is_leaf:
        lines.append(leaf_words(capture, node))
    else:
        lines.append(translate("Autograd", "part of the objective"))
    if users > 1:
        lines.append(
            formatted("Autograd", "{count} gradients arrive here and are added.", count=users)
        )
    return "\n".join(filter(None, lines))
