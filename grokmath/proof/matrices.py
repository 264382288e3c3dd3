"""Rules about matrices of any size: equality by normal form, definitions, gradient flow, values of symbols.

What the normal form proves is told in :mod:`grokmath.proof.matrix_forms`; docs/proof_rules.md has the arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, equation, make_fact, require_domain, steps
from grokmath.proof.matrix_forms import Matrices
from grokmath.proof.matrix_functions import is_full_gram
from grokmath.proof.matrix_terms import (
    MEANS,
    FullRankMatrix,
    Gradient,
    OrthogonalMatrix,
    Path,
    SampleSum,
    SpectralSum,
    SymmetricMatrix,
    TimeDerivative,
    all_symbols,
    matrix_parts,
)
from grokmath.proof.matrix_words import flipped
from grokmath.proof.normal import Normal, normal_form, refuse
from grokmath.proof.terms import rebuilt, substitute

__all__ = [
    "define_of_matrices",
    "flow_solution",
    "gradient_flow",
    "instantiate_matrices",
    "matrix_rewrite",
    "spectral_sum",
]


def matrix_rewrite(
    lhs: Any, rhs: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """lhs = rhs, two scalars or two matrices of one shape, by the normal form of matrices.

    The equalities in ``using`` have replaced their left sides by their right ones before, where these occur literally;
    those whose left side is a ``TimeDerivative`` of a path give its derivative.
    """
    rule = "matrix algebra"
    lhs, rhs = sympy.S(lhs), sympy.S(rhs)
    matrices = Matrices(rule, domain, using)
    left, right = (_by_facts(side, using, matrices.normal) for side in (lhs, rhs))
    rest = matrices.difference(left, right)
    if rest:
        raise refuse(rule, f"{lhs} and {rhs} differ by {rest}")
    exists = all(map(_known_derivatives, (lhs, rhs)))
    return make_fact(equation(lhs, rhs), domain, rule, note, using, differentiable=exists)


def _known_derivatives(expr: Any) -> bool:
    """Whether each scalar derivative is one that the normal form has taken, and so proved to exist."""
    functions = expr.atoms(AppliedUndef, SpectralSum)
    if any(function.has(sympy.Derivative) for function in functions):
        return False
    return all(matrix_parts(slope) for slope in expr.atoms(sympy.Derivative))


def _by_facts(expr: Any, facts: Sequence[Fact], normal: Normal) -> Any:
    for fact in facts:
        if not isinstance(fact.statement, sympy.Eq):
            raise refuse(normal.rule, f"{fact} is not an equality")
        require_domain(fact, normal)
        if not isinstance(fact.lhs, TimeDerivative):
            expr = _replaced(expr, fact, normal)
    return expr


def _replaced(expr: Any, fact: Fact, normal: Normal) -> Any:
    """The expression with the left side of an equality replaced: the fact holds for all values of its symbols, so
    also for those that a mean, a sum or a gradient binds.
    """
    if expr == fact.lhs:
        return fact.rhs
    if not expr.args or isinstance(expr, sympy.Derivative | sympy.Integral | sympy.MatrixSymbol | Path | sympy.Lambda):
        return expr
    parts = [_replaced(part, fact, normal) for part in expr.args]
    if not isinstance(expr, sympy.Expr) or isinstance(expr, sympy.MatrixExpr) or expr.args == tuple(parts):
        return expr.func(*parts)
    return rebuilt(expr, parts, normal)


def define_of_matrices(application: Any, body: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """L(S, X, t, ...) = a scalar body, for a new function symbol L of distinct matrix and scalar symbols.

    The body has no other symbols but the sizes of the arguments.
    """
    rule = "definition"
    body = sympy.S(body)
    arguments = application.args if isinstance(application, AppliedUndef) else ()
    distinct = len(set(arguments)) == len(arguments) > 0
    if not distinct or not all(type(a) is sympy.MatrixSymbol or a.is_Symbol for a in arguments):
        raise refuse(rule, f"{application} is not a new function of distinct symbols")
    if isinstance(body, sympy.MatrixExpr) or body.has(application.func):
        raise refuse(rule, f"{body} is not a scalar without {application.func}")
    _require_symbols(rule, application, body, arguments)
    Matrices(rule, domain).form(body)
    meaning = (application.func, (application.args, body))
    return make_fact(equation(application, body), domain, rule, note, (), "definition", meaning)


def _require_symbols(rule: str, what: Any, body: Any, arguments: Sequence[Any]) -> None:
    known = set().union(*(all_symbols(argument) for argument in arguments))
    other = all_symbols(body) - known
    if other:
        raise refuse(rule, f"the definition of {what} has the other symbols {sorted(map(str, other))}")


def gradient_flow(
    gradients: Sequence[Fact],
    paths: Sequence[Any],
    starts: Sequence[Any],
    rate: Any,
    *,
    domain: Domain = EVERYWHERE,
    note: str = "",
) -> tuple[tuple[Fact, Fact], ...]:
    """The paths S_k(t) with d/dt S_k = -rate * (gradient of L by S_k) at the paths, from S_k(0) = start_k.

    ``gradients`` are the facts Gradient(L, S_k) = G_k of one loss L, proved to be a sum of squares, so that the flow
    exists for all t >= 0 (it cannot leave a ball of radius sqrt(rate t L(0)) in time t) and is unique. Returns for each
    path the facts on its derivative and on its start. The paths' first argument is the time, a positive symbol.
    """
    rule = "gradient flow"
    symbols = [fact.lhs.args[1] for fact in gradients if isinstance(fact.lhs, Gradient)]
    losses = {fact.lhs.args[0] for fact in gradients if isinstance(fact.lhs, Gradient)}
    counts = {len(gradients), len(paths), len(starts), len(symbols), len(set(symbols)), len({p.name for p in paths})}
    if len(counts) > 1 or len(losses) != 1:
        raise refuse(rule, "gradients of one loss, a path and a start for each matrix are needed")
    normal = normal_form(domain, rule)
    normal.require((rate, ">="), "the learning rate")
    (loss,) = losses
    time = paths[0].arguments[0]
    _require_squares(rule, loss, gradients, normal)
    values = dict(zip(symbols, paths, strict=True))
    meanings, slopes = [], []
    for fact, path, start in zip(gradients, paths, starts, strict=True):
        require_domain(fact, normal)
        arguments = path.arguments
        if arguments != paths[0].arguments or len(set(arguments)) < len(arguments) or path.shape != start.shape:
            raise refuse(rule, f"{path} does not have the arguments or the size of the others")
        if not all(type(a) is sympy.MatrixSymbol or a.is_Symbol for a in arguments) or not time.is_positive:
            raise refuse(rule, f"{path} is not a function of a positive time and of distinct symbols")
        slope = -rate * _put(rule, fact.rhs, values)
        _require_symbols(rule, path, slope, [path, *arguments])
        _require_symbols(rule, path, start, [path, *arguments])
        if time in all_symbols(start) | all_symbols(fact.rhs) | all_symbols(rate):
            raise refuse(rule, f"the start or the gradient of {path} depends on {time}")
        slopes.append(slope)
        meanings.append((path.args, slope, start))
    made = []
    for path, slope, start in zip(paths, slopes, starts, strict=True):
        meaning = (path.args[0], ("gradient flow", tuple(meanings)))
        law = make_fact(
            equation(TimeDerivative(path, time), slope), domain, rule, note, gradients, "definition", meaning
        )
        begin = path.func(*path.args[:3], sympy.S.Zero, *path.arguments[1:])
        made.append(
            (law, make_fact(equation(begin, start), domain, rule, "at t = 0", gradients, "definition", meaning))
        )
    return tuple(made)


def _require_squares(rule: str, loss: Any, facts: Sequence[Fact], normal: Normal) -> None:
    """Refuse unless the loss, or what a step before the facts proves it equal to, is a sum of squares."""
    for fact in (step for last in facts for step in steps(last)):
        if isinstance(fact.statement, sympy.Eq) and fact.lhs == loss and _is_squares(fact.rhs, normal):
            require_domain(fact, normal)
            return
    if not _is_squares(loss, normal):
        raise refuse(rule, f"{loss} was not recognised as a sum of squares")


def _is_squares(expr: Any, normal: Normal) -> bool:
    if isinstance(expr, sympy.Add):
        return all(_is_squares(part, normal) for part in expr.args)
    if isinstance(expr, sympy.Sum):
        return _is_squares(expr.function, normal)
    if isinstance(expr, sympy.Trace):
        product = expr.arg.args if isinstance(expr.arg, sympy.MatMul) else (expr.arg,)
        factors = [part for part in product if isinstance(part, sympy.MatrixExpr)]
        half = len(factors) // 2
        scalar = sympy.Mul(*(part for part in product if not isinstance(part, sympy.MatrixExpr)))
        if len(factors) % 2 or matrix_parts(scalar) or not normal.nonnegative(scalar):
            return False
        return all(factors[-1 - i] == factors[i].T for i in range(half))
    if isinstance(expr, sympy.Mul):
        matrices = [part for part in expr.args if isinstance(part, sympy.Trace | sympy.Sum)]
        rest = sympy.Mul(*(part for part in expr.args if part not in matrices))
        return len(matrices) == 1 and _is_squares(matrices[0], normal) and normal.nonnegative(rest)
    return False


def flow_solution(
    laws: Sequence[tuple[Fact, Fact]], solutions: Sequence[Any], *, domain: Domain = EVERYWHERE, note: str = ""
) -> tuple[Fact, ...]:
    """Each path equals its solution: these start where the paths start, and have the derivatives that the laws give,
    the solutions put in for the paths.

    The right sides are polynomials in the entries of the paths with coefficients that do not depend on the time, so
    locally Lipschitz, and the solutions are defined and continuous for all t >= 0: there is one solution
    (Picard-Lindelöf).
    """
    rule = "uniqueness of the flow"
    if len(laws) != len(solutions) or not laws:
        raise refuse(rule, "a solution for each path is needed")
    facts = [fact for pair in laws for fact in pair]
    paths = [law.lhs.args[0] for law, _ in laws if isinstance(law.lhs, TimeDerivative)]
    if len(paths) != len(laws) or any(begin.rule != "gradient flow" for _, begin in laws):
        raise refuse(rule, "the laws are not those of gradient_flow")
    time = paths[0].arguments[0]
    matrices = Matrices(rule, domain)
    for fact in facts:
        require_domain(fact, matrices.normal)
    values = dict(zip(paths, solutions, strict=True))
    later = sympy.Symbol("_t", nonnegative=True)
    if time in domain.symbols:
        raise refuse(rule, f"the domain restricts {time}")
    for (law, begin), path, solution in zip(laws, paths, solutions, strict=True):
        others = [part for part in sympy.preorder_traversal(law.rhs) if isinstance(part, Path) and part not in values]
        if others or any(isinstance(part, Path) for part in sympy.preorder_traversal(solution)):
            raise refuse(rule, f"{others or solution} is a path that has no solution here")
        _require_autonomous(rule, matrices, law.rhs, paths, time)
        at_zero = path.func(*path.args[:3], sympy.S.Zero, *path.arguments[1:])
        if begin.lhs != at_zero or tuple(solution.shape) != tuple(path.shape):
            raise refuse(rule, f"{begin} is not the start of {path}")
        matrices.form(_put(rule, solution, {time: later}))
        for left, right, what in (
            (TimeDerivative(solution, time), _put(rule, law.rhs, values), f"the law of {path}"),
            (_put(rule, solution, {time: sympy.S.Zero}), begin.rhs, f"the start of {path}"),
        ):
            rest = matrices.difference(left, right)
            if rest:
                raise refuse(rule, f"{solution} does not obey {what}: {rest} is left over")
    return tuple(
        make_fact(equation(path, solution), domain, rule, note, facts)
        for path, solution in zip(paths, solutions, strict=True)
    )


def _require_autonomous(rule: str, matrices: Matrices, slope: Any, paths: Sequence[Any], time: Any) -> None:
    """Refuse unless a right side is a polynomial in the entries of the paths that has the time in nothing else."""
    names = {path: sympy.MatrixSymbol(f"_path{k}", *path.shape) for k, path in enumerate(paths)}
    written = _put(rule, slope, names)
    if time in all_symbols(written):
        raise refuse(rule, f"the law {slope} depends on {time} beside its paths")
    poly = matrices.form(written)
    for name in names.values():
        matrices.require_polynomial(poly, name)


def instantiate_matrices(
    fact: Fact, values: Mapping[Any, Any], *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """The fact at the given values of its matrix symbols (of the same sizes), sizes and scalar symbols.

    Assumptions of symbols and the domain of the fact are proved for the values. Bound symbols capture nothing, and
    neither the variable of a gradient nor that of a time derivative is replaced.
    """
    rule = "instantiate"
    values = {symbol: sympy.S(value) for symbol, value in values.items()}
    matrices = Matrices(rule, domain, using)
    if not isinstance(fact.statement, sympy.Eq):
        raise refuse(rule, f"{fact} is not an equality")
    for known in using:
        require_domain(known, matrices.normal)
    scalars = {symbol: value for symbol, value in values.items() if symbol.is_Symbol}
    for symbol, value in scalars.items():
        if isinstance(value, sympy.MatrixExpr) or (symbol.is_integer and not value.is_integer):
            raise refuse(rule, f"{value} was not proved to be an integer, or a scalar, as {symbol} is")
        matrices.normal.form(value)
        for condition, kind in implicit_conditions(symbol):
            matrices.normal.require((condition.xreplace({symbol: value}), kind), f"the assumption on {symbol}")
    for symbol, value in values.items():
        if symbol in scalars:
            continue
        if not isinstance(symbol, sympy.MatrixSymbol):
            raise refuse(rule, f"{symbol} is not a symbol")
        shape = tuple(sympy.S(size).xreplace(scalars) for size in symbol.shape)
        poly = matrices.form(value)
        if poly.shape != shape:
            raise refuse(rule, f"{value} does not have the size of {symbol}")
        if isinstance(symbol, SymmetricMatrix) and not matrices.equal(value, sympy.Transpose(value)):
            raise refuse(rule, f"{value} was not proved symmetric")
        if isinstance(symbol, FullRankMatrix) and not isinstance(value, FullRankMatrix):
            raise refuse(rule, f"the columns of {value} were not proved independent")
        if isinstance(symbol, OrthogonalMatrix) and not all(
            matrices.equal(one, sympy.Identity(shape[0])) for one in (value.T * value, value * value.T)
        ):
            raise refuse(rule, f"{value} was not proved orthogonal")
    for condition, kind in fact.domain.conditions:
        matrices.normal.require((substitute(condition, scalars, rule), kind), f"the domain of {fact}")
    lhs, rhs = (_put(rule, side, values) for side in (fact.lhs, fact.rhs))
    return make_fact(equation(lhs, rhs), domain, rule, note, (fact, *using), differentiable=True)


def _put(rule: str, expr: Any, values: Mapping[Any, Any]) -> Any:
    """The expression with symbols (and paths) replaced, in sizes too. Refuses where one would be captured."""
    if expr in values:
        return values[expr]
    if isinstance(expr, sympy.MatrixSymbol):
        sizes = [_put(rule, sympy.S(size), values) for size in expr.shape]
        return expr.func(expr.name, *sizes)
    bound = _bound(expr)
    arriving = set().union(*(all_symbols(value) for value in values.values()))
    if bound & set(values):
        raise refuse(rule, f"{(bound & set(values)).pop()} is bound in {expr}, or the variable of a derivative there")
    if isinstance(expr, TimeDerivative | Gradient) and any(b in all_symbols(v) for b in bound for v in values.values()):
        raise refuse(rule, f"the variable of {expr} would be captured")
    if bound & arriving:
        raise refuse(rule, f"{(bound & arriving).pop()}, bound in {expr}, would capture a symbol of the values")
    captured = {_put(rule, symbol, values) for symbol in bound if isinstance(symbol, sympy.MatrixSymbol)}
    if captured:  # a matrix of another size may come to the name and size of a bound one
        free = {part for part in sympy.preorder_traversal(expr) if isinstance(part, sympy.MatrixSymbol)} - bound
        met = captured & set().union(*(all_symbols(_put(rule, symbol, values)) for symbol in free))
        if met:
            raise refuse(rule, f"{met.pop()}, bound in {expr}, would capture a symbol of the same name and size")
    if isinstance(expr, sympy.Derivative | sympy.Integral):
        raise refuse(rule, f"{expr} is a matter of scalars")
    if isinstance(expr, MEANS):
        laws = [(_put(rule, law[0], values), _put(rule, law[1], values)) for law in expr.args[1:]]
        return expr.func(_put(rule, expr.args[0], values), *laws)
    if not expr.args:
        return expr
    if isinstance(expr, sympy.Sum):
        index, first, last = expr.limits[0]
        return sympy.Sum(_put(rule, expr.function, values), (index, first, _put(rule, last, values)))
    if isinstance(expr, sympy.Transpose):
        return _put(rule, expr.arg, values).T
    if isinstance(expr, Path):
        return expr.func(expr.name, *(_put(rule, part, values) for part in expr.args[1:]))
    return expr.func(*(_put(rule, part, values) for part in expr.args))


def _bound(expr: Any) -> set[Any]:
    if isinstance(expr, MEANS):
        return {symbol for symbol, _ in expr.laws}
    if isinstance(expr, sympy.Sum):
        return {limit[0] for limit in expr.limits}
    if isinstance(expr, SampleSum):
        return {expr.args[1]}
    if isinstance(expr, TimeDerivative | Gradient):
        return {expr.args[1]}
    if isinstance(expr, SpectralSum):
        return set(expr.args[0].variables)
    if type(expr).__name__ == "HessianTrace":
        return set(expr.args[1:])
    return set(getattr(expr, "bound_symbols_of_samples", ()))


def spectral_sum(matrix: Any, f: Any, symmetric: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """Trace(``matrix``) = sum of f(nu) over the eigenvalues nu of ``symmetric``, where ``matrix`` = f(``symmetric``).

    ``f`` is a ``Lambda`` of a real symbol, declared non-negative only if ``symmetric`` is a positive multiple of some
    X.T X, and positive only if X has independent columns. The matrix has to be a sum of products of powers,
    exponentials and inverses of ``symmetric``; in an eigenbasis each of them is diagonal.
    """
    rule = "spectral theorem"
    matrices = Matrices(rule, domain)
    (nu,) = f.variables
    if (
        not nu.is_real
        or (nu.is_nonzero and not nu.is_positive)
        or nu.is_integer
        or nu.is_nonpositive
        or nu in domain.symbols
    ):
        raise refuse(rule, f"{nu} does not run over all real or all non-negative numbers")
    scaled = matrices.form(symmetric)
    if len(scaled.terms) != 1 or nu in all_symbols(symmetric) | all_symbols(matrix):
        raise refuse(rule, f"{symmetric} is not a multiple of one word, or has the symbol {nu}")
    (((traces, base), a),) = scaled.terms.items()
    half = len(base) // 2
    gram = bool(base) and len(base) % 2 == 0 and flipped(base[:half]) == base[half:]
    if traces or not base or flipped(base) != base or any(letter.kind != "symbol" for letter in base):
        raise refuse(rule, f"{symmetric} was not proved symmetric")
    matrices.normal.require((a, ">" if nu.is_nonnegative else "!="), f"the factor of {symmetric}")
    if nu.is_positive and not is_full_gram(base):
        raise refuse(rule, f"{nu} does not run over eigenvalues of {symmetric}, not proved positive definite")
    if nu.is_nonnegative and not gram:
        raise refuse(rule, f"{symmetric} was not proved positive semidefinite, as {nu} has it")
    whole = matrices.form(matrix)
    if whole.shape != scaled.shape:
        raise refuse(rule, f"{matrix} and {symmetric} do not have one size")
    value, point = sympy.S.Zero, nu / a
    for (keys, word), c in whole.terms.items():
        if keys:
            raise refuse(rule, f"{matrix} has a trace in it")
        value += c * _at(rule, word, base, point)
    if not matrices.normal.equal(value, f.expr):
        raise refuse(rule, f"{matrix} is {value} at an eigenvalue, not {f.expr}")
    return make_fact(equation(sympy.Trace(matrix), SpectralSum(f, symmetric)), domain, rule, note)


def _at(rule: str, word: Any, base: Any, point: Any) -> Any:
    """What a product of functions of W is at an eigenvalue of W."""
    value = sympy.S.One
    while word:
        if word[0].kind == "symbol":
            if word[: len(base)] != base:
                raise refuse(rule, "the matrix is not a function of the symmetric one")
            word, value = word[len(base) :], value * point
            continue
        if word[0].base != base:
            raise refuse(rule, "the matrix is not a function of the symmetric one")
        rate = word[0].value
        value *= sympy.exp(rate * point) if word[0].kind == "exp" else 1 / (point + rate)
        word = word[1:]
    return value
