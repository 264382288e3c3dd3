"""Strategies for the exact parameters of the models, by regime, with critical points and their neighbours.

All of them draw ``Fraction`` numbers inside the domain of the models, or ``int`` where an integer is meant.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from grokmath.parameters import ASPECT_RATIO, POSITIVE, DomainError, domain_error, exact
from grokmath.testing.rationals import between, end

__all__ = [
    "aspect_ratios",
    "digit_counts",
    "initial_scales",
    "label_noises",
    "learning_rates",
    "output_counts",
    "thresholds",
    "times",
    "weight_decays",
]

_REGIMES = ("any", "under", "critical", "over", "near_critical")
_CRITICAL = {"regression": Fraction(1), "classification": Fraction(1, 2)}
_LARGEST = {"regression": Fraction(10**6), "classification": Fraction(1)}


def aspect_ratios(
    regime: str = "any",
    problem: str = "regression",
    *,
    smallest: Any = "1e-6",
    largest: Any = None,
    closest: Any = "1e-12",
) -> st.SearchStrategy[Fraction]:
    """lam = d/N in a regime of a problem: "under", "critical", "over", "near_critical" or "any" of them.

    The critical ratio is 1 for "regression" and 1/2 for "classification". "under" and "over" come as small fractions,
    by decades, and near to the critical ratio; "near_critical" is the critical ratio times 1 +/- gap, the gap from
    1/5 down to ``closest``, never 0. "any" draws the critical ratio itself about every fifth time. ``largest`` is 10^6
    for regression and 1 for classification, unless it is given.

    >>> from grokmath.testing import aspect_ratios
    >>> from hypothesis import find
    >>> [find(aspect_ratios(r), lambda lam: True) for r in ("any", "under", "over")]
    [Fraction(1, 1), Fraction(1, 2), Fraction(2, 1)]
    """
    name = "aspect_ratios"
    if regime not in _REGIMES:
        raise domain_error(name, "regime", regime, ", ".join(map(repr, _REGIMES)), "name one of these")
    if problem not in tuple(_CRITICAL):
        raise domain_error(name, "problem", problem, ", ".join(map(repr, _CRITICAL)), "name one of these")
    critical = _CRITICAL[problem]
    low = end(exact(smallest, "smallest", name, ASPECT_RATIO), "smallest", name)
    high = end(exact(_LARGEST[problem] if largest is None else largest, "largest", name, ASPECT_RATIO), "largest", name)
    gap = end(exact(closest, "closest", name, POSITIVE), "closest", name)
    if not low <= critical - critical / 5 or not high >= critical + critical / 5 or not gap < Fraction(1, 5):
        raise DomainError(
            f"{name}: smallest = {low}, largest = {high}, closest = {gap} leave no room about {critical} "
            f"(needed: smallest <= {critical * 4 / 5}, largest >= {critical * 6 / 5}, closest < 1/5); "
            "use rationals(low, high) for an interval away from it"
        )
    near = between(gap, Fraction(1, 5))
    below, above = near.map(lambda g: critical * (1 - g)), near.map(lambda g: critical * (1 + g))
    fractions = st.tuples(st.integers(1, 12), st.integers(1, 12))
    everywhere = range(2)  # by decades twice as often as a fraction, and as near to the critical ratio
    under = [
        fractions.map(lambda nk: critical * Fraction(nk[0], nk[0] + nk[1])).filter(lambda lam: lam >= low),
        *(between(low, critical).filter(lambda lam: lam < critical) for _ in everywhere),
        below,
    ]
    over = [
        fractions.map(lambda nk: critical * Fraction(nk[0] + nk[1], nk[0])).filter(lambda lam: lam <= high),
        *(between(critical, high).filter(lambda lam: lam > critical) for _ in everywhere),
        above,
    ]
    strategies = {
        "under": st.one_of(*under),
        "over": st.one_of(*over),
        "near_critical": st.one_of(below, above),
        "critical": st.just(critical),
    }
    if regime != "any":
        return strategies[regime]
    shares = ["critical", "under", "over", "under", "over"]
    return st.integers(0, 4).flatmap(lambda k: strategies[shares[k]])


def times(*, zero: bool = True, smallest: Any = "1e-12", largest: Any = "1e12") -> st.SearchStrategy[Fraction]:
    """Times t >= 0 from tiny to huge, by decades, with 0 among them unless ``zero`` is False.

    Losses at the largest times may be below 10^-(10^9), where only their logarithms are numbers: test those, or bound
    ``largest``.

    >>> from grokmath.testing import times
    >>> from hypothesis import find
    >>> find(times(), lambda t: t > 0), find(times(), lambda t: 0 < t < 1)
    (Fraction(1, 1), Fraction(1, 2))
    """
    return _positive("times", smallest, largest, zero=zero)


def thresholds(*, smallest: Any = "1e-12", largest: Any = 10, lam: Any = None) -> st.SearchStrategy[Fraction]:
    """Tolerances eps > 0 of an accuracy: L = eps/4. 4, where the threshold is met at once, is among them.

    With ``lam`` > 1 also 4 (1 - 1/lam), below which the plateau of L_gen lies above the threshold for ever, and its
    neighbours at relative distances down to 1e-12.
    """
    ratio = Fraction(1) if lam is None else end(exact(lam, "lam", "thresholds", ASPECT_RATIO), "lam", "thresholds")
    if ratio <= 1:
        return _positive("thresholds", smallest, largest, points=(Fraction(4),))
    plateau = 4 * (1 - 1 / ratio)
    everywhere = _positive("thresholds", smallest, largest, points=(Fraction(4), plateau))
    gaps = between(Fraction(1, 10**12), Fraction(1, 10))
    low, high = end(smallest, "smallest", "thresholds"), end(largest, "largest", "thresholds")
    if not low < plateau < high:
        return everywhere
    sides = [gaps.map(lambda g: plateau * (1 - g)), gaps.map(lambda g: plateau * (1 + g))]
    return st.one_of(everywhere, *(side.filter(lambda eps: low <= eps <= high) for side in sides))


def learning_rates(*, smallest: Any = "1e-4", largest: Any = 1) -> st.SearchStrategy[Fraction]:
    """Learning rates eta > 0, by decades."""
    return _positive("learning_rates", smallest, largest)


def weight_decays(*, zero: bool = True, smallest: Any = "1e-12", largest: Any = 10) -> st.SearchStrategy[Fraction]:
    """Weight decays gamma >= 0: 0 unless ``zero`` is False, and by decades."""
    return _positive("weight_decays", smallest, largest, zero=zero)


def initial_scales(*, zero: bool = True, smallest: Any = "1e-2", largest: Any = 10) -> st.SearchStrategy[Fraction]:
    """Scales alpha >= 0 of the initial weights; 1 (the default of the models), 0, and by decades."""
    return _positive("initial_scales", smallest, largest, zero=zero, points=(Fraction(1),))


def label_noises(*, zero: bool = True, smallest: Any = "1e-4", largest: Any = 1) -> st.SearchStrategy[Fraction]:
    """Standard deviations of label noise: 0 unless ``zero`` is False, and by decades."""
    return _positive("label_noises", smallest, largest, zero=zero)


def _positive(
    name: str, smallest: Any, largest: Any, *, zero: bool = False, points: tuple[Fraction, ...] = ()
) -> st.SearchStrategy[Fraction]:
    low = end(exact(smallest, "smallest", name, POSITIVE), "smallest", name)
    high = end(exact(largest, "largest", name, POSITIVE), "largest", name)
    if not low < high:
        raise DomainError(f"{name}: smallest = {low}, largest = {high} is an empty range; give smallest < largest")
    special = (*((Fraction(0),) if zero else ()), *(x for x in points if low <= x <= high))
    return between(low, high, special)


def digit_counts(smallest: int = 5, largest: int = 5000) -> st.SearchStrategy[int]:
    """Numbers of digits to ask for: mostly up to 60, at times up to 500, seldom up to ``largest``; small ones first."""
    if not 1 <= smallest <= largest <= 10_000:
        wanted = "1 <= smallest <= largest <= 10000"
        raise domain_error("digit_counts", "smallest", smallest, wanted, "order them, within this range")
    bounds = [min(max(bound, smallest), largest) for bound in (60, 500, largest)]
    return st.integers(0, 19).flatmap(lambda k: st.integers(smallest, bounds[0 if k < 14 else 1 if k < 19 else 2]))


def output_counts(largest: int = 1000) -> st.SearchStrategy[int]:
    """Numbers of outputs d_out >= 1: 1, a few, many."""
    if not 1 <= largest <= 10**9:
        raise domain_error("output_counts", "largest", largest, "an integer from 1 to 10^9", "count the outputs")
    return st.one_of(st.just(1), st.integers(1, min(12, largest)), st.integers(1, largest))


def fixed_or(value: Any, default: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What a caller gave for a parameter: nothing, a strategy, or one value."""
    if value is None:
        return default
    return value if isinstance(value, st.SearchStrategy) else st.just(value)
