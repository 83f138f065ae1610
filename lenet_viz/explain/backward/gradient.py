"""Why a gradient is what it is: every use of the tensor, its terms, and their sum."""

from dataclasses import replace

import numpy as np

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.display.numbers import text
from lenet_viz.explain.backward.missing import gradient_and_state, refusal
from lenet_viz.explain.backward.shares import Kind, Share, shares_of
from lenet_viz.explain.backward.start import Start, start_of
from lenet_viz.explain.backward.verdict import verdict_of
from lenet_viz.explain.terms import Answer, Block, Explanation, How, Line, Unexplained
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_COARSE = ("bfloat16", "float16", "float32")


def explain_gradient(capture: Capture, address: Address) -> Answer:
    """Return the terms that add up to one gradient, or why there are none.

    Args:
        capture: a run.
        address: a step's output, an input or a parameter, with an index over all axes and
            ``side`` gradient; of a parameter it is this run's contribution.
    """
    refused = refusal(capture, address)
    if refused is not None:
        return refused
    # NaN and infinities are numbers of the run like others.
    with np.errstate(all="ignore"):
        return _explained(capture, address)


def parts_of(capture: Capture, address: Address) -> tuple[tuple[Share, ...], Start | None]:
    """Return what the steps and what the objective give to one element."""
    assert address.index is not None
    shares = shares_of(capture, address, address.index)
    used = any(share.kind is not Kind.NOT_REACHED for share in shares)
    return shares, start_of(capture, address, address.index, used=used)


def _explained(capture: Capture, address: Address) -> Answer:
    found = gradient_and_state(capture, address)
    assert found is not None
    assert found[0] is not None
    array, dtype = found[0], found[3]
    captured = float(np.asarray(array[address.index], dtype=np.float64))
    shares, start = parts_of(capture, address)
    blocks = tuple(block for share in shares for each in share.blocks for block in each)
    if start is not None and start.block is not None:
        blocks = (start.block, *blocks)
    unknown = _unknown(shares, start)
    if not blocks and (unknown or not shares):
        reason = unknown[0] if unknown else _from_nowhere(capture)
        op = next((_op(capture, s) for s in shares if s.kind is Kind.UNKNOWN), "")
        return Unexplained(address, reason, captured, op)
    total = float(sum(block.total for block in blocks))
    verdict = None
    if captured == 0.0 and not unknown:
        names = tuple(capture.steps[share.number].name for share in shares)
        verdict = verdict_of(shares, names, start, total).sentence
    formulas, working = _formulas(shares, start)
    made = Explanation(
        asked=address,
        step=address.name if address.place is Place.STEP else "",
        op=", ".join(dict.fromkeys(_op(capture, share) for share in shares)),
        how=How.SUM,
        formula=formulas,
        headline=_headline(shares, start, blocks, total),
        blocks=blocks,
        total=total,
        captured=captured,
        scale=_scale(shares, start, blocks),
        dtype=_dtype(shares, dtype),
        terms=sum(block.products.size for block in blocks) or 1,
        working=working,
        verdict=verdict,
    )
    return _with_notes(made, capture, shares, unknown)


def _op(capture: Capture, share: Share) -> str:
    return capture.steps[share.number].op.rstrip("_")


def _unknown(shares: tuple[Share, ...], start: Start | None) -> tuple[Message, ...]:
    unknown = [s.reason for s in shares if s.kind is Kind.UNKNOWN and s.reason is not None]
    if start is not None and start.block is None:
        unknown.append(start.sentence)
    return tuple(unknown)


def _from_nowhere(capture: Capture) -> Message:
    if capture.objective is not None and capture.output is None:
        template = QT_TRANSLATE_NOOP(
            "Why",
            "No recorded step uses it: the objective function takes it as it is, and what that "
            "does is not recorded.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Why", "No recorded step uses it, so where its gradient comes from is not recorded."
        )
    return message("Why", template)


def _formulas(shares: tuple[Share, ...], start: Start | None) -> tuple[str, tuple[Line, ...]]:
    pulls = [pull for share in shares for pull in share.pulls]
    texts = ([start.formula] if start is not None and start.block is not None else []) + [
        pull.formula for pull in pulls
    ]
    working = () if start is None else start.working
    for pull in pulls:
        working += pull.working
    return "\n".join(dict.fromkeys(texts)), working


