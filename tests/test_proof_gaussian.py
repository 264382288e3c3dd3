"""Averages over normal variables, Euler's beta integral, limits along another variable, and the cited theorems."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from grokmath.proof import (
    RefusedStep,
    Tends,
    beta_integral,
    cite_gaussian_min_max,
    cite_soudry,
    cite_wendel,
    counts,
    gaussian_mean,
    gaussian_probability,
    joint_gaussian_probability,
    limit_along,
    limit_at_infinity,
    normal_density,
    rewrite,
    where,
)

b, m, h, z, w, x, y, f = sp.symbols("b m h z w x y f", real=True)
sigma, norm, R, n, c, e, v = sp.symbols("sigma norm R n c e v", positive=True)
p, q = sp.symbols("p q", positive=True)
t = sp.Symbol("t", positive=True, integer=True)
k = sp.Symbol("k", integer=True)
mean, P, Q = (sp.Function(name) for name in ("mean", "P", "Q"))
square = sp.Lambda(f, f**2)


def refused(step):
    with pytest.raises(RefusedStep):
        step()


def test_a_mean_over_a_linear_output():
    fact = gaussian_mean(mean(b, sigma, norm), square, b + norm * x, {x: sigma**2}, sigma * norm, z)
    assert fact.kind == "definition"
    assert fact.rhs == sp.Integral((b + sigma * norm * z) ** 2 * normal_density(z), (z, -sp.oo, sp.oo))
    two = gaussian_mean(mean(b), square, b + 3 * x - 4 * y, {x: 1, y: 1}, 5, z)
    assert two.rhs == sp.Integral((b + 5 * z) ** 2 * normal_density(z), (z, -sp.oo, sp.oo))


@pytest.mark.parametrize(
    ("function", "output", "variances", "spread"),
    [
        (square, b + x**2, {x: 1}, 1),  # not linear
        (square, b + x * y, {x: 1, y: 1}, 1),
        (square, b + 3 * x + 4 * y, {x: 1, y: 1}, 7),  # the spread is 5
        (square, b + 3 * x + 4 * y, {x: 1, y: 1}, -5),
        (square, b + x, {x: -1}, 1),  # a negative variance
        (square, b + x, {x: y**2, y: 1}, 1),  # a variance that is averaged over
        (square, b + x, {}, 1),
        (square, b + x, {x: 1}, 0),
        (square, b + v, {v: 1}, 1),  # declared positive: not a normal variable
        (square, b + x * z, {x: 1}, z),  # the variable of the integral
        (square, b + sp.sign(x), {x: 1}, 1),
        (sp.Lambda(f, f * x), b + x, {x: 1}, 1),  # a function of what is averaged over
        (sp.Lambda(f, sp.exp(f**2)), b + x, {x: 1}, 1),  # diverges
        (sp.Lambda(f, sp.log(sp.exp(f) - 1)), b + x, {x: 1}, 1),  # not defined
        (f**2, b + x, {x: 1}, 1),
    ],
)
def test_false_means_are_refused(function, output, variances, spread):
    refused(lambda: gaussian_mean(mean(b), function, output, variances, sp.S(spread), z))


def test_a_mean_depends_on_all_of_its_symbols_and_on_nothing_averaged():
    refused(lambda: gaussian_mean(mean(b), square, b + norm * x, {x: 1}, norm, z))
    refused(lambda: gaussian_mean(mean(b, x), square, b + x, {x: 1}, sp.S.One, z))
    refused(lambda: gaussian_mean(mean(b), square, b + x, {x: 1}, sp.S.One, k))


def test_logarithms_of_sums_of_exponentials_have_means():
    loss = sp.Lambda(f, sp.log(1 + sp.exp(f) + 2 * sp.exp(-3 * f)))
    assert gaussian_mean(mean(b, R), loss, b + R * x, {x: 1}, R, z)
    half = sp.Integral(sp.log(1 + sp.exp(z)) * sp.exp(-z), (z, 0, sp.oo))
    assert rewrite(2 * half, 2 * half)
    for inside in (1 + sp.exp(sp.exp(z)), 2 - sp.exp(-z), 1 + z**2 * sp.exp(z)):
        refused(lambda inside=inside: rewrite(part := sp.Integral(sp.log(inside) * sp.exp(-z), (z, 0, sp.oo)), part))


def test_probabilities():
    fact = gaussian_probability(P(b, R), b + R * x, {x: 1}, R, z)
    assert fact.rhs == sp.Integral(normal_density(z), (z, -sp.oo, -b / R))
    refused(lambda: gaussian_probability(P(b, R), b + R * x, {x: 1}, 2 * R, z))
    refused(lambda: gaussian_probability(P(b), b + R * x, {x: 1}, R, z))
    refused(lambda: gaussian_probability(P(b, R), b + R * sp.erf(x), {x: 1}, R, z))


def test_joint_probabilities():
    fact = joint_gaussian_probability(P(b, h, R, c), b + R * z + c * w, z, w, h, sp.oo)
    given = sp.erfc((b + R * z) / (sp.sqrt(2) * c)) / 2
    assert fact.rhs == sp.Integral(normal_density(z) * given, (z, h, sp.oo))
    mirrored = joint_gaussian_probability(Q(b, h, R, c), b + R * z - c * w, z, w, h, sp.oo)
    assert mirrored.rhs == fact.rhs
    for output, low in (
        (b + R * z + m * w, h),  # the factor of w may vanish
        (b + R * z + z * w, h),
        (b + R * z**2 + c * w, h),
        (b + R * z + c * w, w),
    ):
        names = (*sorted((output.free_symbols | sp.S(low).free_symbols) - {z, w}, key=str),)
        refused(lambda o=output, lo=low, a=names: joint_gaussian_probability(P(*a), o, z, w, lo, sp.oo))
    refused(lambda: joint_gaussian_probability(P(b, R, c), b + R * z + c * w, z, w, h, sp.oo))
    for ends in ((sp.oo, -sp.oo), (sp.S(2), sp.S.One), (sp.oo, sp.S.One)):
        refused(lambda ends=ends: joint_gaussian_probability(P(b, R, c), b + R * z + c * w, z, w, *ends))


def test_a_joint_probability_against_a_simulation_free_value():
    """P(z > 1/2, z + w < 0) by quadrature of the density over w."""
    fact = joint_gaussian_probability(P(h), h - h + z + w, z, w, h, sp.oo)
    context = mpmath.MPContext()
    integrand = sp.lambdify(z, fact.rhs.function, "mpmath")
    value = context.quad(lambda s: context.mpf(mpmath.re(integrand(s))), [context.mpf(1) / 2, 2, 5, 12])
    inner = lambda s: context.npdf(s) * context.ncdf(-s)  # noqa: E731
    assert abs(value - context.quad(inner, [context.mpf(1) / 2, 2, 5, 12])) < 1e-13


def test_beta_integrals():
    fact = beta_integral(p, q, x)
    assert fact.kind == "definition"
    assert fact.rhs == sp.gamma(p) * sp.gamma(q) / sp.gamma(p + q)
    assert beta_integral(m, q, x, domain=where(m > 0)).domain == where(m > 0)
    refused(lambda: beta_integral(m, q, x))
    refused(lambda: beta_integral(p - 1, q, x))
    refused(lambda: beta_integral(x, q, x))
    refused(lambda: beta_integral(p, q, k))
    refused(lambda: beta_integral(p, Q(q), x))
    refused(lambda: beta_integral(p, q, sp.Symbol("u", negative=True)))
    refused(lambda: beta_integral(m, q, x, domain=where(m > 0, x > 0)))


def test_a_limit_along_another_variable():
    far = limit_at_infinity(sp.exp(-v) + 3, v)
    moved = limit_along(far, n, sp.log(1 + R * n) / c)
    assert moved.statement == Tends(sp.exp(-sp.log(1 + R * n) / c) + 3, n, sp.oo, sp.Integer(3))
    assert limit_along(far, n, c * n**2 - n)
    assert limit_along(far, n, sp.exp(n) - 5)
    for expr in (-n, 1 / n, sp.log(1 + 1 / n), m * n, n - n**2, sp.S(3), sp.erf(n), sp.log(2) * b):
        refused(lambda expr=expr: limit_along(far, n, expr))
    with_n = limit_at_infinity(sp.exp(-v) * n + 3, v)
    refused(lambda: limit_along(with_n, n, 2 * n))
    refused(lambda: limit_along(rewrite(v, v), n, n))
    finite = limit_at_infinity(sp.exp(-v), v)
    refused(lambda: limit_along(finite, n, n, domain=where(n < 3)))


def test_wendel():
    N = sp.Symbol("N", positive=True, integer=True)
    assert cite_wendel(P(sp.Integer(6), sp.Integer(2))).rhs == sp.Rational(12, 64)
    assert cite_wendel(P(sp.Integer(2), sp.Integer(5))).rhs == 1
    plane = cite_wendel(P(N, sp.Integer(2)))
    assert counts(plane)["cited"] == 1
    assert rewrite(plane.rhs, 2 * N / 2**N)
    for arguments in ((n, 2), (N, n), (N, 0), (0, 2), (6, -1), (sp.Rational(7, 2), 2)):
        refused(lambda a=arguments: cite_wendel(P(*map(sp.S, a))))
    refused(lambda: cite_wendel(P(sp.Integer(6))))


def test_soudry():
    M = sp.Symbol("M", positive=True)
    S, B = (sp.Function(name)(t, M) for name in ("S", "B"))
    points, best, weights = ((1, -1), (M, -1)), (M / (1 + M**2), -1 / (1 + M**2)), (0, 1 / (1 + M**2))
    small = where(M < 1)
    first, second = cite_soudry((S, B), t, points, best, weights, domain=small)
    assert first.statement == Tends(S / sp.log(t), t, sp.oo, best[0])
    assert second.kind == "cited"

    def cite(**changed):
        given = {"iterates": (S, B), "t": t, "points": points, "separator": best, "weights": weights, "domain": small}
        return lambda: cite_soudry(**(given | changed))

    refused(cite(domain=where(M > 0)))  # the other point may be violated
    refused(cite(separator=(1, 0)))  # separates, but is no combination of the points with these weights
    refused(cite(separator=(M / (1 + M**2) / 2, -1 / (1 + M**2) / 2), weights=(0, 1 / (1 + M**2) / 2)))  # too short
    refused(cite(weights=(1, 1)))
    refused(cite(separator=tuple(2 * s for s in best), weights=(0, 2 / (1 + M**2))))  # feasible, not on the margin
    refused(cite(separator=(-M / (1 + M**2), 1 / (1 + M**2)), weights=(0, -1 / (1 + M**2))))
    refused(cite(t=n))
    refused(cite(iterates=(S, S)))
    refused(cite(iterates=(S,)))
    refused(cite(iterates=(sp.Function("S")(t), sp.Function("B")(t))))
    refused(cite(points=((1, -1),), weights=(0,)))
    refused(cite(points=(), weights=()))


def test_gaussian_min_max():
    level = sp.Symbol("m", real=True)
    one, other = P(level, e, R), Q(level, e, R)
    fact = cite_gaussian_min_max(one, other, sp.exp(x) + R * y - y**2, x, y)
    assert fact.statement == sp.Le(one, 2 * other, evaluate=False)
    assert cite_gaussian_min_max(one, other, R * x * y, x, y)
    for psi in (sp.exp(y) + R * x, R * x**2 * y, -R * x**2, R * sp.log(x), R * abs(x)):
        refused(lambda psi=psi: cite_gaussian_min_max(one, other, psi, x, y))
    refused(lambda: cite_gaussian_min_max(one, other, R * x, x, x))
    refused(lambda: cite_gaussian_min_max(one, one, R * x * y, x, y))
    refused(lambda: cite_gaussian_min_max(one, other, R * x * y + level, x, y))
    refused(lambda: cite_gaussian_min_max(P(level, R), Q(level, R), R * x * y, x, y))
    refused(lambda: cite_gaussian_min_max(one, other, R * v * y, v, y))


def test_normal_means_in_the_ledger():
    """The vocabulary's quadrature with infinite ends, against closed forms, its remainder inside the ball."""
    from grokmath.asymptotics import check_identity
    from grokmath.ledger.record import regime
    from grokmath.ledger.vocabulary import NormalMean

    ends = (regime(h="-2..3"),)
    one, error = sp.Lambda(z, 1), sp.Lambda(z, sp.erf(z / sp.sqrt(2)))
    upper = sp.erfc(h / sp.sqrt(2)) / 2
    for claimed, true in (
        (NormalMean(one, h, sp.oo), upper),
        (NormalMean(one, -sp.oo, h), 1 - upper),
        (NormalMean(one, -sp.oo, sp.oo) + 0 * h, sp.S.One),
        (NormalMean(error, h, sp.oo), upper * (1 - upper)),
        (NormalMean(one, sp.S.Zero, sp.S.One) + 0 * h, sp.erf(1 / sp.sqrt(2)) / 2),
    ):
        assert check_identity(claimed, true, ends, 60).holds
        assert not check_identity(claimed, true * (1 + sp.Rational(1, 10**20)), ends, 60).holds


def test_what_a_simulated_claim_and_a_restated_theorem_need_to_be_reached():
    from dataclasses import replace

    from grokmath.ledger import find
    from grokmath.ledger.derivations import fact, reaches

    record, last = find("beck2024:53"), fact("beck2024:53")
    (claim,) = record.claims
    assert reaches(last, record)
    for wrong in (
        replace(claim, mean=None),
        replace(claim, mean=2 * claim.mean),
        replace(claim, formula=claim.formula * (1 + sp.Rational(1, 10**20))),
    ):
        assert not reaches(last, replace(record, printed=(wrong,)))
    theorem, instance = find("beck2024:thm1"), fact("beck2024:thm1")
    assert reaches(instance, theorem)
    assert not reaches(instance, replace(theorem, cites="wendel"))
    assert not reaches(instance, replace(theorem, cites=""))
    assert not reaches(last, theorem)
