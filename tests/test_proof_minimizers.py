"""The cited equations of the inseparable minimiser, the steps from them to its laws, and false steps of each kind."""

from __future__ import annotations

import importlib
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from grokmath.proof import (
    Asymptotic,
    Domain,
    RefusedStep,
    cite_inseparable_minimizer,
    counts,
    define,
    instantiate,
    normal_density,
    together,
    where,
)

lam, mu, delta = sp.symbols("lam mu delta", positive=True)
g, free = sp.symbols("g free", real=True)
n = sp.Symbol("n", positive=True, integer=True)
R, gamma = sp.Function("R"), sp.Function("gamma")
half = sp.Rational(1, 2)
below = where(lam < half)
MP = mpmath.MPContext()


def part(name):
    return importlib.import_module(f"derivations.beck2024.minimizer_{name}")


def test_the_equations_and_the_signs():
    law = cite_inseparable_minimizer(R(lam), gamma(lam), lam, g, domain=below)
    w = sp.LambertW(gamma(lam) * sp.exp(R(lam) * g))
    line = (g, -sp.oo, sp.oo)
    first = sp.Integral(w / (1 + w) * normal_density(g), line)
    second = sp.Integral(w**2 * normal_density(g), line)
    assert law.mass.statement == sp.Eq(first, lam, evaluate=False)
    assert law.square.statement == sp.Eq(second, lam * R(lam) ** 2, evaluate=False)
    assert law.norm.statement == sp.Lt(0, R(lam), evaluate=False)
    assert law.scale.statement == sp.Lt(0, gamma(lam), evaluate=False)
    assert {fact.kind for fact in law} == {"cited"}


@pytest.mark.parametrize(
    ("norm", "scale", "ratio", "variable", "domain"),
    [
        (R(lam), gamma(lam), lam, g, where()),  # there is no minimiser from 1/2 on
        (R(lam), gamma(lam), lam, g, where(lam <= half)),
        (R(lam), gamma(lam), lam, g, where(lam < 1)),
        (R(lam), R(lam), lam, g, below),
        (R(lam), sp.Function("R", real=True)(lam), lam, g, below),
        (R(lam, mu), gamma(lam), lam, g, below),
        (R(mu), gamma(lam), lam, g, below),
        (R(lam), gamma(2 * lam), lam, g, below),
        (R(lam), gamma(mu), lam, g, below),
        (lam, gamma(lam), lam, g, below),
        (sp.exp(lam), gamma(lam), lam, g, below),
        (R(lam), gamma(lam), lam, lam, below),
        (R(lam), gamma(lam), lam, mu, below),  # not a normal variable
        (R(lam), gamma(lam), lam, n, below),
        (R(free), gamma(free), free, g, where(free < half)),  # a ratio below 0
        (R(n), gamma(n), n, g, Domain(((half - n, ">"),))),
        (R(lam), gamma(lam), lam, g, where(lam < half, mu < 1)),
        (R(lam), gamma(lam), lam, g, where(lam < half, g > 0)),
    ],
)
def test_false_instances(norm, scale, ratio, variable, domain):
    with pytest.raises(RefusedStep):
        cite_inseparable_minimizer(norm, scale, ratio, variable, domain=domain)


def test_one_name_has_one_meaning():
    law = cite_inseparable_minimizer(R(lam), gamma(lam), lam, g, domain=below)
    other = define(R(lam), 1 + lam)
    with pytest.raises(RefusedStep, match="defined twice"):
        together(law.norm, other)


E_OF, M_OF = MP.mpf("0.3"), MP.mpf("-0.4")


def density(v, e=E_OF, m=M_OF):
    return MP.npdf(v + e * (MP.log(v) - m))


def integral(f, e=E_OF, m=M_OF):
    return MP.quad(lambda v: f(v) * density(v, e, m), [0, MP.mpf(10) ** -6, 0.01, 0.1, 1, 4, 12])


def test_the_integrals_of_the_minimiser():
    """The lemmas at one point, by quadrature over v and over the normal variable."""
    e, m = E_OF, M_OF
    line = [-9, -4, -1, 0, 1, 4, 9]

    def w(s):
        return MP.lambertw(MP.exp(m + s / e) / e).real

    mass = MP.quad(lambda s: w(s) / (1 + w(s)) * MP.npdf(s), line)
    square = MP.quad(lambda s: w(s) ** 2 * MP.npdf(s), line)
    moments = [integral(lambda v, j=j: v**j) for j in range(3)]
    logs = [integral(lambda v, j=j: v**j * MP.log(v)) for j in range(2)]
    assert abs(mass - moments[0]) < 1e-9
    assert abs(square - moments[2] / e**2 - moments[1] / e) < 1e-9
    assert abs(integral(lambda v: 1 + e / v) - 1) < 1e-8
    stationary = part("integrals").stationary()
    at = {sp.Symbol("e", positive=True): sp.Rational(3, 10), sp.Symbol("m", real=True): -sp.Rational(2, 5)}
    values = {(j, k): (moments if k == 0 else logs)[j] for j in range(3) for k in range(2) if (j, k) != (2, 1)}
    integrals = part("integrals")
    written = {integrals.over(integrals.v**j * integrals.log**k * integrals.d): x for (j, k), x in values.items()}
    sides = stationary.lhs.xreplace({known: sp.Float(str(x), 20) for known, x in written.items()}).xreplace(at)
    assert abs(float(sides)) < 1e-8
    x = integral(lambda v: (v + e * (MP.log(v) - m)) * (v + e)) - moments[0]
    assert abs(x) < 1e-8


