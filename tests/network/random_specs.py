"""Random networks as people write them: chains, residuals, concatenations, both styles."""

import random

from lenet_viz.network.shapes import derive
from lenet_viz.network.spec import INPUT, Node, Spec


def random_spec(seed: int, *, spatial_only: bool = False) -> Spec:
    """Return a network whose shapes fit; the same seed gives the same network."""
    rng = random.Random(seed)
    channels = rng.choice([1, 1, 2, 3])
    shape = (channels, rng.randint(6, 14), rng.randint(6, 14))
    nodes: list[Node] = []
    last = INPUT
    for count in range(1, rng.randint(3, 10)):
        grown = _grown(rng, shape, nodes, last, count, spatial_only)
        if grown is not None:
            nodes, last = grown
    if not nodes:
        nodes, last = [Node("relu0", "relu", (INPUT,))], "relu0"
    if not spatial_only:
        nodes, last = _head(rng, shape, nodes, last)
    return Spec(f"random{seed}", shape, tuple(nodes), last)


def _shape(shape, nodes, last):
    if not nodes:
        return (1, *shape)
    return derive(Spec("partial", shape, tuple(nodes), last)).require().node(last).output


def _fits(shape, nodes, last):
    return derive(Spec("partial", shape, tuple(nodes), last)).mistake is None


def _grown(rng, shape, nodes, last, count, spatial_only):
    before = _shape(shape, nodes, last)
    channels = before[1]
    kinds = ["conv", "conv", "act", "act", "pool", "bn", "dropout", "residual", "cat"]
    kinds += ["deconv", "up", "adaptive"]
    kind = rng.choice(kinds if spatial_only else [*kinds, "norm"])
    if kind in ("residual", "cat"):
        added = _branch(rng, kind, channels, last, count)
    elif kind == "norm":
        added = [_norm(rng, f"norm{count}", before, last)]
    elif kind in ("deconv", "up", "adaptive"):
        added = [_resized(rng, kind, channels, last, count)]
    else:
        added = [_unary(rng, kind, channels, last, count)]
    grown = [*nodes, *added]
    return (grown, grown[-1].id) if _fits(shape, grown, grown[-1].id) else None


def _unary(rng, kind, channels, last, count):
    if kind == "conv":
        return _conv(rng, f"conv{count}", channels, last)
    if kind == "bn":
        return Node(f"bn{count}", "batch_norm2d", (last,), {"num_features": channels})
    module = rng.choice([None, f"layer{count}"])
    if kind == "act":
        op, settings = rng.choice(
            [
                ("relu", {}),
                ("tanh", {}),
                ("sigmoid", {}),
                ("leaky_relu", {}),
                ("leaky_relu", {"negative_slope": 0.2}),
                ("gelu", {}),
                ("gelu", {"approximate": "tanh"}),
            ]
        )
        return Node(f"{op}{count}", op, (last,), settings, module)
    if kind == "dropout":
        return Node(f"drop{count}", "dropout", (last,), {"p": rng.choice([0.0, 0.3])}, module)
    op = rng.choice(["max_pool2d", "avg_pool2d"])
    kernel = rng.choice([1, 2, 3, (2, 3), (3, 1)])
    settings = {"kernel_size": kernel, "ceil_mode": rng.random() < 0.3}
    if rng.random() < 0.5:
        settings["stride"] = rng.choice([1, 2, 3, (2, 1)])
    if kernel in (2, 3) and rng.random() < 0.3:
        settings["padding"] = 1
    return Node(f"pool{count}", op, (last,), settings, module)


