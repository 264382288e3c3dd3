"""Lemmas on the normal law: its mass, its tails, and the mean of a shifted error function."""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    by_cases,
    by_derivative,
    chain,
    change_variable,
    combine,
    differentiate,
    equation,
    fundamental,
    instantiate,
    limit_at_infinity,
    normal_density,
    render,
    rewrite,
    split,
    symmetric,
    under_integral,
    where,
)

ID = "lemma:normal_mass"
TITLE = "Integrals with the normal density"

z, y, h, k = sp.symbols("z y h k", real=True)
rho, c = sp.symbols("rho c", positive=True)
density = normal_density(z)
half = sp.Rational(1, 2)
correlated = where(rho < 1)
root = sp.sqrt(1 - rho**2)
error = sp.erf((rho * z - k) / (sp.sqrt(2) * root))


def over(f: sp.Expr, low: sp.Expr = -sp.oo, high: sp.Expr = sp.oo) -> sp.Integral:
    """The integral of f over z."""
    return sp.Integral(f, (z, low, high))


@cache
def tail() -> Fact:
    """The mass above h is erfc(h/sqrt 2)/2."""
    primitive = -sp.erfc(z / sp.sqrt(2)) / 2
    vanishing = limit_at_infinity(primitive, z, domain=where(z > 0))
    mass = fundamental(over(density, h), primitive, at_infinity=vanishing)
    return chain(mass, rewrite(mass.rhs, sp.erfc(h / sp.sqrt(2)) / 2))


@cache
def mass() -> Fact:
    """The whole mass is 1."""
    primitive = -sp.erfc(z / sp.sqrt(2)) / 2
    vanishing = limit_at_infinity(primitive, z, domain=where(z > 0))
    upper = fundamental(over(density, sp.S.Zero), primitive, at_infinity=vanishing)
    return combine(equation(over(density), 1), [(1, symmetric(over(density))), (2, upper)])


def signed(
    integral: sp.Integral,
    primitive: sp.Expr,
    var: sp.Symbol,
    point: sp.Expr,
    value: sp.Expr,
    domain: Domain,
    sign: int = 1,
) -> Fact:
    """1/2 +- the integral from a to b = ``value``, whichever of the ends is larger.

    a - b vanishes at var = ``point`` and has one sign on either side; ``value`` is 1/2 +- (F(b) - F(a)).
    """
    f, (x, low, high) = integral.function, integral.limits[0]

    def on(side: sp.Expr) -> Fact:
        here = domain.and_((side, ">"))
        ahead = _ordered(low, high, here)
        first, last = (low, high) if ahead else (high, low)
        known = fundamental(sp.Integral(f, (x, first, last)), primitive, domain=here)
        return combine(equation(half + sign * integral, value), [(sign if ahead else -sign, known)], domain=here)

    there = domain.without(var)
    at = rewrite(half + sign * integral.xreplace({var: point}), value.xreplace({var: point}), domain=there)
    return by_cases(var, point, on(point - var), at, on(var - point), domain=domain)


def _ordered(low: sp.Expr, high: sp.Expr, domain: Domain) -> bool:
    """Whether low < high is proved on the domain."""
    from grokmath.proof import RefusedStep, at_most_by_sign

    try:
        at_most_by_sign(low, high, strict=True, domain=domain)
    except RefusedStep:
        return False
    return True


@cache
def mean_of_steep_error() -> Fact:
    """The mean of erf((c z - k q)/sqrt 2) with q^2 = 1 + c^2 is -erf(k/sqrt 2), as c z + w has the law of q z.

    Both sides vanish at k = 0, the left one because its integrand is odd; and they have the same derivative in k, as
    z^2 + (c z - k q)^2 = (q z - c k)^2 + k^2.
    """
    q = sp.sqrt(1 + c**2)
    whole = over(density * sp.erf((c * z - k * q) / sp.sqrt(2)))
    kernel = sp.exp(-((q * z - c * k) ** 2) / 2) / sp.sqrt(2 * sp.pi)
    factor = -sp.sqrt(2) * q * sp.exp(-(k**2) / 2) / sp.sqrt(sp.pi)
    slope = under_integral(whole, k, factor * kernel, note="the square is completed")
    unit = over(kernel)
    moved = change_variable(unit, y, (y + c * k) / q, -sp.oo, sp.oo, normal_density(y) / q)
    same = rewrite(moved.rhs, over(density) / q)
    value = combine(equation(unit, 1 / q), [(1, moved), (1, same), (1 / q, mass())])
    taken = rewrite(slope.rhs, factor * unit)
    short = -sp.sqrt(2) * sp.exp(-(k**2) / 2) / sp.sqrt(sp.pi)
    left = combine(equation(slope.lhs, short), [(1, slope), (1, taken), (factor, value)])
    right = differentiate(-sp.erf(k / sp.sqrt(2)), k, short)
    at_zero = symmetric(whole.xreplace({k: sp.S.Zero}))
    return by_derivative(left, right, k, 0, using=[at_zero])


@cache
def mean_of_error() -> Fact:
    """The same with c = rho/sqrt(1 - rho^2): the mean of erf((rho z - k)/sqrt(2 (1 - rho^2)))."""
    known = instantiate(mean_of_steep_error(), {c: rho / root}, domain=correlated)
    whole = over(density * error)
    same = rewrite(whole, known.lhs, domain=correlated)
    return chain(same, known)


@cache
def halves(even: bool) -> Fact:
    """The integrals over the real line of the density (and of it times the error function), divided at h."""
    f = density if even else density * error
    return split(over(f), h, domain=correlated)


@cache
def derivation() -> Fact:
    """The lemma on the mean of an error function."""
    return mean_of_error()


DERIVES = {"lemma:normal_tail": tail, "lemma:normal_mass": mass, "lemma:mean_of_error": mean_of_error}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
