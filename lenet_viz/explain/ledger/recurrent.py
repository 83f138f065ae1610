"""Shapes of recurrent networks, as their modules document them."""

from collections.abc import Mapping

from lenet_viz.explain.ledger.called import Called, Rule, Shape, ShapeLedger, box
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


def recurrent(called: Called) -> ShapeLedger | None:
    """Return the ledger of ``lstm``, ``gru`` or ``rnn_tanh`` over whole sequences.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html, "Outputs".
    """
    shape, layers = called.input, called.number("num_layers")
    first, second = called.shape("params", 0), called.shape("params", 1)
    if shape is None or len(shape) not in (2, 3) or not layers or first is None or second is None:
        return None
    if called.step.argument("batch_sizes") is not None:
        return None
    gates = _GATES[called.op]
    hidden, shown = first[0] // gates, second[1]
    ways = 2 if called.step.literal("bidirectional", False) else 1
    gives = (*shape[:-1], ways * shown)
    lead = "".join(f"{size}×" for size in shape[:-1])
    batch_first = bool(called.step.literal("batch_first", False))
    batch: Shape = shape[:-1][0 if batch_first else 1 :][:1] if len(shape) == 3 else ()
    states = (ways * layers, *batch, shown)
    rest = "".join(f"×{size}" for size in states[1:])
    lines = [
        f"output: [{lead}{ways}·{shown}] = {box(gives)}"
        if ways > 1
        else f"output: {box(shape)} → {box(gives)}"
    ]
    lines.append(f"h_n: [{ways}·{layers}{rest}] = {box(states)}")
    if gates > 1:
        lines.append(f"gates: {gates}·{hidden} = {first[0]}")
    template = QT_TRANSLATE_NOOP(
        "Shape",
        "Layers: {layers}; directions: {ways}; values in each: {hidden}. The output holds the last "
        "layer at every time, h_n every layer at the last.",
    )
    note = message("Shape", template, layers=layers, ways=ways, hidden=hidden)
    return ShapeLedger(formulas=tuple(lines), notes=(note,), gives=gives)


def cell(called: Called) -> ShapeLedger | None:
    """Return the ledger of one time step: ``lstm_cell``, ``gru_cell``, ``rnn_tanh_cell``."""
    shape, taken, kept = called.input, called.shape("w_ih"), called.shape("w_hh")
    gates = _GATES[called.op.removesuffix("_cell")]
    if shape is None or taken is None or kept is None or len(shape) not in (1, 2):
        return None
    hidden = kept[1]
    lead = "".join(f"{size}×" for size in shape[:-1])
    gives = (*shape[:-1], hidden)
    lines = (
        f"x[{lead}{shape[-1]}] · W_ihᵀ[{taken[1]}×{taken[0]}] = [{lead}{taken[0]}]",
        f"h[{lead}{hidden}] · W_hhᵀ[{hidden}×{kept[0]}] = [{lead}{kept[0]}]",
        f"each gate: {kept[0]}/{gates} = {hidden}",
    )
    return ShapeLedger(formulas=lines, gives=gives)


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_GATES, recurrent),
    **dict.fromkeys((f"{name}_cell" for name in _GATES), cell),
}
