"""Functions that are defined by a power series, and equality of two sums by that of their terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain, RefusedStep
from grokmath.proof.facts import Fact, equation, make_fact, normal_for, require_domain
from grokmath.proof.normal import Normal, normal_form, refuse

__all__ = ["Expansion", "combine_series", "defining_series", "equal_series"]


@dataclass(frozen=True)
class Expansion:
    """``function`` is the sum of ``term`` over index = 0, 1, 2, ..., which converges absolutely.

    Only the rules of this module go on from such a statement: to all others it has no sides.
    """

    function: Any
    term: Any
    index: Any

    @property
    def args(self) -> tuple[Any, Any]:
        """The function and the term."""
        return self.function, self.term

    def _refused(self) -> NoReturn:
        raise RefusedStep(f"series: {self} is neither an equality nor an inequality")

    lhs = property(_refused)
    rhs = property(_refused)
    func = property(_refused)

    def __str__(self) -> str:
        return f"{self.function} = sum of {self.term} over {self.index} >= 0"


def defining_series(value: Any, index: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """The series by which a function of the list is defined, at an argument z > 0 (kind "definition").

    besseli(v, z), v > -1: (z/2)^(2n + v)/(n! Gamma(n + v + 1)), DLMF 10.25.2. hyper(a, c, z) with positive parameters
    and no more upper than lower ones, or one more and z < 1: (a_1)_n .../((c_1)_n ... n!) z^n, DLMF 16.2.1, (a)_n =
    Gamma(a + n)/Gamma(a). exp, cosh and sinh: DLMF 4.2.19, 4.33.1, 4.33.2. All converge absolutely: the ratio of two
    terms tends to 0, or to z < 1.
    """
    rule = "definition by a series"
    normal = normal_form(domain, rule)
    _require_index(normal, value, index)
    series = _SERIES.get(type(value))
    if series is None:
        raise refuse(rule, f"{value} is not a function of the list")
    normal.require((value.args[-1], ">"), f"the argument of {value}")
    term = series(normal, index, *value.args)
    normal.form(term)
    return make_fact(Expansion(value, term, index), domain, rule, note or "definition", (), "definition")


def combine_series(
    function: Any, parts: Sequence[tuple[Any, Fact]], term: Any, *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """``function`` = sum of m_j f_j is the sum of ``term`` = sum of m_j t_j, from f_j = sum of t_j over one index.

    The m_j are free of the index, and a finite sum of multiples of absolutely convergent series may be taken term by
    term. ``function`` is compared as a polynomial in values of the f_j about which nothing is used.
    """
    rule = "sum of series"
    if not parts:
        raise refuse(rule, "no series is given")
    function, term = sympy.S(function), sympy.S(term)
    known = [(sympy.S(m), fact, _expansion(rule, fact)) for m, fact in parts]
    index = known[0][2].index
    normal = normal_for(rule, domain, [fact for _, fact in parts])
    for m, fact, expansion in known:
        require_domain(fact, normal)
        if expansion.index != index:
            raise refuse(rule, f"{fact} has another index than {index}")
        _require_index(normal, m, index)
    _require_index(normal, function, index)
    values = {expansion.function: sympy.Dummy("f", real=True) for _, _, expansion in known}
    total = sympy.Add(*(m * values[expansion.function] for m, _, expansion in known))
    marked = function.xreplace(values)
    for part in marked.atoms(sympy.Integral, sympy.Derivative, sympy.Sum):  # f_j is no constant there
        if part.free_symbols & set(values.values()):
            raise refuse(rule, f"{function} has one of {', '.join(map(str, values))} in an integral or a derivative")
    if not normal.equal(marked, total):
        raise refuse(rule, f"{function} is not the given sum of {', '.join(map(str, values))}")
    terms = sympy.Add(*(m * expansion.term for m, _, expansion in known))
    if not normal.equal(term, terms):
        raise refuse(rule, f"the terms differ by {normal.difference(term, terms)}")
    return make_fact(Expansion(function, term, index), domain, rule, note, [fact for _, fact in parts])


def equal_series(left: Fact, right: Fact, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """f = g, as both are sums of series with one index, whose terms are proved equal for each index n >= 0."""
    rule = "equality of series"
    first, second = (_expansion(rule, fact) for fact in (left, right))
    if first.index != second.index:
        raise refuse(rule, f"{left} and {right} have not one index")
    normal = normal_for(rule, domain, [left, right])
    _require_index(normal, first.function, first.index)
    for fact in (left, right):
        require_domain(fact, normal)
    if not normal.equal(first.term, second.term):
        raise refuse(rule, f"the terms differ by {normal.difference(first.term, second.term)}")
    return make_fact(equation(first.function, second.function), domain, rule, note, [left, right])


def _expansion(rule: str, fact: Fact) -> Expansion:
    if not isinstance(fact.statement, Expansion):
        raise refuse(rule, f"{fact} is not the expansion of a function in a series")
    return fact.statement


def _require_index(normal: Normal, expr: Any, index: Any) -> None:
    """Refuse an index that does not run over all integers n >= 0, or on which something else depends."""
    if not index.is_Symbol or not (index.is_integer and index.is_nonnegative) or index.is_positive:
        raise refuse(normal.rule, f"{index} is not declared as an integer n >= 0")
    if index in expr.free_symbols | normal.domain.symbols:
        raise refuse(normal.rule, f"{expr} or the domain {normal.domain} depends on the index {index}")


def _besseli(normal: Normal, n: Any, v: Any, z: Any) -> Any:
    normal.require((v + 1, ">"), f"the order of besseli({v}, {z}) above -1")
    return (z / 2) ** (2 * n + v) / (sympy.factorial(n) * sympy.gamma(n + v + 1))


def _hyper(normal: Normal, n: Any, upper: Any, lower: Any, z: Any) -> Any:
    shown = f"hyper({upper}, {lower}, {z})"
    for part in (*upper, *lower):
        normal.require((part, ">"), f"a parameter of {shown}")
    if len(upper) > len(lower) + 1:
        raise refuse(normal.rule, f"{shown} has a series that does not converge")
    if len(upper) == len(lower) + 1:
        normal.require((1 - z, ">"), f"the argument of {shown} below 1")
    rising = [sympy.gamma(part + n) / sympy.gamma(part) for part in upper]
    falling = [sympy.gamma(part) / sympy.gamma(part + n) for part in lower]
    return sympy.Mul(*rising, *falling) * z**n / sympy.factorial(n)


_SERIES: dict[type, Callable[..., Any]] = {
    sympy.besseli: _besseli,
    sympy.hyper: _hyper,
    sympy.exp: lambda normal, n, z: z**n / sympy.factorial(n),
    sympy.cosh: lambda normal, n, z: z ** (2 * n) / sympy.factorial(2 * n),
    sympy.sinh: lambda normal, n, z: z ** (2 * n + 1) / sympy.factorial(2 * n + 1),
}