def _conv(rng, name, channels, last):
    groups = rng.choice([g for g in (1, 1, 2, 3) if channels % g == 0])
    settings = {
        "in_channels": channels,
        "out_channels": groups * rng.randint(1, 3),
        "kernel_size": rng.choice([1, 2, 3, (1, 3), (3, 2)]),
    }
    for setting, choices in (
        ("stride", [2, (1, 2), 3]),
        ("padding", [1, (0, 2)]),
        ("dilation", [2, (2, 1)]),
    ):
        if rng.random() < 0.3:
            settings[setting] = rng.choice(choices)
    if "stride" not in settings and settings["kernel_size"] in (1, 3) and rng.random() < 0.4:
        settings["padding"] = rng.choice(["same", "valid"])
    if rng.random() < 0.3:
        settings["padding_mode"] = rng.choice(["zeros", "reflect", "replicate", "circular"])
    if groups > 1:
        settings["groups"] = groups
    if rng.random() < 0.2:
        settings["bias"] = False
    return Node(name, "conv2d", (last,), settings)


def _norm(rng, name, before, last):
    settings = {"normalized_shape": before[-rng.randint(1, 3) :]}
    for setting, value in (("eps", 1e-3), ("elementwise_affine", False), ("bias", False)):
        if rng.random() < 0.2:
            settings[setting] = value
    return Node(name, "layer_norm", (last,), settings)


def _resized(rng, kind, channels, last, count):
    if kind == "deconv":
        settings = {
            "in_channels": channels,
            "out_channels": rng.randint(1, 3),
            "kernel_size": rng.choice([1, 2, 3, (2, 3)]),
            "stride": rng.choice([1, 2, (1, 2)]),
            "padding": rng.choice([0, 0, 1]),
            "dilation": rng.choice([1, 1, 2]),
        }
        if settings["stride"] == 2 and rng.random() < 0.5:
            settings["output_padding"] = 1
        if rng.random() < 0.2:
            settings["bias"] = False
        return Node(f"deconv{count}", "conv_transpose2d", (last,), settings)
    module = rng.choice([None, f"{kind}{count}s"])
    if kind == "adaptive":
        settings = {"output_size": rng.choice([2, 3, (4, 5), (1, 3)])}
        return Node(f"pool{count}", "adaptive_avg_pool2d", (last,), settings, module)
    settings = rng.choice(
        [
            {"scale_factor": 2},
            {"scale_factor": (1, 3), "mode": "nearest", "align_corners": False},
            {"size": (7, 5)},
            {"scale_factor": 2, "mode": "bilinear"},
            {"scale_factor": (2, 1), "mode": "bilinear", "align_corners": False},
        ]
    )
    return Node(f"up{count}", "upsample", (last,), settings, module)


def _branch(rng, kind, channels, last, count):
    settings = {"in_channels": channels, "out_channels": channels, "kernel_size": 3, "padding": 1}
    conv = Node(f"conv{count}", "conv2d", (last,), settings)
    act = Node(f"act{count}", "relu", (conv.id,))
    if kind == "residual":
        inputs = rng.choice([(act.id, last), (last, act.id)])
        return [conv, act, Node(f"add{count}", "add", inputs)]
    # The second call shares the first one's parameters.
    again = Node(f"again{count}", "conv2d", (act.id,), settings, conv.module)
    other = Node(f"other{count}", "tanh", (last,))
    return [conv, other, act, again, Node(f"cat{count}", "cat", (again.id, last, other.id))]


def _head(rng, shape, nodes, last):
    features = 1
    for size in _shape(shape, nodes, last)[1:]:
        features *= size
    flat = rng.choice(
        [
            Node("flat", "view", (last,), {"shape": (-1, features)}),
            Node("flat", "flatten", (last,)),
            Node("flat", "flatten", (last,), {"start_dim": 1}, "flat"),
        ]
    )
    nodes = [*nodes, flat]
    settings = {"in_features": features, "out_features": rng.randint(1, 7)}
    nodes.append(Node("fc", "linear", ("flat",), settings))
    if rng.random() < 0.4:
        op = rng.choice(["softmax", "log_softmax"])
        nodes.append(Node("out", op, ("fc",), {"dim": 1}, rng.choice([None, "out"])))
    return nodes, nodes[-1].id
