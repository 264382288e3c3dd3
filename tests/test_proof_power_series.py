"""Functions defined by series, sums of series and their equality, and false steps of each kind."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from grokmath.proof import (
    Expansion,
    RefusedStep,
    chain,
    combine,
    combine_series,
    defining_series,
    equal_series,
    equation,
    instantiate,
    limit_of_equal,
    render,
    rewrite,
    where,
)

z, v = sp.symbols("z v", positive=True)
x = sp.Symbol("x", real=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
m = sp.Symbol("m", integer=True, positive=True)
bessel, series = sp.besseli(v - 1, 2 * sp.sqrt(z)), sp.hyper([], [v], z)
term = z**n / (sp.factorial(n) * sp.gamma(v + n))


def sides(correction=sp.S.One, index=n):
    factor, other = z ** ((1 - v) / 2), correction / sp.gamma(v)
    here = term.xreplace({n: index})
    return (
        combine_series(factor * bessel, [(factor, defining_series(bessel, index))], here),
        combine_series(other * series, [(other, defining_series(series, index))], here),
    )


def test_a_bessel_function_of_any_order_is_a_hypergeometric_one():
    left, right = sides()
    fact = equal_series(left, right)
    assert fact.statement == equation(z ** ((1 - v) / 2) * bessel, series / sp.gamma(v))
    assert fact.kind == "proved"
    assert left.statement == Expansion(z ** ((1 - v) / 2) * bessel, term, n)
    assert " over n >= 0" in render(left)
    assert r"\sum_{n=0}^\infty" in render(left, style="latex")


def test_sums_of_several_series():
    both = [(1, defining_series(sp.cosh(z), n)), (1, defining_series(sp.sinh(z), n))]
    pair = z ** (2 * n) / sp.factorial(2 * n) * (1 + z / (2 * n + 1))
    assert combine_series(sp.cosh(z) + sp.sinh(z), both, pair)
    geometric = defining_series(sp.hyper([1], [], z), n, domain=where(z < 1))
    powers = combine_series(z * sp.hyper([1], [], z), [(z, geometric)], z ** (n + 1), domain=where(z < 1))
    assert powers.domain == where(z < 1)
    exponential = combine_series(sp.exp(z), [(1, defining_series(sp.exp(z), n))], z**n / sp.gamma(n + 1))
    assert equal_series(exponential, defining_series(sp.hyper([v], [v], z), n))


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (sp.besseli(v, z), {v: sp.Rational(2, 3), z: sp.Rational(7, 2)}),
        (sp.besseli(-v, z), {v: sp.Rational(1, 3), z: sp.Rational(1, 2)}),
        (sp.hyper([], [v], z), {v: sp.Rational(2, 3), z: sp.Rational(9, 2)}),
        (sp.hyper([v, 2], [v + 1], z), {v: sp.Rational(2, 3), z: sp.Rational(1, 5)}),
        (sp.hyper([v], [3], z), {v: sp.Rational(5, 3), z: sp.Rational(3, 2)}),
        (sp.exp(z), {z: sp.Rational(3, 2)}),
        (sp.cosh(z), {z: sp.Rational(3, 2)}),
        (sp.sinh(z), {z: sp.Rational(3, 2)}),
    ],
)
def test_the_series_have_the_values_of_their_functions(value, at):
    found = defining_series(value, n, domain=where(*(symbol < bound for symbol, bound in at.items())))
    context = mpmath.MPContext()
    context.dps = 40
    terms = [found.statement.term.xreplace({**at, n: sp.Integer(i)}) for i in range(60)]
    total = sum(context.mpf(str(sp.N(part, 40))) for part in terms)
    assert abs(total / context.mpf(str(sp.N(value.xreplace(at), 40))) - 1) < 1e-30


@pytest.mark.parametrize(
    "step",
    [
        lambda: defining_series(sp.besseli(v - 2, z), n),  # the order may be -2 + 10^-9
        lambda: defining_series(sp.besseli(v, x), n),  # the argument may be negative
        lambda: defining_series(sp.hyper([], [v - 1], z), n),
        lambda: defining_series(sp.hyper([x], [v], z), n),
        lambda: defining_series(sp.hyper([v], [], z), n),  # z may be above 1
        lambda: defining_series(sp.hyper([v, v + 1], [], z), n, domain=where(z < 1)),  # converges nowhere
        lambda: defining_series(sp.log(1 + z), n),
        lambda: defining_series(sp.besseli(v, z), m),  # the term at 0 is not seen
        lambda: defining_series(sp.besseli(v, z), x),
        lambda: defining_series(sp.exp(z + n), n),  # depends on the index
        lambda: defining_series(sp.exp(z), n, domain=where(n > z)),
        lambda: combine_series(sp.exp(z), [], sp.S.Zero),
        lambda: combine_series(sp.exp(z), [(1, rewrite(z, z))], z**n / sp.factorial(n)),
        lambda: combine_series(sp.exp(z), [(1, defining_series(sp.exp(z), n))], z**n / sp.factorial(n + 1)),
        lambda: combine_series(2 * sp.exp(z), [(1, defining_series(sp.exp(z), n))], z**n / sp.factorial(n)),
        lambda: combine_series(sp.exp(z) ** 2, [(1, defining_series(sp.exp(z), n))], z**n / sp.factorial(n)),
        lambda: combine_series(n * sp.exp(z), [(n, defining_series(sp.exp(z), n))], n * z**n / sp.factorial(n)),
        lambda: combine_series(
            sp.exp(z) + sp.cosh(z),
            [(1, defining_series(sp.exp(z), n)), (1, defining_series(sp.cosh(z), k))],
            z**n / sp.factorial(n) + z ** (2 * k) / sp.factorial(2 * k),
        ),
        lambda: combine_series(  # the series of the part converges for z < 1 only
            sp.hyper([v], [], z),
            [(1, defining_series(sp.hyper([v], [], z), n, domain=where(z < 1)))],
            sp.gamma(v + n) / sp.gamma(v) * z**n / sp.factorial(n),
        ),
        lambda: combine_series(  # 1/x is not defined at 0
            sp.exp(z) / x, [(1 / x, defining_series(sp.exp(z), n))], z**n / sp.factorial(n) / x
        ),
        lambda: equal_series(sides()[0], sides(index=k)[1]),
        lambda: equal_series(defining_series(sp.exp(z), n), defining_series(sp.exp(2 * z), n)),
        lambda: equal_series(defining_series(sp.exp(z), n), rewrite(z, z)),
        lambda: equal_series(
            defining_series(sp.hyper([v], [], z), n, domain=where(z < 1)),
            defining_series(sp.hyper([v], [], z), n, domain=where(z < 1)),
        ),
        lambda: equal_series(defining_series(series, n), defining_series(sp.hyper([], [v + 1], z), n)),
    ],
)
def test_false_steps_are_refused(step):
    with pytest.raises(RefusedStep):
        step()


def test_a_constant_off_by_little_is_seen():
    with pytest.raises(RefusedStep):
        sides(1 + sp.Rational(1, 10**20))


def test_no_other_rule_goes_on_from_a_series():
    fact = defining_series(sp.exp(z), n)
    for step in (
        lambda: chain(fact, rewrite((z + 1) ** 2, z**2 + 2 * z + 1)),
        lambda: combine(equation(z, z), [(1, fact)]),
        lambda: instantiate(fact, {z: sp.S.One}),
        lambda: limit_of_equal(fact, z, 0),
        lambda: fact.lhs,
        lambda: fact.rhs,
    ):
        with pytest.raises(RefusedStep):
            step()


def test_a_function_under_an_integral_is_no_constant_factor():
    # the integral of I_0 over (0, 1) would be I_0(z) times that of 1, for every z
    function, length = sp.besseli(0, z), sp.Integral(1, (z, 0, 1))
    fact = defining_series(function, n)
    whole = length * fact.statement.term
    assert combine_series(length * function, [(length, fact)], whole)
    with pytest.raises(RefusedStep, match="in an integral"):
        combine_series(sp.Integral(function, (z, 0, 1)), [(length, fact)], whole)
    with pytest.raises(RefusedStep, match="derivative"):
        combine_series(sp.Derivative(function, z), [(sp.S.Zero, fact)], sp.S.Zero)
