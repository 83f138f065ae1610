"""Why a gradient is exactly zero, in one sentence, and as a cause."""

import numpy as np

from lenet_viz.explain.backward.pull import Cause, Halt, Pull
from lenet_viz.explain.backward.shares import Kind, Share
from lenet_viz.explain.backward.start import Start
from lenet_viz.explain.terms import Numbers
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_RANKS = {Cause.OUTSIDE: 0, Cause.NOT_REACHED: 1, Cause.NO_DEPENDENCE: 2}
"""Causes of uses that do not take the number at all: another use's cause says more."""
RANKS = np.asarray([_RANKS.get(cause, 3) for cause in Cause], np.int8)
"""For each cause how much it says where a number has several uses; of equals the first counts."""


def verdict_of(
    shares: tuple[Share, ...], names: tuple[str, ...], start: Start | None, total: float
) -> Halt:
    """Return why a gradient is exactly zero.

    Args:
        shares: what each use gives back.
        names: the name of each share's step.
        start: what the objective gives.
        total: what the shares and the start come to in float64.
    """
    if total != 0.0:
        template = QT_TRANSLATE_NOOP(
            "Why", "The terms add up to less than the type can hold: rounded, that is zero."
        )
        return Halt(Cause.JUST_ZERO, message("Why", template))
    halts = [] if start is None else [Halt(_cause_of_start(start), start.sentence)]
    halts += [_of_share(share, name) for share, name in zip(shares, names, strict=True)]
    if not halts:
        template = QT_TRANSLATE_NOOP("Why", "No recorded step uses it.")
        return Halt(Cause.NOT_REACHED, message("Why", template))
    if _cancel(shares, start):
        template = QT_TRANSLATE_NOOP("Why", "The terms cancel: it is just zero.")
        return Halt(Cause.JUST_ZERO, message("Why", template))
    cause = combined([halt.cause for halt in halts])
    first = next(halt for halt in halts if halt.cause == cause)
    others = [halt for halt in halts if halt is not first]
    return Halt(cause, _joined([first, *others]).sentence)


def combined(causes: list[Cause]) -> Cause:
    """Return the cause that stands for several uses of one number."""
    return max(causes, key=lambda cause: int(RANKS[cause]))


def cause_of_share(share: Share, name: str) -> Cause:
    """Return why one share is nothing; NOT_ZERO where its terms are not all zero."""
    if _cancel((share,), None):
        return Cause.NOT_ZERO
    return _of_share(share, name).cause


def _cause_of_start(start: Start) -> Cause:
    if start.block is None:
        return Cause.UNKNOWN
    return Cause.JUST_ZERO if start.block.total else Cause.NO_DEPENDENCE


def _cancel(shares: tuple[Share, ...], start: Start | None) -> bool:
    """Return whether there are terms other than zero, which then cancel."""
    blocks = [block for share in shares for each in share.blocks for block in each]
    if start is not None and start.block is not None:
        blocks.append(start.block)
    return any(bool(np.any(block.products)) for block in blocks)


def _joined(halts: list[Halt]) -> Halt:
    if len(halts) == 1:
        return halts[0]
    first, second = halts[0].sentence, halts[1].sentence
    if len(halts) == 2:
        template = QT_TRANSLATE_NOOP("Why", "{first} {second}")
        return Halt(halts[0].cause, message("Why", template, first=first, second=second))
    template = QT_TRANSLATE_NOOP(
        "Why", "{first} {second} The other {count} uses give back nothing either."
    )
    count = len(halts) - 2
    joined = message("Why", template, first=first, second=second, count=count)
    return Halt(halts[0].cause, joined)


def _of_share(share: Share, name: str) -> Halt:
    if share.kind is Kind.NOT_REACHED:
        template = QT_TRANSLATE_NOOP("Why", "Backward does not pass through {step}.")
        return Halt(Cause.NOT_REACHED, message("Why", template, step=name))
    if share.kind is Kind.UNKNOWN:
        template = QT_TRANSLATE_NOOP("Why", "What comes back through {step} is not known here.")
        return Halt(Cause.UNKNOWN, message("Why", template, step=name))
    if share.kind is Kind.SILENT:
        return _downstream(name)
    halts = [
        of_pull(pull, upstream, name)
        for pull, upstream in zip(share.pulls, share.upstream, strict=True)
    ]
    return _joined(halts) if halts else _nowhere(name)


def _downstream(name: str) -> Halt:
    template = QT_TRANSLATE_NOOP(
        "Why", "Every gradient that could come back through {step} is zero itself."
    )
    return Halt(Cause.DOWNSTREAM, message("Why", template, step=name))


def _nowhere(name: str) -> Halt:
    template = QT_TRANSLATE_NOOP("Why", "{step} does not read this number: it is dropped.")
    return Halt(Cause.OUTSIDE, message("Why", template, step=name))


def of_pull(pull: Pull, gradients: Numbers, name: str) -> Halt:
    """Return why one pull brings nothing back; its products are all zero."""
    if pull.halt is not None:
        return pull.halt
    there = np.asarray((pull.reached >= 0).all(axis=-1))
    if not there.any():
        return _nowhere(name)
    if pull.weighs_input:
        inputs = pull.factors[0].values
        quiet = not inputs[there].any()
        if quiet or (gradients[there].any() and not (inputs[there & (gradients != 0)]).any()):
            return _input_zero(name, int(there.sum()), everywhere=quiet)
    if not gradients[there].any():
        return _downstream(name)
    template = QT_TRANSLATE_NOOP(
        "Why", "Each of the {count} terms through {step} has a factor that is zero."
    )
    return Halt(Cause.JUST_ZERO, message("Why", template, step=name, count=int(there.sum())))


def _input_zero(name: str, count: int, *, everywhere: bool) -> Halt:
    if not everywhere:
        template = QT_TRANSLATE_NOOP(
            "Why",
            "Wherever a gradient comes back to {step}, the input that this weight multiplies is "
            "zero.",
        )
    elif count == 1:
        template = QT_TRANSLATE_NOOP(
            "Why", "The one input of {step} that this weight multiplies is zero."
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Why", "All {count} inputs of {step} that this weight multiplies are zero."
        )
    return Halt(Cause.INPUT_ZERO, message("Why", template, step=name, count=count))
