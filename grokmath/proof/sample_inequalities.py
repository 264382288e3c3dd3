"""Inequalities about data of any size: numbers made of matrices, sums over the samples, and the largest over them.

Steps about numbers are proved by the rules for scalars; :func:`at_values` takes them to numbers that are made of
matrices. A statement about each sample has the index i in e_i = ``UnitVector(N, i)``, a symbol that is declared a
positive integer, and holds on a domain with i <= N. docs/proof_rules.md has the arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Condition, Domain, implicit_conditions
from grokmath.proof.facts import Fact, at_most, equation, make_fact, require_domain
from grokmath.proof.matrix_forms import Matrices
from grokmath.proof.matrix_terms import Largest, SampleSum, UnitVector, all_symbols, matrix_parts, square
from grokmath.proof.normal import Normal, Premise, normal_form, refuse
from grokmath.proof.terms import substitute

__all__ = ["at_values", "cauchy_schwarz", "define_largest", "equal_by_order", "sum_over_samples", "unfolded"]

_RELATIONS = sympy.Eq | sympy.Le | sympy.Lt
_FUNCTIONS = sympy.Add | sympy.Mul | sympy.Pow | sympy.exp | sympy.log


class _Numbers:
    """Numbers made of matrices as expressions in real symbols, one for each trace, sum or function in them."""

    def __init__(self, rule: str, domain: Domain, using: Sequence[Fact] = ()) -> None:
        self.rule, self.domain = rule, domain
        self.matrices = Matrices(rule, domain)
        self._names: dict[Any, Any] = {}
        known: list[Condition] = []
        for fact in using:
            if not isinstance(fact.statement, _RELATIONS) or any(isinstance(p, sympy.MatrixExpr) for p in _sides(fact)):
                raise refuse(rule, f"{fact} is not an equality or inequality of numbers")
            require_domain(fact, self.matrices.normal)
            left, right = map(self.plain, _sides(fact))
            known.append((right - left, ">" if isinstance(fact.statement, sympy.Lt) else ">="))
            if isinstance(fact.statement, sympy.Eq):
                known.append((left - right, ">="))
        known.sort(key=lambda condition: any(not p.exp.is_Integer for p in condition[0].atoms(sympy.Pow)))
        self.normal: Normal = normal_form(domain, rule, tuple(Premise(domain, frozenset(), (c,)) for c in known))

    def plain(self, expr: Any) -> Any:
        """The expression with a symbol for each part that is made of matrices; equal traces have one symbol."""
        expr = sympy.S(expr)
        if isinstance(expr, sympy.MatrixExpr):
            raise refuse(self.rule, f"{expr} is not a number")
        if not matrix_parts(expr) and not expr.has(AppliedUndef):
            return expr
        if isinstance(expr, _FUNCTIONS):
            return expr.func(*map(self.plain, expr.args))
        if isinstance(expr, sympy.Trace):
            form = self.matrices.form(expr)
            if not self.matrices.marked(form):
                return self.matrices.plain(form)
        elif isinstance(expr, sympy.Sum):
            self.matrices.form(expr)
        elif not isinstance(expr, AppliedUndef):
            raise refuse(self.rule, f"{type(expr).__name__} in {expr} is not in the vocabulary of this rule")
        if expr not in self._names:
            self._names[expr] = sympy.Dummy(f"number{len(self._names)}", real=True)
        return self._names[expr]

    def require_defined(self, expr: Any) -> None:
        """Refuse unless each part of a number is proved to be defined: two that are equal may cancel in the whole."""
        expr = sympy.S(expr)
        if isinstance(expr, sympy.MatrixExpr):
            self.matrices.form(expr)
            return
        if isinstance(expr, AppliedUndef) or (isinstance(expr, _FUNCTIONS) and self.plain(expr) != expr):
            for part in expr.args:
                self.require_defined(part)
        self.normal.form(self.plain(expr))


def at_values(
    fact: Fact, values: Mapping[Any, Any], *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """A fact about real numbers at numbers that are made of matrices: traces, sums over samples, functions of data.

    ``fact`` is an equality or inequality of vocabulary functions without matrices; ``values`` maps its symbols, none of
    which is declared an integer, to such numbers. Proved: each value is defined; what is declared of the symbols and
    the domain of the fact hold for the values, by the rules for scalars from the facts in ``using``, in which equal
    traces, and literally equal sums and functions, are one real number.
    """
    rule = "numbers made of matrices"
    for side in _sides(fact) if isinstance(fact.statement, _RELATIONS) else ():
        if matrix_parts(side) or not is_continuous_vocabulary(side):
            raise refuse(rule, f"{side} has matrices, integrals or functions that are not in the vocabulary")
    if not isinstance(fact.statement, _RELATIONS):
        raise refuse(rule, f"{fact} is not an equality or inequality")
    values = {symbol: sympy.S(value) for symbol, value in values.items()}
    numbers = _Numbers(rule, domain, using)
    plain = {}
    for symbol, value in values.items():
        if not (symbol.is_Symbol and symbol.is_real) or symbol.is_integer:
            raise refuse(rule, f"{symbol} is not a symbol for a real number")
        plain[symbol] = numbers.plain(value)
        numbers.require_defined(value)
    for symbol in values:
        for condition, kind in implicit_conditions(symbol):
            numbers.normal.require((substitute(condition, plain, rule), kind), f"the assumption on {symbol}")
    for condition, kind in fact.domain.conditions:
        if not is_continuous_vocabulary(condition):
            raise refuse(rule, f"the domain of {fact} has functions that are not in the vocabulary")
        numbers.normal.require((substitute(condition, plain, rule), kind), f"the domain of {fact}")
    left, right = (substitute(side, values, rule) for side in _sides(fact))
    return make_fact(fact.statement.func(left, right, evaluate=False), domain, rule, note, (fact, *using))


def sum_over_samples(fact: Fact, index: Any, last: Any, *, note: str = "") -> Fact:
    """Sum of f(i) <= sum of g(i) over i = 1, ..., N, from f(i) <= g(i) for each of these i; < from <.

    Factors that do not depend on i stand before the sum, and N for a sum of ones. ``fact`` holds for each i = 1, ...,
    N: its domain says nothing else of the index than i <= N.
    """
    rule = "sum over the samples"
    if not isinstance(fact.statement, sympy.Le | sympy.Lt):
        raise refuse(rule, f"{fact} is not an inequality")
    _require_index(rule, index, last)
    for side in _sides(fact):
        _require_free(rule, side, {index: last})
    outer = Domain(tuple(c for c in fact.domain.conditions if index not in c[0].free_symbols))
    inside = normal_form(outer.and_((last - index, ">=")), rule)
    for condition in fact.domain.conditions:
        inside.require(condition, f"{fact} holds for each {index}")
    left, right = (_total(side, index, last) for side in _sides(fact))
    return make_fact(at_most(left, right, strict=isinstance(fact.statement, sympy.Lt)), outer, rule, note, (fact,))


def _total(side: Any, index: Any, last: Any) -> Any:
    factors = sympy.Mul.make_args(side)
    inside = [part for part in factors if index in all_symbols(part)]
    outside = sympy.Mul(*(part for part in factors if part not in inside))
    return outside * (sympy.Sum(sympy.Mul(*inside), (index, 1, last)) if inside else last)


def cauchy_schwarz(one: Any, other: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> tuple[Fact, Fact, Fact]:
    """tr(A.T B) <= |A| |B| for two matrices of one size, 0 <= tr(A.T A) and 0 <= tr(B.T B); |A| is the root."""
    rule = "inequality of Cauchy and Schwarz"
    matrices = Matrices(rule, domain)
    if not all(isinstance(part, sympy.MatrixExpr) for part in (one, other)):
        raise refuse(rule, f"{one} and {other} are not matrices")
    forms = [matrices.form(part) for part in (one, other)]
    if forms[0].shape != forms[1].shape:
        raise refuse(rule, f"{one} and {other} do not have one size")
    sizes = [square(part) for part in (one, other)]
    product = at_most(sympy.Trace(one.T * other), sympy.sqrt(sizes[0]) * sympy.sqrt(sizes[1]))
    signs = [at_most(0, size) for size in sizes]
    first, second, third = (make_fact(statement, domain, rule, note) for statement in (product, *signs))
    return first, second, third


def define_largest(
    application: Any, body: Any, *indices: tuple[Any, Any], using: Sequence[Fact] = (), note: str = ""
) -> tuple[Fact, Fact]:
    """D(X, ...) = the largest of the numbers f(i, ...) over the samples, and f(i, ...) <= D for each.

    ``application`` is a new function of distinct matrix and scalar symbols, which with the indices are all that the
    body f has; f is proved to be defined for all i = 1, ..., N, ..., from the facts in ``using``.
    """
    rule = "definition of the largest over samples"
    arguments = application.args if isinstance(application, AppliedUndef) else ()
    distinct = len(set(arguments)) == len(arguments) > 0
    if not distinct or not all(type(a) is sympy.MatrixSymbol or a.is_Symbol for a in arguments):
        raise refuse(rule, f"{application} is not a new function of distinct symbols")
    names = {index for index, _ in indices}
    if not indices or len({name.name for name in names}) < len(indices):
        raise refuse(rule, "an index for each range is needed")
    for index, last in indices:
        _require_index(rule, index, last)
    body = sympy.S(body)
    known = set().union(*(all_symbols(argument) for argument in arguments))
    other = all_symbols(body) - known - names
    missing = set().union(*(sympy.S(last).free_symbols for _, last in indices)) - known
    if names & known or other or missing or body.has(application.func):
        raise refuse(rule, f"{body} has other symbols than {application} and the indices, or {application} has those")
    _require_free(rule, body, dict(indices))
    domain = Domain(tuple((last - index, ">=") for index, last in indices))
    numbers = _Numbers(rule, domain, using)
    numbers.require_defined(body)
    largest = Largest(body, *indices)
    meaning = (application.func, ("largest over the samples", arguments, largest))
    name = make_fact(equation(application, largest), EVERYWHERE, rule, note, using, "definition", meaning)
    bound = make_fact(at_most(body, application), domain, rule, note, using, "definition", meaning)
    return name, bound


def equal_by_order(at_most_one: Fact, at_most_other: Fact, *, note: str = "") -> Fact:
    """A = B from A <= B and B <= A, two statements about numbers on one domain, each side literally the other's."""
    rule = "equality by order"
    one, other = at_most_one.statement, at_most_other.statement
    if not all(isinstance(part, sympy.Le) for part in (one, other)):
        raise refuse(rule, f"{at_most_one} and {at_most_other} are not two inequalities <=")
    if (one.lhs, one.rhs) != (other.rhs, other.lhs):
        raise refuse(rule, f"{at_most_other} is not the converse of {at_most_one}")
    domain = at_most_one.domain.with_(at_most_other.domain)
    return make_fact(equation(one.lhs, one.rhs), domain, rule, note, (at_most_one, at_most_other))


