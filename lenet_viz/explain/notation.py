"""An answer as text that can be pasted elsewhere: plain, Markdown, LaTeX."""

from collections.abc import Callable

import numpy as np

from lenet_viz.display import numbers
from lenet_viz.explain.terms import Answer, Block, Explanation, How, Unexplained

TERMS_SHOWN = 8
"""So many terms of a block are written out, the largest; the rest is summed up."""


def _name(explanation: Answer) -> str:
    asked = explanation.asked
    grad = ".grad" if asked.side.value == "gradient" else ""
    index = ", ".join(map(str, asked.index or ()))
    return f"{asked.name}{grad}[{index}]"


def _number(value: float) -> str:
    return numbers.text(np.float64(value), 6)


def _bracketed(value: float) -> str:
    text = _number(value)
    return f"({text})" if text.startswith("-") else text


def _terms(block: Block, times: str) -> tuple[list[str], int, float]:
    """Return the largest terms as text, how many are left, and what those come to.

    Terms that are exactly zero are left out.
    """
    flat = block.products.reshape(-1)
    factors = [each.values.reshape(-1) for each in block.factors]
    magnitude = np.where(np.isnan(flat), np.inf, np.abs(flat))
    order = [int(at) for at in np.argsort(-magnitude, kind="stable") if magnitude[at]]
    shown = [times.join(_bracketed(float(f[at])) for f in factors) for at in order[:TERMS_SHOWN]]
    rest = order[TERMS_SHOWN:]
    return shown, len(rest), float(flat[rest].sum()) if rest else 0.0


def _sum(block: Block, times: str, more: Callable[[int, float], str]) -> str:
    shown, count, rest = _terms(block, times)
    return " + ".join([*shown, more(count, rest)] if count else shown) or "0"


def as_text(answer: Answer) -> str:
    """Return an answer as plain lines in code style, ready for a message or a terminal."""
    if isinstance(answer, Unexplained):
        return f"{_name(answer)}: {answer.reason}\n"
    lines = [f"{_name(answer)} = {_number(answer.captured)}", str(answer.headline)]
    if answer.verdict is not None:
        lines.append(str(answer.verdict))
    for block in answer.blocks:
        terms = _sum(block, "·", lambda count, rest: f"[{count} more: {_number(rest)}]")
        lines.append(f"  {block.title}: {terms} = {_number(block.total)}")
    for line in answer.working:
        lines.append(f"  {line.left} = {line.right} = {_number(line.value)}")
    lines.append(f"total {_number(answer.total)}, difference {answer.difference:.1e}")
    return "\n".join(lines) + "\n"


def as_markdown(answer: Answer) -> str:
    """Return an answer as Markdown: a heading, a table of its terms, and the comparison."""
    if isinstance(answer, Unexplained):
        return f"**`{_name(answer)}`**: {answer.reason}\n"
    lines = [f"**`{_name(answer)}` = {_number(answer.captured)}**", "", str(answer.headline), ""]
    if answer.verdict is not None:
        lines += [f"> {answer.verdict}", ""]
    lines += ["| terms | arithmetic | total |", "| --- | --- | ---: |"]
    for block in answer.blocks:
        terms = _sum(block, " × ", lambda count, rest: f"… {count} more ({_number(rest)})")
        lines.append(f"| {block.title} | {terms} | {_number(block.total)} |")
    if answer.working:
        lines += ["", *(f"- `{w.left} = {w.right}` = {_number(w.value)}" for w in answer.working)]
    lines += ["", f"Total {_number(answer.total)}, difference {answer.difference:.1e}."]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    for old, new in (
        ("\\", r"\backslash "),
        ("_", r"\_"),
        ("%", r"\%"),
        ("#", r"\#"),
        ("&", r"\&"),
    ):
        text = text.replace(old, new)
    return text


def as_latex(answer: Answer) -> str:
    """Return an answer as a LaTeX ``align*`` environment (package amsmath)."""
    name = rf"\text{{{_escaped(_name(answer))}}}"
    if isinstance(answer, Unexplained):
        return f"% {_name(answer)}: {answer.reason}\n"
    if answer.how is How.WORKED_OUT:
        rows = [
            rf"{_math(w.left)} &= {_math(w.right)} = {_number(w.value)}" for w in answer.working
        ]
        rows.append(rf"{name} &= {_number(answer.total)}")
        return _aligned(rows)
    if answer.how is How.LARGEST:
        values = ", ".join(_number(float(v)) for v in answer.blocks[0].products.reshape(-1))
        return _aligned([rf"{name} &= \max\{{{values}\}} = {_number(answer.total)}"])
    rows = []
    for at, block in enumerate(answer.blocks):
        terms = _sum(
            block,
            r" \cdot ",
            lambda count, rest: (
                rf"\underbrace{{\cdots}}_{{{count}\text{{ more}}}}({_number(rest)})"
            ),
        )
        rows.append(rf"s_{{{at}}} &= {terms} = {_number(block.total)}")
    total = " + ".join(rf"s_{{{at}}}" for at in range(len(answer.blocks)))
    rows.append(rf"{name} &= {total} = {_number(answer.total)}")
    return _aligned(rows)


def _aligned(rows: list[str]) -> str:
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}\n"


def _math(text: str) -> str:
    for old, new in (
        ("·", r" \cdot "),
        ("√", r"\surd "),
        ("Σ", r"\sum "),
        ("σ", r"\sigma "),
        ("_", r"\_"),
    ):
        text = text.replace(old, new)
    return text


def as_json(answer: Answer, limit: int | None = None) -> dict[str, object]:
    """Return an answer as plain values for JSON: terms, total, captured value, difference.

    Args:
        answer: the answer.
        limit: the most terms that are listed, the largest; all if None. ``term_count`` says how
            many there are.
    """
    asked = {"of": str(answer.asked), "name": answer.asked.name, "index": answer.asked.index}
    if isinstance(answer, Unexplained):
        return {**asked, "terms": [], "total": None, "captured": answer.captured,
                "difference": None, "reason": str(answer.reason)}  # fmt: skip
    terms = _listed(answer)
    order = sorted(range(len(terms)), key=lambda at: -abs(float(str(terms[at]["value"]))))
    chosen = terms if limit is None else [terms[at] for at in sorted(order[:limit])]
    return {
        **asked,
        "op": answer.op,
        "formula": answer.formula,
        "headline": str(answer.headline),
        "terms": chosen,
        "term_count": len(terms),
        "total": answer.total,
        "captured": answer.captured,
        "difference": answer.difference,
        "adds_up": answer.adds_up,
        "working": [{"left": w.left, "right": w.right, "value": w.value} for w in answer.working],
        "verdict": None if answer.verdict is None else str(answer.verdict),
        "notes": [str(note) for note in answer.notes],
    }


def _listed(answer: Explanation) -> list[dict[str, object]]:
    terms: list[dict[str, object]] = []
    for block in answer.blocks:
        for place in np.ndindex(*block.shape):
            factors = []
            for factor in block.factors:
                where = factor.at(place)
                factors.append(
                    {
                        "role": str(factor.role),
                        "value": float(factor.values[place]),
                        "of": None if where is None else str(where),
                    }
                )
            value = float(block.products[place])
            terms.append({"block": str(block.title), "value": value, "factors": factors})
    return terms
