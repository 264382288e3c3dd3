"""Operations on expressions: substitution that captures no bound variable, and differentiation from a closed table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import is_continuous_vocabulary, open_range, single_limit
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, equation, hidden, make_fact, normal_for, require_domain
from grokmath.proof.normal import Normal, refuse

__all__ = [
    "derivative",
    "derivative_of_equal",
    "differentiate",
    "partial_parts",
    "rebuilt",
    "replace_by_facts",
    "require_open",
    "substitute",
]


def substitute(expr: Any, values: Mapping[Any, Any], rule: str = "instantiate") -> Any:
    """The expression with symbols replaced, all at once. Refuses where a variable would be captured."""
    if expr in values:
        return values[expr]
    if not expr.args or not (expr.free_symbols & set(values)):
        return expr
    if isinstance(expr, sympy.Integral):
        f, x, low, high = single_limit(expr)
        inner = {symbol: value for symbol, value in values.items() if symbol != x and symbol in f.free_symbols}
        _not_captured(rule, x, inner, expr)
        return sympy.Integral(
            substitute(f, inner, rule), (x, substitute(low, values, rule), substitute(high, values, rule))
        )
    if isinstance(expr, sympy.Derivative):
        f, *variables = expr.args
        if len(variables) != 1 or variables[0][1] != 1:
            raise refuse(rule, f"{expr} is not a first derivative")
        s = variables[0][0]
        if s in values:
            raise refuse(rule, f"the variable {s} of {expr} cannot be replaced; use the chain rule (differentiate)")
        _not_captured(rule, s, {k: v for k, v in values.items() if k in f.free_symbols}, expr)
        return sympy.Derivative(substitute(f, values, rule), s)
    bound = hidden(expr)
    if bound:
        values = {symbol: value for symbol, value in values.items() if symbol not in bound}
        for symbol in bound:
            _not_captured(rule, symbol, {k: v for k, v in values.items() if k in expr.free_symbols}, expr)
    return expr.func(*(substitute(part, values, rule) for part in expr.args))


def _not_captured(rule: str, bound: Any, values: Mapping[Any, Any], expr: Any) -> None:
    if any(bound in value.free_symbols for value in values.values()):
        raise refuse(rule, f"the bound variable {bound} of {expr} would capture a symbol of the substitution")


def replace_by_facts(expr: Any, facts: Sequence[Fact], normal: Normal) -> Any:
    """The expression with the left sides of the facts replaced by the right ones, one fact after another,
    where the facts hold; inside integrals too.
    """
    for fact in facts:
        if isinstance(fact.statement, sympy.Eq):
            expr = _replaced(expr, fact, normal)
    return expr


def _replaced(expr: Any, fact: Fact, normal: Normal) -> Any:
    if expr == fact.lhs:
        require_domain(fact, normal)
        return fact.rhs
    if not expr.args or isinstance(expr, sympy.Derivative):
        return expr
    if isinstance(expr, sympy.Integral):
        f, x, low, high = single_limit(expr)
        low, high = (_replaced(end, fact, normal) for end in (low, high))
        if not f.has(fact.lhs):
            return sympy.Integral(f, (x, low, high))
        return sympy.Integral(_replaced(f, fact, normal.on(open_range(normal.domain, x, low, high))), (x, low, high))
    if not expr.has(fact.lhs):
        return expr
    return rebuilt(expr, [_replaced(part, fact, normal) for part in expr.args], normal)


def rebuilt(expr: Any, parts: Sequence[Any], normal: Normal) -> Any:
    """The expression with other arguments; what SymPy cancels on the way (x/x, 0 times an integral) must be defined."""
    result = expr.func(*parts)
    if result.func is not expr.func or set(result.args) != set(parts):
        kept = partial_parts(result)
        for part in set().union(*map(partial_parts, parts)) - kept:
            normal.form(part)
    if expr.is_Pow and parts[1] != expr.exp:
        normal.require((parts[0], ">"), f"the base of {expr}, whose exponent is replaced")
    return result


@lru_cache(maxsize=8192)
def partial_parts(expr: Any) -> frozenset[Any]:
    """The parts of an expression, those in integrals excepted, that have no value everywhere: powers, known functions,
    integrals.
    """
    if isinstance(expr, sympy.Integral):
        return frozenset({expr})
    if not expr.args or isinstance(expr, sympy.Derivative):
        return frozenset()
    inside = frozenset().union(*map(partial_parts, expr.args))
    whole = expr.is_Pow and expr.exp.is_Integer and expr.exp > 0
    if whole or expr.is_Add or expr.is_Mul or not isinstance(expr, sympy.Expr) or isinstance(expr, AppliedUndef):
        return inside
    return inside | {expr}


def require_open(rule: str, domain: Domain, var: Any) -> None:
    """Refuse unless every condition on the variable is strict, so that each point has a neighbourhood in the domain."""
    about = [(expr, kind) for expr, kind in domain.conditions if var in expr.free_symbols]
    kinds = [kind if is_continuous_vocabulary(expr) else ">=" for expr, kind in about]
    if ">=" in kinds or ((var.is_nonnegative or var.is_nonpositive) and not var.is_nonzero) or var.is_integer:
        raise refuse(rule, f"the domain {domain} is not open in the variable {var}")


def derivative(expr: Any, var: Any, normal: Normal, facts: Sequence[Fact] = ()) -> Any:
    """The derivative of the expression, from the closed table and the given facts on derivatives of functions.

    The result is only an expression; that it is defined on the domain (which makes the table's rules apply) is for
    the caller to prove by its normal form.
    """
    if expr == var:
        return sympy.S.One
    if var not in expr.free_symbols:
        return sympy.S.Zero

    def d(part: Any) -> Any:
        return derivative(part, var, normal, facts)

    if expr.is_Add:
        return sympy.Add(*(d(part) for part in expr.args))
    if expr.is_Mul:
        parts = expr.args
        return sympy.Add(*(sympy.Mul(*parts[:i], d(part), *parts[i + 1 :]) for i, part in enumerate(parts)))
    if expr.is_Pow:
        base, exponent = expr.args
        if var not in exponent.free_symbols:
            slope = exponent * base ** (exponent - 1)
            normal.form(slope)  # not only the product, in which a factor 0 of d(base) may cancel
            return slope * d(base)
        normal.form(sympy.log(base))
        return expr * (d(exponent) * sympy.log(base) + exponent * d(base) / base)
    rule = _DERIVATIVES.get(type(expr))
    if rule is not None:
        *orders, u = expr.args
        if any(var in order.free_symbols for order in orders):
            raise refuse(normal.rule, f"{expr} has the variable {var} in its order")
        slope = rule(*orders, u)
        normal.form(slope)
        return slope * d(u)
    return _by_facts(expr, var, normal, facts, d)


def _by_facts(expr: Any, var: Any, normal: Normal, facts: Sequence[Fact], d: Callable[[Any], Any]) -> Any:
    for fact in facts:
        if fact.lhs == sympy.Derivative(expr, var):
            require_domain(fact, normal)
            return fact.rhs
    if not isinstance(expr, AppliedUndef | sympy.marcumq):
        raise refuse(normal.rule, f"no rule is known for the derivative of {expr} by {var}")
    terms, dependent = [], [i for i, argument in enumerate(expr.args) if var in argument.free_symbols]
    for i in dependent:
        slope = _partial(expr, i, normal, facts)
        if len(dependent) > 1 and not is_continuous_vocabulary(slope):
            raise refuse(normal.rule, f"the partial derivative {slope} was not proved continuous")
        terms.append(slope * d(expr.args[i]))
    return sympy.Add(*terms)


def _partial(expr: Any, i: int, normal: Normal, facts: Sequence[Fact]) -> Any:
    """The partial derivative of f(e_1, ..., e_n) by its i-th argument, from a fact on d f(..., v, ...)/dv."""
    for fact in facts:
        if not isinstance(fact.lhs, sympy.Derivative) or type(fact.lhs.expr) is not type(expr):
            continue
        if len(fact.lhs.variables) > 1:  # a second derivative
            continue
        pattern, v = fact.lhs.expr.args, fact.lhs.variables[0]
        if len(pattern) != len(expr.args) or pattern[i] != v or sum(v in p.free_symbols for p in pattern) > 1:
            continue
        if any(p.free_symbols and not p.is_Symbol for p in pattern):
            continue
        values: dict[Any, Any] = {}
        fits = all(
            p == e if not p.is_Symbol else values.setdefault(p, e) == e for p, e in zip(pattern, expr.args, strict=True)
        )
        if fits:
            for symbol, value in values.items():
                if symbol.is_integer and not value.is_integer:
                    raise refuse(normal.rule, f"{value} was not proved to be an integer, as {symbol} is in {fact}")
                for condition, kind in implicit_conditions(symbol):
                    normal.require(
                        (substitute(condition, {symbol: value}), kind), f"the assumption on {symbol} in {fact}"
                    )
                normal.form(value)
            for condition, kind in fact.domain.conditions:
                normal.require((substitute(condition, values), kind), f"the domain of {fact}")
            return substitute(fact.rhs, values, normal.rule)
    raise refuse(normal.rule, f"no fact gives the derivative of {expr} by its argument {expr.args[i]}")


def differentiate(
    expr: Any, var: Any, result: Any = None, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """d expr/d var = ``result`` on an open domain, from the table of derivatives, the chain rule and the facts in
    ``using``.

    The facts are equalities: those whose left side is a Derivative give derivatives, the others are used to rewrite.
    Refused unless the derivative is defined on the whole domain.
    """
    rule = "differentiate"
    require_open(rule, domain, var)
    normal = normal_for(rule, domain, using)
    normal.form(replace_by_facts(expr, using, normal))
    slopes = [fact for fact in using if isinstance(fact.statement, sympy.Eq) and isinstance(fact.lhs, sympy.Derivative)]
    slope = derivative(expr, var, normal, slopes)
    normal.form(slope)
    if result is None:
        result = slope
    left, right = (replace_by_facts(side, using, normal) for side in (slope, sympy.S(result)))
    if not normal.equal(left, right):
        raise refuse(rule, f"d({expr})/d{var} is not {result}: {normal.difference(left, right)} is left over")
    return make_fact(equation(sympy.Derivative(expr, var), result), domain, rule, note, using, differentiable=True)


def derivative_of_equal(equality: Fact, slope: Fact, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """From f = g on a domain that is open in var, and dg/dvar = h: df/dvar = h."""
    rule = "derivative of equal functions"
    if not isinstance(slope.lhs, sympy.Derivative) or len(slope.lhs.variables) != 1:
        raise refuse(rule, f"{slope} does not give a derivative")
    var = slope.lhs.variables[0]
    require_open(rule, domain, var)
    normal = normal_for(rule, domain, [equality, slope])
    for fact in (equality, slope):
        if not isinstance(fact.statement, sympy.Eq):
            raise refuse(rule, f"{fact} is not an equality")
        require_domain(fact, normal)
    g = slope.lhs.expr
    if equality.rhs != g and not normal.equal(equality.rhs, g):
        raise refuse(rule, f"{equality} is not about {g}")
    return make_fact(
        equation(sympy.Derivative(equality.lhs, var), slope.rhs),
        domain,
        rule,
        note,
        [equality, slope],
        differentiable=True,
    )


def _besseli(n: Any, z: Any) -> Any:
    return (sympy.besseli(n - 1, z) + sympy.besseli(n + 1, z)) / 2 if n != 0 else sympy.besseli(1, z)


def _hyper(upper: Any, lower: Any, z: Any) -> Any:
    raised = sympy.hyper([a + 1 for a in upper], [c + 1 for c in lower], z)
    return sympy.Mul(*upper, *(1 / c for c in lower), raised)


_DERIVATIVES: dict[type, Callable[..., Any]] = {
    sympy.exp: lambda u: sympy.exp(u),
    sympy.log: lambda u: 1 / u,
    sympy.sin: lambda u: sympy.cos(u),
    sympy.cos: lambda u: -sympy.sin(u),
    sympy.sinh: lambda u: sympy.cosh(u),
    sympy.cosh: lambda u: sympy.sinh(u),
    sympy.erf: lambda u: 2 * sympy.exp(-(u**2)) / sympy.sqrt(sympy.pi),
    sympy.erfc: lambda u: -2 * sympy.exp(-(u**2)) / sympy.sqrt(sympy.pi),
    sympy.besseli: _besseli,
    sympy.uppergamma: lambda s, z: -(z ** (s - 1)) * sympy.exp(-z),
    sympy.lowergamma: lambda s, z: z ** (s - 1) * sympy.exp(-z),
    sympy.expint: lambda nu, z: -sympy.expint(nu - 1, z),
    sympy.LambertW: lambda z: sympy.LambertW(z) / (z * (1 + sympy.LambertW(z))),
    sympy.hyper: _hyper,
}
"""DLMF 4.7, 4.20, 7.10, 8.8.13, 8.19.13, 10.29, 4.13.4 and 16.3.1."""