def unfolded(fact: Fact, meanings: Sequence[Fact], *, note: str = "") -> Fact:
    """The fact with functions replaced by what they stand for: equalities f(X, ...) = body that hold everywhere.

    Equal numbers are put for one another; only where f stands with the very arguments of the equality.
    """
    rule = "written out"
    if not isinstance(fact.statement, _RELATIONS):
        raise refuse(rule, f"{fact} is not an equality or inequality")
    left, right = _sides(fact)
    for known in meanings:
        plain = isinstance(known.statement, sympy.Eq) and isinstance(known.lhs, AppliedUndef)
        if not plain or known.domain.conditions:
            raise refuse(rule, f"{known} does not say everywhere what a function is")
        if all_symbols(known.rhs) - all_symbols(known.lhs):
            raise refuse(rule, f"{known} has other symbols on its right side")
        for side in (left, right):
            if side.has(sympy.Derivative, sympy.Integral):
                raise refuse(rule, f"{side} has a derivative or an integral")
        left, right = (side.xreplace({known.lhs: known.rhs}) for side in (left, right))
    return make_fact(fact.statement.func(left, right, evaluate=False), fact.domain, rule, note, (fact, *meanings))


def _sides(fact: Fact) -> tuple[Any, Any]:
    return fact.lhs, fact.rhs


