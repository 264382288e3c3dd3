"""Integrals in the normal form: absolute convergence, and one atom for equal integrals.

An integral over (a, b) has the range as conditions of its bound variable. It converges absolutely if the integrand
has a form on the closed range (and is therefore continuous there); where b = oo, every term must also be an
exponential of a polynomial with a negative leading coefficient times factors that grow at most like a power.
Anything else is refused, unless the very same integral stands in a premise of the step.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from grokmath.proof.domain import Domain, RefusedStep, implicit_conditions
from grokmath.proof.forms import (
    ONE,
    Form,
    Monomial,
    add,
    atom_form,
    constant,
    expression,
    form_of_sum,
    inverse_monomial,
    multiply,
    name,
    scale,
)

if TYPE_CHECKING:
    from grokmath.proof.normal import Normal

__all__ = [
    "check_variable",
    "closed_range",
    "integral_form",
    "is_continuous_vocabulary",
    "leading_term",
    "open_range",
    "require_continuous",
    "require_continuous_from",
    "require_convergence",
    "require_reached",
    "right_of",
    "single_limit",
]


def single_limit(integral: Any) -> tuple[Any, Any, Any, Any]:
    """(integrand, variable, lower, upper) of an integral over one interval."""
    if len(integral.limits) != 1 or len(integral.limits[0]) != 3:
        raise RefusedStep(f"integral: {integral} is not an integral over one interval")
    return (integral.function, *integral.limits[0])


def open_range(domain: Domain, x: Any, low: Any, high: Any) -> Domain:
    """The domain with low < x < high; no condition for an infinite end."""
    return _range(domain, x, low, high, ">")


def closed_range(domain: Domain, x: Any, low: Any, high: Any) -> Domain:
    """The domain with low <= x <= high."""
    return _range(domain, x, low, high, ">=")


def _range(domain: Domain, x: Any, low: Any, high: Any, kind: str) -> Domain:
    if x in domain.symbols or x in low.free_symbols | high.free_symbols:
        raise RefusedStep(f"integral: the bound variable {x} is also a free symbol of the domain or of the limits")
    conditions = []
    if low != -sympy.oo:
        conditions.append((x - low, kind))
    if high != sympy.oo:
        conditions.append((high - x, kind))
    return domain.and_(*conditions)


def require_continuous(normal: Normal, expr: Any, x: Any, low: Any, high: Any) -> None:
    """Refuse unless the expression is proved continuous for low <= x <= high (finite ends included), jointly in all
    symbols.

    The variable gets a name without assumptions, so that those of x do not hide an end.
    """
    if not is_continuous_vocabulary(expr):
        raise RefusedStep(
            f"{normal.rule}: {expr} was not proved continuous: it has functions that are not in the vocabulary"
        )
    y = sympy.Symbol("_x1", real=True)
    normal.on(closed_range(normal.domain, y, low, high)).form(expr.xreplace({x: y}))


def right_of(normal: Normal, var: Any, real: Any, point: Any) -> Domain:
    """The domain for var >= point next to the point, with ``real`` for var: strict conditions that hold at the point
    stay.
    """
    outer = normal.on(normal.domain.without(var))
    require_reached(outer, var, point)
    if {real, var} & sympy.S(point).free_symbols or real in normal.domain.symbols:
        raise RefusedStep(f"{normal.rule}: the point {point} is not free of {var}, or {real} is used outside")
    conditions = [(real - point, ">=")]
    for expr, kind in normal.domain.conditions:
        if var in expr.free_symbols and kind != "!=" and is_continuous_vocabulary(expr):
            at_point = expr.xreplace({var: sympy.S(point)})
            if not at_point.has(sympy.nan, sympy.zoo) and outer.positive(at_point):
                conditions.append((expr.xreplace({var: real}), kind))
    return normal.domain.without(var).and_(*conditions)


def require_reached(outer: Normal, var: Any, point: Any) -> None:
    """Refuse unless what is declared of the sign of var holds next to the point, to the right of it.

    Else SymPy has used (sqrt(var^2) = -var for a negative var) what no value of the variable near the point satisfies.
    """
    point = sympy.S(point)
    if var.is_nonnegative and point != sympy.oo:
        outer.require((point, ">="), f"{var}, which is declared not to be negative, next to {point}")
    if var.is_nonpositive:
        if point in (sympy.S.Zero, sympy.oo):
            raise RefusedStep(f"{outer.rule}: {var}, which is declared not to be positive, is not next to {point}")
        outer.require((-point, ">"), f"{var}, which is declared not to be positive, next to {point}")


def require_continuous_from(normal: Normal, expr: Any, var: Any, point: Any) -> None:
    """Refuse unless the expression is proved continuous in var at the point from the right."""
    if not is_continuous_vocabulary(expr):
        raise RefusedStep(f"{normal.rule}: {expr} was not proved continuous at {var} = {point}")
    real = sympy.Symbol("_x1", real=True)
    normal.on(right_of(normal, var, real, point)).form(expr.xreplace({var: real}))


def is_continuous_vocabulary(expr: Any) -> bool:
    """Whether the expression has no undefined function, derivative, integral or sum in it."""
    return not expr.has(sympy.core.function.AppliedUndef, sympy.Derivative, sympy.Integral, sympy.Sum)


def canonical_variable(integral: Any) -> Any:
    """The name that the bound variable has in the normal form; it depends on how many integrals are nested inside."""
    depth = max((1 + len(part.find(sympy.Integral)) for part in [integral.function]), default=1)
    return sympy.Symbol(f"_x{depth}", real=True)


def integral_form(normal: Normal, integral: Any) -> Form:
    """The integral as a multiple of an atom; refused where it is not proved to converge absolutely."""
    f, x, low, high = single_limit(integral)
    y = canonical_variable(integral)
    if x != y and y in f.atoms(sympy.Symbol):
        raise RefusedStep(f"{normal.rule}: the name {y} in {integral} belongs to the kernel")
    f = f.xreplace({x: y})
    sign = 1
    if (
        low == sympy.oo
        or high == -sympy.oo
        or (high != sympy.oo and low != -sympy.oo and not normal.positive(high - low))
    ):
        if low == high:
            return {}
        low, high, sign = high, low, -1
        if high != sympy.oo and low != -sympy.oo:
            normal.require((high - low, ">"), f"the limits of {integral} in order")
    check_variable(normal, x, y, low, high)
    if integral not in normal.convergent:
        require_convergence(normal, f, y, low, high)
    inner = normal.on(open_range(normal.domain, y, low, high))
    form = inner.form(f)
    if not form:
        return {}
    outside, form = _without_constant(normal, form, y)
    limits = [end if end in (sympy.oo, -sympy.oo) else normal.canonical(end) for end in (low, high)]
    atom = sympy.Integral(expression(form), (y, *limits))
    return scale(multiply(outside, atom_form(atom)), sign)


def check_variable(normal: Normal, x: Any, y: Any, low: Any, high: Any) -> None:
    """Refuse a bound variable x whose assumptions do not hold on the range; y is its canonical name."""
    if not x.is_real or x.is_integer:
        raise RefusedStep(f"{normal.rule}: the bound variable {x} is not declared as a real variable")
    inner = normal.on(open_range(normal.domain, y, low, high))
    for condition, kind in implicit_conditions(x):
        inner.require((condition.xreplace({x: y}), kind), f"the assumption of the bound variable {x}")


def _without_constant(normal: Normal, form: Form, y: Any) -> tuple[Form, Form]:
    """(constant factor, rest): the part of the first term that is free of y, where that is a monomial or all; atoms in
    it that are not proved non-zero as far as all terms have them.
    """
    groups: dict[Monomial, Form] = {}
    for monomial, c in form.items():
        inside = frozenset((a, e) for a, e in monomial if y in a.free_symbols)
        groups[inside] = add(groups.get(inside, {}), {monomial - inside: c})
    if len(groups) == 1:
        ((inside, outside),) = groups.items()
        return outside, {inside: Fraction(1)}
    first = min(groups, key=lambda m: (len(m), sorted((name(a), e) for a, e in m)))
    if len(groups[first]) > 1:
        return constant(1), form
    ((monomial, c),) = groups[first].items()
    least = {a: min(dict(m).get(a, Fraction(0)) for m in form) for a, _ in monomial}
    factor = frozenset((a, e if normal.signs.nonzero(atom_form(a)) else least[a]) for a, e in monomial)
    factor = frozenset(pair for pair in factor if pair[1])
    return {factor: c}, scale(multiply(form, {inverse_monomial(factor): Fraction(1)}), 1 / c)


def require_convergence(normal: Normal, f: Any, x: Any, low: Any, high: Any, parameter: Any = None) -> None:
    """Refuse unless the integral of f over x converges absolutely, with ``parameter`` locally uniformly in it."""
    if not is_continuous_vocabulary(f):
        raise RefusedStep(
            f"{normal.rule}: the integrand {f} has an undefined function, a derivative or an integral in it"
        )
    closed = normal.on(closed_range(normal.domain, x, low, high))
    form = closed.form(f)
    if low == -sympy.oo or high == sympy.oo:
        for monomial in form:
            _require_decay(closed, monomial, x, both=low == -sympy.oo, parameter=parameter)


def _require_decay(normal: Normal, monomial: Monomial, x: Any, *, both: bool, parameter: Any) -> None:
    exponent: Form = {}
    for atom, e in monomial:
        if (
            x not in atom.free_symbols
            or atom == x
            or (isinstance(atom, sympy.cos | sympy.sin | sympy.erfc | sympy.marcumq) and e > 0)
        ):
            continue
        if isinstance(atom, sympy.exp):
            exponent = add(exponent, scale(normal.form(atom.args[0]), e))
        elif isinstance(atom, sympy.besseli) and e == 1:  # |I_n(z)| <= exp(|z|)
            normal.require((atom.args[1], ">="), f"the argument of {atom}")
            exponent = add(exponent, normal.form(atom.args[1]))
        elif isinstance(atom, sympy.log) and e > 0 and e.denominator == 1:
            _require_log_of_exponentials(normal, atom, x)
        elif not _grows_like_a_power(atom, x, None if e > 0 else parameter):
            raise RefusedStep(f"{normal.rule}: the growth of {atom} at infinity is not known")
    degree, leading = leading_term(exponent, x)
    if degree is None or degree <= 0 or (both and degree % 2) or not normal.signs.positive(scale(leading, -1)):
        term = expression({monomial: Fraction(1)})
        raise RefusedStep(f"{normal.rule}: the term {term} of the integrand was not proved to decay exponentially")


def _require_log_of_exponentials(normal: Normal, atom: Any, x: Any) -> None:
    """Refuse unless the logarithm is that of a sum of terms c exp(P), c > 0 free of x and P a polynomial in x.

    The sum lies between its largest term and n times that, so that the logarithm is at most log n + the sum of the
    |log c + P|, which grows like a power, locally uniformly in parameters that c and P are continuous in.
    """
    for monomial, c in normal.form(atom.args[0]).items():
        known = c > 0
        for factor, _ in monomial:
            polynomial = isinstance(factor, sympy.exp) and leading_term(normal.form(factor.args[0]), x)[0] is not None
            known = known and (polynomial or (x not in factor.free_symbols and normal.positive(factor)))
        if not known:
            raise RefusedStep(f"{normal.rule}: the growth of {atom} at infinity is not known")


def _grows_like_a_power(atom: Any, x: Any, parameter: Any) -> bool:
    """A sum that is a polynomial in x; in a denominator it may not depend on the parameter as well."""
    inside = form_of_sum(atom)
    if inside is None or (parameter is not None and parameter in atom.free_symbols):
        return False
    return leading_term(inside, x)[0] is not None


def leading_term(form: Form, x: Any) -> tuple[int | None, Form]:
    """(degree, leading coefficient) of a form that is a polynomial in x; (None, {}) if it is not one."""
    parts: dict[int, Form] = {}
    for monomial, c in form.items():
        e = dict(monomial).get(x, Fraction(0))
        rest = frozenset(pair for pair in monomial if pair[0] != x)
        if e < 0 or e.denominator > 1 or any(x in atom.free_symbols for atom, _ in rest):
            return None, {}
        parts[int(e)] = add(parts.get(int(e), {}), {rest: c})
    degree = max(parts, default=0)
    return degree, parts.get(degree, {ONE: Fraction(0)})
