"""Wendel's theorem, cited: the probability that random points are separable from the origin."""

from __future__ import annotations

from math import comb
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, equation, make_fact
from grokmath.proof.normal import refuse
from grokmath.proof.theorems import THEOREMS

__all__ = ["cite_wendel"]


def cite_wendel(application: Any, note: str = "") -> Fact:
    """P(N, d) = 2^(1-N) sum over k < d of the binomials of N - 1 over k, for explicit d >= 1.

    ``application`` = P(N, d): the probability that N points in d dimensions, independent, each with a density that is
    even (for instance normal about 0), are separable from the origin: that some S has S.x > 0 for all of them. N is an
    explicit integer >= 1, or a symbol that is declared as an integer >= 1; then the binomial is (N-1)...(N-k)/k!, which
    is 0 for k > N - 1.
    """
    rule = "cited: Wendel"
    if not isinstance(application, AppliedUndef) or len(application.args) != 2:
        raise refuse(rule, f"{application} is not a function of the number of points and the dimension")
    N, d = application.args
    if not (d.is_Integer and d >= 1):
        raise refuse(rule, f"the dimension {d} is not an integer >= 1")
    if N.is_Integer and N >= 1:
        total = sympy.Integer(sum(comb(int(N) - 1, k) for k in range(int(d))))
    elif N.is_Symbol and N.is_integer and N.is_positive:
        total = sympy.Add(
            *(sympy.Mul(*(N - 1 - j for j in range(k)), sympy.Rational(1, sympy.factorial(k))) for k in range(int(d)))
        )
    else:
        raise refuse(rule, f"the number of points {N} is neither an integer >= 1 nor a symbol for one")
    meaning = (application.func, ("probability of separability from the origin",))
    statement = equation(application, total * sympy.Integer(2) ** (1 - N))
    domain: Domain = EVERYWHERE
    return make_fact(statement, domain, rule, note or THEOREMS["wendel"].statement, (), "cited", meaning)