def _require_index(rule: str, index: Any, last: Any) -> None:
    """Refuse unless the index is a positive integer symbol and N a positive integer without it."""
    last = sympy.S(last)
    if not (index.is_Symbol and index.is_integer and index.is_positive):
        raise refuse(rule, f"{index} is not declared a positive integer")
    if not (last.is_integer and last.is_positive) or index in last.free_symbols:
        raise refuse(rule, f"{last} is not declared a positive integer, or has the index {index}")


def _require_free(rule: str, expr: Any, ranges: Mapping[Any, Any]) -> None:
    """Refuse if an index is bound in the expression, or numbers the samples of another set."""
    names = {index.name for index in ranges}
    other = {symbol for symbol in all_symbols(expr) - set(ranges) if symbol.name in names}
    if other:
        raise refuse(rule, f"another symbol has the name of the index {other.pop()}")
    for part in sympy.preorder_traversal(expr):
        bound: set[Any] = set()
        if isinstance(part, sympy.Sum | sympy.Integral):
            bound = {limit[0] for limit in part.limits}
        elif isinstance(part, SampleSum):
            bound = {part.args[1]}
        elif isinstance(part, Largest):
            bound = {index for index, _ in part.indices}
        if {name.name for name in bound} & names:
            raise refuse(rule, f"{part} binds one of {', '.join(sorted(names))}")
        if isinstance(part, sympy.MatrixExpr) and set(ranges) & set().union(*(s.free_symbols for s in part.shape)):
            raise refuse(rule, f"the size of {part} depends on the index")
        if isinstance(part, UnitVector) and any(
            index in part.args[1].free_symbols and part.args != (last, index) for index, last in ranges.items()
        ):
            raise refuse(rule, f"{part} is not one of the samples that are counted")
