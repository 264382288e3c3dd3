"""The maximum-margin separator, and the cited theorem that gradient descent goes there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, Tends, make_fact, normal_for
from grokmath.proof.normal import refuse
from grokmath.proof.theorems import THEOREMS

__all__ = ["cite_soudry"]


def cite_soudry(
    iterates: Sequence[Any],
    t: Any,
    points: Sequence[Sequence[Any]],
    separator: Sequence[Any],
    weights: Sequence[Any],
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> tuple[Fact, ...]:
    """w_j(t)/log t -> s_j as t -> oo for each component j of gradient descent on the mean of log(1 + exp(-w.x_i)).

    ``iterates`` = w_1(t, ...), w_2(t, ...), ... are new functions of the step t, a symbol declared as a positive
    integer, and of the parameters in the data; ``points`` are the x_i, each multiplied by its label; the step is
    constant and less than 2 over the largest eigenvalue of the mean of x_i x_i^T/4, and the start is arbitrary.
    Proved: the ``separator`` s is the unique minimiser of |s|^2 subject to s.x_i >= 1, because s.x_i >= 1 for all i, s
    = sum of a_i x_i with ``weights`` a_i >= 0, and a_i (s.x_i - 1) = 0. (For any w with w.x_i >= 1 then |s|^2 = sum
    a_i s.x_i = sum a_i <= sum a_i w.x_i = w.s <= |w| |s|, with equality only at w = s.) As s separates the data, they
    are separable, and the theorem applies.
    """
    rule = "cited: Implicit bias of gradient descent"
    if not (t.is_Symbol and t.is_integer and t.is_positive) or t in domain.symbols:
        raise refuse(rule, f"{t} is not a symbol for the number of the step")
    size = len(separator)
    if not points or size != len(iterates) or any(len(x) != size for x in points) or len(weights) != len(points):
        raise refuse(rule, "the numbers of components do not fit together")
    given = [sympy.S(part) for row in (*points, separator, weights) for part in row]
    parameters = set().union(*(part.free_symbols for part in given)) | domain.symbols
    for w in iterates:
        plain = isinstance(w, AppliedUndef) and all(argument.is_Symbol for argument in w.args)
        if not plain or len(set(w.args)) < len(w.args) or set(w.args) != parameters | {t} or t in parameters:
            raise refuse(rule, f"{w} is not a new function of {t} and of the parameters in the data")
    if len({w.func for w in iterates}) < size or not all(is_continuous_vocabulary(part) for part in given):
        raise refuse(rule, "two components have one name, or the data are not expressions of the vocabulary")
    normal = normal_for(rule, domain, using)
    for x, a in zip(points, weights, strict=True):
        slack = sympy.Add(*(s * part for s, part in zip(separator, x, strict=True))) - 1
        normal.require((slack, ">="), f"the margin of {tuple(x)}")
        normal.require((sympy.S(a), ">="), f"the weight of {tuple(x)}")
        if not normal.equal(a * slack, 0):
            raise refuse(rule, f"{tuple(x)} has weight {a}, but is not on the margin")
    for j, s in enumerate(separator):
        total = sympy.Add(*(a * x[j] for x, a in zip(points, weights, strict=True)))
        if not normal.equal(s, total):
            raise refuse(rule, f"component {j} of the separator is {s}, not {total}")
    data = ("gradient descent", iterates[0].args, t, tuple(tuple(x) for x in points))
    text = note or THEOREMS["soudry"].statement
    return tuple(
        make_fact(
            Tends(w / sympy.log(t), t, sympy.oo, sympy.S(s)), domain, rule, text, using, "cited", (w.func, (*data, j))
        )
        for j, (w, s) in enumerate(zip(iterates, separator, strict=True))
    )
