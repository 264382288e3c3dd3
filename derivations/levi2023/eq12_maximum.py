"""The grokking time as a function of the number d of outputs: at lam = 9/10, eps = 1/1000 its only maximum is d = 26.

At d outputs it is d (T_gen(L) - T_tr(L)), in units of 1/(4 eta), with L = d^2/(2000 X), X the threshold for d outputs.
L > l where X < x; then T_gen(L) - T_tr(L) < T_gen(l) - T_tr(l), as the delay falls as the level grows, and places at
which the closed forms of the two losses are below or above l bound these times. A row of the table has the first and
last d of a piece; x, or k with x = k d/2; and the two places. Inequalities between numbers are proved by balls. For d >
1074 the level is above 1, the loss at the start.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most,
    at_most_by_balls,
    at_most_by_monotone_function,
    by_integers,
    by_values,
    combine,
    crossing_order,
    equation,
    instantiate,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_gen_loss, eq08_train_loss, eq12_threshold
from .crossing_times import L, T_gen, T_tr, gen, gen_meaning, gen_time, train, train_meaning, train_time
from .eq05_08_losses import s
from .eq06_total_mass import lam
from .eq11_monotone_delay import two_levels, x, y
from .eq12_threshold import d, large, missed, most, p, q, r, share, tail, threshold

ID = "levi2023:12-maximum"
TITLE = "The grokking time has its only maximum at 26 outputs"

eps = sp.Symbol("eps", positive=True)
outputs = sp.Symbol("d", integer=True, positive=True)
ratio, tolerance, tiny = sp.Rational(9, 10), sp.Rational(1, 1000), sp.Rational("1e-9")
best, least, last_of_all = sp.Integer(26), sp.Rational(290789, 100), 1074
NEAR = """
    1 3 4.14 1105 143; 4 5 5.83 520 34; 6 7 7.39 406 23; 8 9 8.87 334 18; 10 11 9.9952 279.27 14.96;
    12 12 11 238 12; 13 13 11.69 224 11; 14 14 12.38 211 11; 15 15 13.06 200 10; 16 16 13.73 189 9;
    17 17 14.4 180 9; 18 18 14.77 169 8; 19 19 15.42 161 8; 20 20 16.06 153.2 8.1; 21 21 16.583 145.7 7.8;
    22 22 17.215 139.5 7.5; 23 23 17.809 133.6 7.2; 24 24 18.4168 128.1 7; 25 25 19.0388 123.107 6.798;
    27 27 20.2756 114.07 6.39; 28 28 20.91 110.05 6.21; 29 29 21.523 106.2 6; 30 30 22.179 102.7 5.8;
    31 31 22.79 99.3 5.7; 32 32 23.399 96 5.5; 33 33 24.18 93.52 5.49; 34 34 24.79 90.6 5.3; 35 35 25.4 88 5;
    36 36 26 85.1 5.1; 37 37 26.61 83 5; 38 38 27.21 80.2 4.9; 39 39 28.37 79.38 4.87; 40 40 28.98 77.2 4.7;
    41 41 29.59 75.1 4.6; 42 42 30.2 73 4; 43 44 30.595 70.55 4.49; 45 46 32 67.4 4.3; 47 48 33.19 64 4;
    49 50 35.06 62.1 4.1; 51 53 35.888 58.5 3.9; 54 56 37.9 54.9 3.8; 57 60 40.24 52.04 3.68; 61 65 42.848 48 3.5;
    66 71 46.62 44.2 3.3; 72 79 50.862 39.92 3.13; 80 89 56.93 35.51 2.92; 90 103 64.285 30.86 2.69;
    104 109 69.6 24 2"""
FAR = "110 142 1.378 22.72 2.27; 143 221 1.325 14.95 1.82; 222 502 1.255 7.032 1.242; 503 1074 1.21 2 1/2"


def delayed(n: sp.Expr, at: sp.Expr = ratio, accuracy: sp.Expr = tolerance) -> sp.Expr:
    """The grokking time at n outputs."""
    level = n**2 * accuracy / (2 * threshold.xreplace({d: n}))
    return n * (T_gen(at, level) - T_tr(at, level))


@cache
def _closed(late: bool) -> Fact:
    """C(p) or W(p) in closed form at lam = 9/10."""
    form, closed, word, name = (
        (eq08_gen_loss.closed_form, eq08_gen_loss.transform(), gen_meaning(), gen)
        if late
        else (eq08_train_loss.closed_form, eq08_train_loss.transform(), train_meaning(), train)
    )
    side = where(lam < 1)
    value = combine(equation(name, form), [(1, word), (1, closed)], domain=side)
    return instantiate(value, {lam: ratio, s: p})


@cache
def _order(late: bool, above: bool) -> Fact:
    """p < T where the closed form exceeds the level, or T < p where it is below, at lam = 9/10."""
    meaning, closed = gen_time()[0] if late else train_time()[0], _closed(late)
    order, sign = crossing_order(meaning, p)[0 if above else 1], 1 if above else -1
    side = Domain(((sign * (closed.rhs - L), ">"), (1 - L, ">")))
    gap = combine(at_most(0, sign * (closed.lhs - L), strict=True), [(-sign, closed)], domain=side)
    return instantiate(order, {lam: ratio}, domain=side, using=[gap])


def _time(late: bool, place: sp.Expr, level: sp.Expr, above: bool) -> Fact:
    """place < T (above) or T < place, for T_gen (late) or T_tr at a rational level, from the closed form there."""
    form = _closed(late).rhs
    balls = at_most_by_balls(*((level, form) if above else (form, level)), {p: (place, place + tiny)})
    order = instantiate(_order(late, above), {L: level}, domain=_between(p, place, place), using=[balls])
    return instantiate(order, {p: place})


def _threshold_below(place: sp.Expr, first: sp.Expr, last: sp.Expr, gap: Fact) -> Fact:
    """X < place for first <= d <= last, where Gamma(d/2, place)/Gamma(d/2) < erfc(sqrt(2))."""
    side = _between(d, first, last)
    order = crossing_order(eq12_threshold.meaning()[0], p)[1]
    return instantiate(order, {p: place, q: missed}, domain=side, using=[gap])


def _near(place: sp.Expr, first: sp.Expr, last: sp.Expr) -> Fact:
    """X < place by balls."""
    end = last if first < last else last + tiny
    balls = at_most_by_balls(share.xreplace({eq12_threshold.x: place}), missed, {d: (first, end)})
    return _threshold_below(place, first, last, balls)


def _far(k: sp.Expr, first: sp.Expr, last: sp.Expr) -> Fact:
    """X < k d/2, as (k e^(1-k))^(d/2) falls with d."""
    side = _between(d, first, last)
    above = instantiate(tail(True), {eq12_threshold.x: k * d / 2, r: 1 / k}, domain=side)
    rate = 1 - k + sp.log(k)
    falls = at_most_by_balls(rate, 0, {})
    power = at_most_by_monotone_function(sp.exp, d / 2 * rate, first / 2 * rate, domain=side, using=[falls])
    small = at_most_by_balls(power.rhs, missed, {})
    goal = at_most(0, missed - above.lhs, strict=True)
    gap = combine(goal, [(1, above), (1, power), (1, small)], domain=side)
    return _threshold_below(k * d / 2, first, last, gap)


@cache
def positive(n: sp.Expr) -> Fact:
    """0 < X at n outputs."""
    side = Domain(((n - 1, ">="),)) if n.free_symbols else Domain()
    return instantiate(eq12_threshold.meaning()[1], {d: n, q: missed}, domain=side)


@cache
def largest() -> Fact:
    """290789/100 is below the grokking time at d = 26."""
    place, late, early = (sp.Rational(number) for number in ("19.656382", "118.43048", "6.58846"))
    balls = at_most_by_balls(missed, share.xreplace({eq12_threshold.x: place}), {d: (best, best + tiny)})
    side = _between(d, best, best)
    order = crossing_order(eq12_threshold.meaning()[0], p)[0]
    order = instantiate(order, {p: place, q: missed}, domain=side, using=[balls])
    order = instantiate(order, {d: best})
    here, level = threshold.xreplace({d: best}), best**2 * tolerance / (2 * place)
    exact = best**2 * tolerance / (2 * here)
    above = positive(best)
    below = combine(at_most(exact, level, strict=True), [(level / here, order)], using=[above])
    delay = instantiate(two_levels(), {lam: ratio, x: exact, y: level}, using=[above, below])
    parts = [(best, delay), (best, _time(True, late, level, True)), (best, _time(False, early, level, False))]
    return combine(at_most(least, delayed(best), strict=True), parts, using=[above])


@cache
def reachable() -> Fact:
    """d^2/2000 < X: the level is below 1, for 1 <= d <= 1074."""
    order = crossing_order(eq12_threshold.meaning()[0], p)[0]
    goal = at_most(outputs**2 / 2000, threshold.xreplace({d: outputs}), strict=True)
    pieces = [(1, most, instantiate(large(), {d: outputs}, domain=_between(outputs, 1, most)))]
    for n in range(most + 1, last_of_all + 1):
        balls = at_most_by_balls(missed, share.xreplace({eq12_threshold.x: d**2 / 2000}), {d: (n, n + tiny)})
        side = _between(d, n, n)
        here = instantiate(order, {p: d**2 / 2000, q: missed}, domain=side, using=[balls])
        pieces.append((n, n, instantiate(here, {d: outputs}, domain=_between(outputs, n, n))))
    return by_integers(goal, outputs, pieces, domain=_between(outputs, 1, last_of_all))


def _piece(row: str, near: bool) -> tuple[int, int, Fact]:
    """The grokking time at first <= d <= last is below that at d = 26."""
    first, last, place, late, early = (sp.Rational(number) for number in row.split())
    side = _between(outputs, first, last)
    above = instantiate((_near if near else _far)(place, first, last), {d: outputs}, domain=side)
    known = [positive(outputs), positive(best)]
    level = first**2 * tolerance / (2 * above.rhs.xreplace({outputs: first}))
    exact = outputs**2 * tolerance / (2 * above.lhs)
    below = combine(at_most(level, exact, strict=True), [(exact / above.rhs, above)], domain=side, using=known)
    under = combine(at_most(exact, 1, strict=True), [(1 / above.lhs, reachable())], domain=side, using=known)
    delay = instantiate(two_levels(), {lam: ratio, x: level, y: exact}, domain=side, using=[*known, below, under])
    times = _time(True, late, level, False), _time(False, early, level, True)
    parts = [(outputs, delay), *((outputs, fact) for fact in times), (1, largest())]
    goal = at_most(delayed(outputs), delayed(best), strict=True)
    return int(first), int(last), combine(goal, parts, domain=side, using=known)


@cache
def derivation() -> Fact:
    """The time at d = 1, ..., 25 and at d = 27, ..., 1074 is below that at d = 26."""
    pieces = [_piece(row, near) for rows, near in ((NEAR, True), (FAR, False)) for row in rows.split(";")]
    sides = [[piece for piece in pieces if (piece[0] < best) == lower] for lower in (True, False)]
    return together(*(_for_all(side) for side in sides))


def _for_all(pieces: list[tuple[int, int, Fact]]) -> Fact:
    """The pieces as one, and with lam and eps in the place of their values."""
    side = _between(outputs, pieces[0][0], pieces[-1][1])
    fact = by_integers(pieces[0][2].statement, outputs, pieces, domain=side)
    goal = at_most(delayed(outputs, ratio, eps), delayed(best, ratio, eps), strict=True)
    side = side.with_(_between(eps, tolerance, tolerance))
    fact = by_values(goal, eps, {tolerance: fact}, domain=side)
    goal = at_most(delayed(outputs, lam, eps), delayed(best, lam, eps), strict=True)
    return by_values(goal, lam, {ratio: fact}, domain=side.with_(_between(lam, ratio, ratio)))


def _between(v: sp.Symbol, first: sp.Expr, last: sp.Expr) -> Domain:
    """first <= v <= last."""
    return Domain(((v - first, ">="), (last - v, ">=")))


DERIVES = {"levi2023:12-maximum": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