def _headline(
    shares: tuple[Share, ...], start: Start | None, blocks: tuple[Block, ...], total: float
) -> Message:
    count = sum(block.products.size for block in blocks)
    pulls = [pull for share in shares for pull in share.pulls]
    alone = start is None or start.block is None
    if not alone and not pulls and start is not None:
        return start.sentence
    if alone and len(pulls) == 1 and pulls[0].headline:
        return message("Why", pulls[0].headline, count=count, total=text(total))
    if alone and count == 1 and len(blocks[0].factors) > 1:
        upstream, *others = (float(each.values.reshape(-1)[0]) for each in blocks[0].factors)
        slope = float(np.prod(others))
        template = QT_TRANSLATE_NOOP("Why", "{upstream} comes back, times {slope} = {total}")
        return message(
            "Why", template, upstream=text(upstream), slope=text(slope), total=text(total)
        )
    if alone and count == 1:
        template = QT_TRANSLATE_NOOP("Why", "{total} comes back as it is")
        return message("Why", template, total=text(total))
    real = (
        share
        for share in shares
        if any(block.products.size for made in share.blocks for block in made)
    )
    steps = len({share.number for share in real})
    if steps > 1:
        template = QT_TRANSLATE_NOOP("Why", "{count} terms through {steps} steps added = {total}")
        return message("Why", template, count=count, steps=steps, total=text(total))
    template = QT_TRANSLATE_NOOP("Why", "{count} terms added = {total}")
    return message("Why", template, count=count, total=text(total))


def _terms(share: Share) -> int:
    """Return how many terms come back through one step."""
    return sum(block.products.size for made in share.blocks for block in made)


def _scale(shares: tuple[Share, ...], start: Start | None, blocks: tuple[Block, ...]) -> float:
    scale = sum(float(np.abs(block.products).sum()) for block in blocks)
    for share in shares:
        for pull, made in zip(share.pulls, share.blocks, strict=True):
            if pull.rounding:
                upstream = sum(float(np.abs(block.factors[0].values).sum()) for block in made)
                scale += pull.rounding * upstream
    return scale + (0.0 if start is None else start.rounding)


def _dtype(shares: tuple[Share, ...], dtype: str) -> str:
    """Return the coarsest type in which torch worked."""
    types = {dtype, *(share.dtype for share in shares)}
    return next((one for one in _COARSE if one in types), dtype)


def _with_notes(
    made: Explanation, capture: Capture, shares: tuple[Share, ...], unknown: tuple[Message, ...]
) -> Explanation:
    notes = [note for share in shares for pull in share.pulls for note in pull.notes]
    template = QT_TRANSLATE_NOOP("Why", "The sum is incomplete. {reason}")
    notes += [message("Why", template, reason=reason) for reason in unknown]
    if not unknown and not made.adds_up:
        notes.append(_unseen(capture, made))
    if not notes:
        return made
    return replace(made, notes=tuple(dict.fromkeys(notes)))


def _unseen(capture: Capture, made: Explanation) -> Message:
    step = capture.steps.get(made.step)
    opaque = next((each.name for each in capture.steps if each.opaque and each.op != "alias"), None)
    if step is not None and step.op == "alias":
        template = QT_TRANSLATE_NOOP(
            "Why",
            "The sum is incomplete: a view shares the memory of this tensor, and what comes back "
            "through the view is not recorded as a step.",
        )
    elif opaque is not None:
        template = QT_TRANSLATE_NOOP(
            "Why",
            "The sum is incomplete: {opaque} is opaque, and what it does with this tensor is not "
            "recorded.",
        )
        return message("Why", template, opaque=opaque)
    elif capture.objective is not None and capture.objective.kind == "callable":
        template = QT_TRANSLATE_NOOP(
            "Why",
            "The sum is incomplete: the objective is a function, and what it does with this "
            "tensor besides is not recorded.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Why",
            "The sum is incomplete: something that is not recorded, such as a hook, changes this "
            "gradient.",
        )
    return message("Why", template)
