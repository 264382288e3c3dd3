"""Linear flows of matrices and of what is made of them, and the spectra of X X.T and X.T X."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, equation, make_fact, require_domain
from grokmath.proof.matrix_forms import Matrices
from grokmath.proof.matrix_terms import Expm, Path, SpectralSum, TimeDerivative, all_symbols, matrix_parts
from grokmath.proof.normal import refuse

__all__ = ["combine_matrices", "dual_spectrum", "linear_flow"]


def linear_flow(
    laws: Sequence[tuple[Fact, Fact]], moving: Any, generator: Any, *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """R(t) = exp(t G) R(0) for t > 0, where R = ``moving`` is made of the paths of a flow and obeys dR/dt = G R.

    ``laws`` are the facts on the derivative and on the start of each path in R, as ``gradient_flow`` gives them, at any
    values of the other arguments. Proved: dR/dt = G R, the laws put in; G is a multiple of a symmetric word plus one of
    the identity, and depends neither on the time nor on a path; R has a form for all t >= 0, so that it is continuous
    there as the paths are. Then exp(-t G) R has the derivative 0 and is R(0) throughout.
    """
    rule = "linear flow"
    if not laws:
        raise refuse(rule, "the laws of the paths are needed")
    _require_plain_names(rule, moving, generator)
    matrices = Matrices(rule, domain, [law for law, _ in laws])
    starts: dict[Any, Any] = {}
    times = set()
    for law, begin in laws:
        for fact in (law, begin):
            require_domain(fact, matrices.normal)
        path = law.lhs.args[0] if isinstance(law.lhs, TimeDerivative) else None
        if not isinstance(path, Path) or not isinstance(begin.statement, sympy.Eq):
            raise refuse(rule, f"{law} is not the law of a path")
        words = dict(law.definitions).get(path.args[0])
        if words is None or words[0] != "gradient flow" or path.arguments[0] != law.lhs.args[1]:
            raise refuse(rule, f"{law} is not the law of a flow in the time of {path}")
        if begin.lhs != path.func(*path.args[:3], sympy.S.Zero, *path.arguments[1:]):
            raise refuse(rule, f"{begin} is not the start of {path}")
        times.add(path.arguments[0])
        starts[path] = begin.rhs
    (time,) = times if len(times) == 1 else (None,)
    if time is None or not (time.is_Symbol and time.is_positive) or time.is_integer or time in domain.symbols:
        raise refuse(rule, "the paths have not one positive time that the domain leaves free")
    others = [part for part in sympy.preorder_traversal(moving) if isinstance(part, Path) and part not in starts]
    if others or any(isinstance(part, Path) for part in sympy.preorder_traversal(generator)):
        raise refuse(rule, f"{others or generator} has a path without a law, or the generator one at all")
    if time in all_symbols(generator) | set().union(*(all_symbols(start) for start in starts.values())):
        raise refuse(rule, f"{generator} or a start depends on {time}")
    rest = matrices.difference(TimeDerivative(moving, time), generator * moving)
    if rest:
        raise refuse(rule, f"the derivative of {moving} is not {generator} times it: {rest} is left over")
    later = sympy.Symbol("_t", nonnegative=True)
    names = {path: sympy.MatrixSymbol(f"_path{k}", *path.shape) for k, path in enumerate(starts)}
    frozen = moving.xreplace(names)
    matrices.form(frozen.xreplace({time: later}))
    begin_at = frozen.xreplace({time: sympy.S.Zero}).xreplace({names[path]: start for path, start in starts.items()})
    value = Expm(time * generator) * begin_at
    if matrices.form(value).shape != matrices.form(moving).shape:
        raise refuse(rule, f"{begin_at} does not have the size of {moving}")
    return make_fact(equation(moving, value), domain, rule, note, [fact for pair in laws for fact in pair])


def _require_plain_names(rule: str, *parts: Any) -> None:
    """Refuse names of the kernel, bound ones as well: they would capture what the rule puts in."""
    for part in parts:
        for name in sympy.preorder_traversal(part):
            if isinstance(name, sympy.Symbol | sympy.MatrixSymbol) and name.name.startswith("_"):
                raise refuse(rule, f"names that begin with an underscore, such as {name}, are reserved")


def dual_spectrum(f: Any, matrix: Any, scale: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """The sum of f over the N eigenvalues of c X X.T is that over the d eigenvalues of c X.T X plus (N - d) f(0).

    ``f`` is a ``Lambda`` of a real or a non-negative symbol, ``matrix`` the N x d matrix X, ``scale`` the number c > 0.
    Proved: c > 0 and f is defined for all eigenvalues that are not negative. X X.T and X.T X have the same eigenvalues
    other than 0, each as many times: v is an eigenvector of the one, X.T v of the other.
    """
    rule = "spectra of X X.T and X.T X"
    matrices = Matrices(rule, domain)
    shape = matrices.form(matrix).shape
    (nu,) = f.variables
    real = nu.is_Symbol and nu.is_real and not nu.is_integer and not nu.is_nonzero and not nu.is_nonpositive
    if shape is None or not real or nu in domain.symbols | all_symbols(matrix) | all_symbols(sympy.S(scale)):
        raise refuse(rule, f"{matrix} is not a matrix, or {nu} does not run over the numbers that are not negative")
    _require_plain_names(rule, f.expr, matrix)
    matrices.normal.require((sympy.S(scale), ">"), "the factor")
    at_least_zero = sympy.Symbol("_x1", nonnegative=True)
    matrices.normal.form(f.expr.xreplace({nu: at_least_zero}))
    rows, columns = shape
    left = SpectralSum(f, scale * matrix * matrix.T)
    right = SpectralSum(f, scale * matrix.T * matrix) + (rows - columns) * f(sympy.S.Zero)
    for part in (left, right):
        matrices.form(part)
    return make_fact(equation(left, right), domain, rule, note)


def combine_matrices(
    goal: Any, parts: Sequence[tuple[Any, Fact]], *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """``goal``, an equality of matrices or of numbers, as a linear combination of equalities of the same size.

    Proved: goal.rhs - goal.lhs - sum of m_k (rhs_k - lhs_k) is 0, for numbers m_k without matrices.
    """
    rule = "combine"
    matrices = Matrices(rule, domain)
    if not isinstance(goal, sympy.Eq) or not all(isinstance(fact.statement, sympy.Eq) for _, fact in parts):
        raise refuse(rule, f"{goal} or one of the facts is not an equality")
    terms = [(sympy.S.One, matrices.form(goal.rhs)), (sympy.S.NegativeOne, matrices.form(goal.lhs))]
    for factor, fact in parts:
        require_domain(fact, matrices.normal)
        if matrix_parts(sympy.S(factor)):
            raise refuse(rule, f"the multiplier {factor} has matrices in it")
        matrices.normal.form(sympy.S(factor))
        terms += [(-sympy.S(factor), matrices.form(fact.rhs)), (sympy.S(factor), matrices.form(fact.lhs))]
    rest = matrices.remainder(matrices.scaled_sum(terms), matrices.scaled_sum([(sympy.S.Zero, terms[0][1])]))
    if rest:
        raise refuse(rule, f"{goal} was not reached: {rest} is left over")
    return make_fact(goal, domain, rule, note, [fact for _, fact in parts])
