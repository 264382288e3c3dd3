"""Marchenko-Pastur for a mode that is continued to 0 by its limit: what it says, and what is refused."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.proof import (
    RefusedStep,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    cite_marchenko_pastur,
    cite_marchenko_pastur_by_limit,
    combine,
    define,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    where,
)

lam, nu, b, s = sp.symbols("lam nu b s", positive=True)
L = sp.Function("L")
mode = b * (1 - sp.exp(-nu)) ** 2 / nu
root = sp.sqrt(lam)


def at_zero(domain=None):
    """(1 - exp(-nu))^2/nu -> 0, as 0 <= 1 - exp(-nu) <= nu; times b."""
    domain = domain or where()
    late = sp.exp(-nu)
    gap = at_most_by_monotone_function(sp.exp, -nu, sp.Integer(0))
    tangent = above_tangent(-nu)
    square = combine(at_most((1 - late) ** 2, nu**2), [(1 - late, tangent), (nu, tangent)], using=[gap])
    upper = combine(at_most(mode, b * nu), [(b / nu, square)])
    ends = [limit_by_continuity(part, nu, 0, domain=domain) for part in (sp.Integer(0), b * nu)]
    return limit_by_squeeze(at_most_by_sign(0, mode), upper, *ends, domain=domain)


def test_the_average_has_the_limit_at_the_mass():
    fact = cite_marchenko_pastur_by_limit(L(b, lam), mode, nu, lam, at_zero())
    density = sp.sqrt(((1 + root) ** 2 - nu) * (nu - (1 - root) ** 2)) / (2 * sp.pi * lam * nu)
    assert fact.kind == "cited"
    assert fact.rule == "cited: Marchenko-Pastur"
    assert fact.rhs == sp.Integral(mode * density, (nu, (1 - root) ** 2, (1 + root) ** 2))
    shifted = limit_by_continuity(b + nu, nu, 0)
    other = cite_marchenko_pastur_by_limit(L(b, lam), b + nu, nu, lam, shifted)
    assert other.rhs == cite_marchenko_pastur(L(b, lam), b + nu, nu, lam).rhs


def test_what_is_refused():
    here = at_zero()
    wrong = [
        (L(b, lam), 2 * mode, nu, lam, here),  # the limit is that of another function
        (L(b, lam), mode + nu, nu, lam, here),
        (L(b, lam), mode / (nu - 1), nu, lam, here),  # not continuous inside
        (L(b, lam), s * mode, nu, lam, here),  # a symbol that L does not have
        (L(lam), mode, nu, lam, here),
        (L(b, lam), lam * mode, nu, lam, here),  # depends on lam beside the law
        (L(b, nu, lam), mode, nu, lam, here),
        (L(b, b, lam), mode, nu, lam, here),
        (L(b), mode, nu, lam, here),
        (b + lam, mode, nu, lam, here),
        (L(b, lam), sp.Function("f")(nu), nu, lam, here),  # nothing known of it
        (L(b, lam), mode, nu, lam, at_zero(where(b < 1))),  # a limit for some parameters only
        (L(b, lam), mode, nu, lam, limit_at_infinity(sp.exp(-nu), nu)),  # at the other end
        (L(b, lam), mode, nu, lam, at_most_by_sign(0, mode)),  # no limit
        (L(s, lam), nu / s, nu, lam, limit_by_continuity(nu / s, nu, 0, domain=where(s > 1))),
    ]
    for arguments in wrong:
        with pytest.raises(RefusedStep):
            cite_marchenko_pastur_by_limit(*arguments)


def test_two_meanings_of_one_average_cannot_meet():
    one = cite_marchenko_pastur_by_limit(L(b, lam), mode, nu, lam, at_zero())
    two = define(L(b, lam), b * lam)
    with pytest.raises(RefusedStep):
        combine(sp.Eq(L(b, lam), L(b, lam), evaluate=False), [(1, one), (0, two)])