@pytest.mark.parametrize(("e", "a"), [("0.3", "0.5"), ("2", "0.1"), ("0.05", "0.01"), ("6", "2.5")])
def test_the_growth_inequality(e, a):
    e, a = MP.mpf(e), MP.mpf(a)
    m = MP.log(a) + a / e
    moments = [integral(lambda v, j=j: v**j, e, m) for j in range(3)]
    room = a**3 / 8 * MP.npdf(a / 2 + e)
    assert 2 * moments[0] - moments[2] - e * moments[1] <= half - room
    upper = MP.quad(lambda v: (1 + e / v) * (v + e * (MP.log(v) - m)) ** 2 * density(v, e, m), [a, a + 1, a + 4, 40])
    assert abs(upper - MP.mpf(1) / 2) < 1e-8


def test_the_bounds_of_the_integrand():
    series = part("series")
    v, e, m = series.v, series.e, series.m
    h = series.weight * series.size * sp.exp(-(v**2) / 2)
    low, high = series.near_zero()
    for at in (("1/10", "1/100", "1/4"), ("3", "6", "1/2"), ("1/100", "1/1000", "-1"), ("7/2", "1/5", "9/10")):
        values = dict(zip((v, e, m), map(sp.Rational, at), strict=True))
        f, bound = (sp.N(side.xreplace(values), 40) for side in (series.F, h))
        assert abs(f) < bound
        least, most = (sp.N(side.xreplace(values), 40) for side in (low.lhs, high.rhs))
        assert least <= f <= most


@pytest.mark.parametrize("lam_at", ["0.4000001", "0.49", "0.4999999"])
def test_the_ranges_hold_for_the_library_s_minimiser(lam_at):
    from grokmath import LogisticModel

    model = LogisticModel(lam_at)
    norm = MP.mpf(str(model.minimizer_norm(digits=20)))
    fraction = MP.mpf(str(model.positive_fraction(digits=20)))
    ratio = MP.findroot(lambda u: MP.ncdf(-u) - fraction, 0.8)
    assert 1 / MP.mpf(5) <= ratio <= 5 / MP.mpf(2)
    assert 1 / norm <= MP.mpf(25) / 4


def test_the_laws():
    limits = part("limits")
    growth, fraction = limits.growth(), limits.fraction()
    c = sp.pi**2 / 16 + sp.log(2) ** 2 / 2
    assert growth.statement == Asymptotic(R(half - delta), sp.sqrt(c / delta), delta, sp.S.Zero)
    assert fraction.statement.g == sp.erfc(sp.exp(-sp.EulerGamma / 2)) / 2
    loss = limits.loss()
    assert loss.statement.value == sp.exp(sp.EulerGamma / 2) / (2 * sp.sqrt(sp.pi))
    for fact in (growth, fraction, loss):
        assert counts(fact)["cited"] == 4
        assert counts(fact)["numerical"] == 0


def test_wrong_constants_are_refused(monkeypatch):
    limits = part("limits")
    limits.growth()
    tiny = 1 + sp.Rational(1, 10**20)
    monkeypatch.setattr(limits, "C", limits.C * tiny)
    with pytest.raises(RefusedStep):
        limits.limit_of_integral.__wrapped__()
    monkeypatch.setattr(limits, "m_0", limits.m_0 * tiny)
    with pytest.raises(RefusedStep):
        limits.limit_of_ratio.__wrapped__()


def test_what_is_not_the_minimiser_is_not_reached():
    """Another ratio, or another function of the same name, does not reach the ledger's claim."""
    from dataclasses import replace

    from grokmath.ledger import find
    from grokmath.ledger.crossing_forms import unfolded
    from grokmath.ledger.derivations import _sides, reaches

    record, fact = find("beck2024:prop3.4-law"), part("limits").growth()
    assert reaches(fact, record)
    claim = record.claims[0]
    for formula in (claim.formula * (1 + sp.Rational(1, 10**20)), claim.formula**2):
        assert not reaches(fact, replace(record, printed=(), corrected=(replace(claim, formula=formula),)))
    moved = claim.reference.xreplace({claim.var: 2 * claim.var})
    assert not reaches(fact, replace(record, printed=(), corrected=(replace(claim, reference=moved),)))
    assert not reaches(fact, replace(record, printed=(), corrected=(replace(claim, point=sp.Rational(1, 4)),)))
    law = cite_inseparable_minimizer(R(lam), gamma(lam), lam, g, domain=below)
    there = instantiate(law.norm, {lam: half - delta}, domain=where(delta < half))
    other = instantiate(law.scale, {lam: half - delta}, domain=where(delta < half))
    assert _sides(unfolded(there))[2] == _sides(sp.Lt(0, claim.reference, evaluate=False))[2]
    assert _sides(unfolded(other))[2] != _sides(sp.Lt(0, claim.reference, evaluate=False))[2]
    plain = define(R(lam), 1 + lam)
    assert _sides(unfolded(plain))[1] != _sides(sp.Eq(claim.reference, 1 + lam, evaluate=False))[1]


def test_the_laws_near_the_edge():
    """The library's norm and fraction at lam = 1/2 - 2^-60, against the limits."""
    from grokmath import LogisticModel

    model = LogisticModel(Fraction(1, 2) - Fraction(1, 2**60))
    norm, fraction = (
        MP.mpf(str(value)) for value in (model.minimizer_norm(digits=20), model.positive_fraction(digits=20))
    )
    c = MP.pi**2 / 16 + MP.log(2) ** 2 / 2
    assert abs(norm * MP.sqrt(MP.mpf(2) ** -60 / c) - 1) < 1e-7
    assert abs(fraction / (MP.erfc(MP.exp(-MP.euler / 2)) / 2) - 1) < 1e-7
