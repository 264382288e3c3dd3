"""The grokking time difference as a series in 1/S, from the series of both losses, to any order; here to the third.

In the notation of :mod:`eq25_first_correction`, with r = sqrt(lam),

    R_t ~ sum of b_k s^-k,   b_k = binom(1/2, k) (3/2)_k (-1/(4 r))^k,
    R_g ~ sum of g_k s^-k,   g_k = b_k - (k + 1/2) g_(k-1)/a,

by polynomial bounds of sqrt(1 - w/2) and 1/(1 + k w), of any degree. If a (S - T) = d_0 + ... + d_n/S^n
+ o(S^-n), then u = (S - T)/S is known to the order n + 1, and so is

    a (S - T) = l + log R_g(S) - log R_t(S (1 - u)) + (3/2) log(1 - u).

With u_k = d_(k-1)/a, log R_t ~ B_1/s + ..., log R_g ~ G_1/s + ... the third coefficient is

    d_3 = G_3 - B_3 - 2 B_2 u_1 - B_1 (u_2 + u_1^2) - (3/2) (u_3 + u_1 u_2 + u_1^3/3).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Expanded,
    Fact,
    at_most,
    at_most_by_sign,
    at_most_by_squares,
    chain,
    combine,
    expansion,
    expansion_through,
    instantiate,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_on_path,
    limit_through,
    linearity,
    render,
    rescaled,
    rewrite,
    run_in_package,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_train_loss
from .crossing_times import gen, gen_meaning, train_meaning
from .eq05_08_losses import s
from .eq06_total_mass import low, root
from .eq10_late_time_losses import edge_form, edge_of_gen, inside, leading, lower, over_edge, scale, upper, w
from .eq11_delay import S, along_time, at_end, delay, gap, side, y
from .eq25_first_correction import R_g, R_t, early_time, ell, equation_of_times, signs, time
from .eq25_second_correction import bent, far, k, slope

ID = "lemma:third_correction"
TITLE = "The series of the grokking time difference"

half = sp.Rational(1, 2)
x, z, of_train, of_gen, share = sp.symbols("x z of_train of_gen share", real=True)


def root_series(n: int) -> sp.Expr:
    """sqrt(1 - w/2) to order n."""
    return sp.Add(*(sp.binomial(half, j) * (-w / 2) ** j for j in range(n + 1)))


def train_coefficients(n: int) -> list[sp.Expr]:
    """b_0, ..., b_n."""
    return [sp.binomial(half, j) * sp.rf(3 * half, j) * (-1 / (4 * root)) ** j for j in range(n + 1)]


def gen_coefficients(n: int) -> list[sp.Expr]:
    """g_0, ..., g_n."""
    b, g = train_coefficients(n), [sp.S.One]
    for j in range(1, n + 1):
        g.append(b[j] - (j + half) * g[-1] / low)
    return g


@cache
def root_bounds(n: int) -> tuple[sp.Expr, sp.Expr, Fact, Fact]:
    """(least, most) with sqrt(2) least <= sqrt(2 - w) <= sqrt(2) most for w < 2, least <= 0 <= most beyond."""
    series = root_series(n)
    at_one = series.xreplace({w: sp.Integer(2)})
    least, most = series - at_one * (w / 2) ** (n + 1), series + (w / 2) ** (n + 1)
    below = at_most_by_squares(sp.sqrt(2) * least, sp.sqrt(2 - w), domain=inside)
    return least, most, below, at_most_by_squares(sp.sqrt(2 - w), sp.sqrt(2) * most, domain=inside)


@cache
def train_bounds(n: int) -> tuple[Fact, Fact]:
    """(lower, upper) for W, with relative remainder of order s^-(n+1)."""
    f, form = sp.sqrt(w * (2 - w)), edge_form()
    least, most, below, above = root_bounds(n)
    back = combine(sp.Eq(form.rhs, form.lhs, evaluate=False), [(-1, form)])
    low_side = lower(f, sp.Poly(least, w), below)
    return chain(low_side, back), chain(form, upper(f, sp.Poly(most, w), above))


@cache
def gen_bounds(n: int) -> tuple[Fact, Fact]:
    """(lower, upper) for the integral of sqrt(w (2 - w))/(1 + k w), k > 0, with relative remainder of that order."""
    m = n + n % 2
    bend = sp.Add(*((-k * w) ** j for j in range(m + 1)))
    rest = (k * w) ** (m + 1)
    least_root, most_root, below, above = root_bounds(n)
    most, least = most_root * bend, least_root * bend - rest
    top = at_most_by_sign(1 / (1 + k * w), bend)
    positive = combine(at_most(0, bend), [(1, top)])
    bottom = at_most_by_sign(bend - rest, 1 / (1 + k * w))
    crude = at_most_by_squares(sp.sqrt(2 - w), sp.sqrt(2), domain=inside)
    rooted = sp.sqrt(2 - w) / (1 + k * w)
    high = combine(
        at_most(rooted, sp.sqrt(2) * most), [(bend, above), (sp.sqrt(2 - w), top)], domain=inside, using=[positive]
    )
    deep = combine(
        at_most(sp.sqrt(2) * least, rooted),
        [(bend, below), (rest, crude), (sp.sqrt(2 - w), bottom)],
        domain=inside,
        using=[positive],
    )
    over, under = at_most_by_sign(0, most_root, domain=far), at_most_by_sign(least_root, 0, domain=far)
    grow = sp.sqrt(2 * w) * sp.exp(-2 * root * s * w)
    tails = [
        combine(goal, [(grow * bend, sign)], domain=far, using=[positive])
        for goal, sign in ((at_most(0, grow * sp.expand(most)), over), (at_most(grow * sp.expand(least), 0), under))
    ]
    low_side = lower(bent, sp.Poly(least, w), deep, beyond=(tails[1],))
    return low_side, upper(bent, sp.Poly(most, w), high, beyond=(tails[0],))


def _expanded(ratio: sp.Expr, values: list[sp.Expr], bounds: tuple[Fact, Fact], factor: sp.Expr, here: Domain) -> Fact:
    """The expansion of R = factor times the loss, from its bounds."""
    n = len(values) - 1
    goal, known = expansion(ratio, values, s), [train_meaning(), eq08_train_loss.transform()]
    below, above = (
        sp.expand(expansion(sp.expand(factor * bound), values, s)) for bound in (bounds[0].lhs, bounds[1].rhs)
    )
    low_side = combine(at_most(below, goal), [(s**n * factor, bounds[0])], domain=here, using=known)
    high_side = combine(at_most(goal, above), [(s**n * factor, bounds[1])], domain=here, using=known)
    ends = [limit_at_infinity(bound, s, domain=here) for bound in (below, above)]
    return limit_by_squeeze(low_side, high_side, *ends, domain=here)


@cache
def train_series(n: int) -> Fact:
    """R_t = b_0 + ... + b_n s^-n + o(s^-n)."""
    return _expanded(R_t, train_coefficients(n), train_bounds(n), 1 / leading, side)


@cache
def gen_series(n: int) -> Fact:
    """R_g = g_0 + ... + g_n s^-n + o(s^-n)."""
    ratio = scale * over_edge(bent) / leading
    product = sp.Poly(sp.expand(root_series(n) * sp.Add(*((-k * w) ** j for j in range(n + 1)))), w)
    values = [product.coeff_monomial(w**j) * sp.rf(3 * half, j) / (2 * root) ** j for j in range(n + 1)]
    limit = _expanded(ratio, values, gen_bounds(n), 1 / leading, Domain())
    limit = instantiate(limit, {k: slope}, domain=side)
    form = edge_of_gen(side)
    (integral,) = form.rhs.atoms(sp.Integral)
    inner = over_edge(bent.xreplace({k: slope}))
    parts = linearity(integral, [(1 / low, inner.function)], domain=side)
    known = combine(
        sp.Eq(gen, scale / low * inner, evaluate=False), [(1, gen_meaning()), (1, form), (scale, parts)], domain=side
    )
    in_s = limit_of_equal(limit, expansion(R_g, gen_coefficients(n), s), 0, domain=side, using=[known])
    return rescaled(in_s, S, S, domain=side)


def _logarithm(c: list[sp.Expr]) -> list[sp.Expr]:
    """The coefficients of the logarithm of a series that begins with 1."""
    found = [sp.S.Zero]
    for j in range(1, len(c)):
        found.append(c[j] - sp.Add(*(i * found[i] * c[j - i] for i in range(1, j))) / j)
    return found


def _inverse_power(u: list[sp.Expr], j: int) -> list[sp.Expr]:
    """The coefficients of (1 - u)^-j."""
    c = [sp.S.One, *(-part for part in u[1:])]
    found = [sp.S.One]
    for i in range(1, len(c)):
        found.append(sp.Add(*((-j * m - (i - m)) * c[m] * found[i - m] for m in range(1, i + 1))) / i)
    return found


@cache
def coefficients(n: int) -> tuple[sp.Expr, ...]:
    """d_0, ..., d_n of a (S - T)."""
    B, G = (_logarithm(c) for c in (train_coefficients(n), gen_coefficients(n)))
    d: tuple[sp.Expr, ...] = (ell,)
    for i in range(1, n + 1):
        u = [sp.S.Zero, *(part / low for part in d)]
        late = sp.Add(*(B[j] * _inverse_power(u, j)[i - j] for j in range(1, i + 1)))
        d = *d, G[i] - late + 3 * half * _logarithm([sp.S.One, *(-part for part in u[1:])])[i]
    return d


def delay_series(n: int) -> Fact:
    """a (S - T) = d_0 + ... + d_n S^-n + o(S^-n)."""
    found = _start()
    for j in range(1, n + 1):
        found = _next_order(j, found)
    return found


@cache
def _start() -> Fact:
    """a (S - T) - l -> 0."""
    goal, known = low * delay - ell, limit_at_infinity(ell, S, domain=side)
    start = limit_of_sum(goal, [(low, along_time()), (-1, known)], domain=side)
    law = instantiate(rewrite(sp.log(y ** (-2)), -2 * sp.log(y)), {y: gap}, domain=side)
    return limit_of_equal(start, goal, 0, domain=side, using=[law])


@cache
def _next_order(n: int, before: Fact) -> Fact:
    """The expansion of a (S - T) to order n, from that to the order before."""
    values, zeros = coefficients(n), (sp.S.Zero,) * (n + 1)
    shifted = (sp.S.Zero, *(d / low for d in values[:n]))
    moved = limit_of_sum(expansion(delay / S, shifted, S), [(1 / low, before)], domain=side, using=signs())
    part, late = early_time()
    b, known = train_coefficients(n), signs()
    there = limit_on_path(train_series(n), time, late, domain=side, using=known)
    rest = R_t.xreplace({s: time}) - sp.Add(*(c / time**j for j, c in enumerate(b)))
    rest_limit = limit_through(x / z**n, [(x, there), (z, part)], domain=side.and_((z, ">")))
    rest_limit = limit_of_equal(rest_limit, expansion(rest, zeros, S), 0, domain=side, using=known)
    phi = ell + sp.log(of_gen) + 3 * half * sp.log(1 - share)
    phi -= sp.log(of_train + sp.Add(*(c * (z / (1 - share)) ** j for j, c in enumerate(b))))
    arguments = [
        Expanded(of_gen, R_g.xreplace(at_end), tuple(gen_coefficients(n)), gen_series(n)),
        Expanded(of_train, rest, zeros, rest_limit),
        Expanded(share, delay / S, shifted, moved),
    ]
    total = expansion_through(phi, z, arguments, values, S, domain=side)
    goal = expansion(low * delay, values, S)
    return limit_of_equal(total, goal, 0, domain=side, using=[equation_of_times(), *signs()])


@cache
def derivation() -> Fact:
    """The series to the third order."""
    return delay_series(3)


DERIVES = {"lemma:third_correction": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
