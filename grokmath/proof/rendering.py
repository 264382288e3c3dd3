"""A derivation as text, Markdown or LaTeX: its steps numbered, premises before conclusions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from grokmath.proof.domain import condition_text
from grokmath.proof.facts import Asymptotic, Fact, Tends, Together, counts, steps
from grokmath.proof.power_series import Expansion

__all__ = ["render", "statement_text"]

_SIGNS = {sympy.Eq: ("=", "="), sympy.Le: ("<=", r"\le"), sympy.Lt: ("<", "<")}


def statement_text(fact: Fact) -> str:
    """The statement and its domain on one line."""
    text = _statement(fact.statement, str, 0)
    return text + _where(fact, 0)


def _where(fact: Fact, style: int) -> str:
    if not fact.domain.conditions:
        return ""
    if style == 0:
        return f"   where {fact.domain}"
    return r" \qquad (" + ",\\ ".join(_condition_latex(c) for c in fact.domain.conditions) + ")"


def _statement(statement: Any, show: Callable[[Any], str], style: int) -> str:
    if isinstance(statement, Together):
        parts = [_statement(fact.statement, show, style) + _where(fact, style) for fact in statement.facts]
        return ("; ", r";\quad ")[style].join(parts)
    if isinstance(statement, Tends):
        arrow = (" -> ", r" \to ")[style]
        tail = (" as ", r" \quad\text{as } ")[style] + show(statement.var) + arrow + show(statement.point)
        return show(statement.expr) + arrow + show(statement.value) + tail
    if isinstance(statement, Asymptotic):
        tail = (
            (" as ", r" \quad\text{as } ")[style]
            + show(statement.var)
            + (" -> ", r" \to ")[style]
            + show(statement.point)
        )
        return show(statement.f) + (" ~ ", r" \sim ")[style] + show(statement.g) + tail
    if isinstance(statement, Expansion):
        total = (" = sum of {} over {} >= 0", r" = \sum_{{{1}=0}}^\infty {0}")[style]
        return show(statement.function) + total.format(show(statement.term), show(statement.index))
    sign = next(signs[style] for head, signs in _SIGNS.items() if isinstance(statement, head))
    return f"{show(statement.lhs)} {sign} {show(statement.rhs)}"


def render(fact: Fact, title: str = "", style: str = "text") -> str:
    """The derivation that leads to the fact; ``style`` is "text", "markdown" or "latex"."""
    lines = {"text": _text, "markdown": _markdown, "latex": _latex}
    if style not in lines:
        raise ValueError(f"render: style {style!r} is not text, markdown or latex")
    ordered = steps(fact)
    number = {id(step): i for i, step in enumerate(ordered, 1)}
    body = [lines[style](step, number) for step in ordered]
    tally = ", ".join(f"{n} {kind}" for kind, n in counts(fact).items() if n)
    head = {"text": title, "markdown": f"# {title}", "latex": rf"\section*{{{title}}}"}[style] if title else ""
    return "\n\n".join(part for part in (head, *body, f"Steps: {tally}.") if part) + "\n"


def _reasons(step: Fact, number: dict[int, int]) -> tuple[str, str]:
    premises = ", ".join(f"({number[id(p)]})" for p in step.premises)
    return step.rule + (f" from {premises}" if premises else ""), step.note


def _text(step: Fact, number: dict[int, int]) -> str:
    reason, note = _reasons(step, number)
    return f"({number[id(step)]}) {statement_text(step)}\n    {reason}" + (f"\n    {note}" if note else "")


def _math(step: Fact) -> str:
    return _statement(step.statement, sympy.latex, 1) + _where(step, 1)


def _condition_latex(condition: Any) -> str:
    relation = condition_text(condition)
    expr, kind = condition
    signs = {">": ">", ">=": r"\ge", "!=": r"\ne"}
    return rf"{sympy.latex(expr)} {signs[kind]} 0" if relation else ""


def _markdown(step: Fact, number: dict[int, int]) -> str:
    reason, note = _reasons(step, number)
    return f"**({number[id(step)]})** $${_math(step)}$$\n\n*{reason}*" + (f" — {note}" if note else "")


def _latex(step: Fact, number: dict[int, int]) -> str:
    reason, note = _reasons(step, number)
    words = _escaped(reason + (f": {note}" if note else ""))
    return rf"\begin{{equation}}\tag{{{number[id(step)]}}} {_math(step)} \end{{equation}}" + f"\n{words}"


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in "_%&#$" else r"\^{}" if c == "^" else c for c in text)
