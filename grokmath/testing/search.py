"""Hypothesis at work for an assertion: points are drawn and judged, and the simplest failing one is handed back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from grokmath.asymptotics import Choice, Range
from grokmath.asymptotics.regime import as_regimes
from grokmath.exact import Exact, ExactAlgebraic
from grokmath.parameters import DomainError, GrokmathError, exact, shown
from grokmath.testing.rationals import between

__all__ = ["Failure", "Judgement", "Point", "Search", "as_strategies", "exact_part"]

Point = dict[str, Any]


@dataclass(frozen=True)
class Judgement:
    """What one point came to: the state, the digits that agree there, and the evidence as text."""

    state: Literal["holds", "refuted", "undecided"]
    digits: int
    evidence: str


@dataclass(frozen=True)
class Failure:
    """The simplest failing point found, and its judgement."""

    point: Point
    judgement: Judgement


class _Found(Exception):
    """Stops Hypothesis at a failing point, which it then shrinks."""


@dataclass
class Search:
    """A judge of points, and the memory of what it said."""

    judge: Callable[[Point], Judgement]
    seen: dict[Any, Judgement] = field(default_factory=dict)

    def failure(
        self,
        function: str,
        strategies: Mapping[str, st.SearchStrategy[Any]],
        examples: Sequence[Point],
        max_examples: int,
        seed: int | None,
    ) -> Failure | None:
        """A point where the statement is refuted, or else one where it is undecided, or None; as simple as can be."""
        for point in examples:
            judgement = self(point)
            if judgement.state != "holds":
                return Failure(point, judgement)
        strategy = st.fixed_dictionaries(dict(strategies)).map(lambda drawn: _read(drawn, function))
        for state in ("refuted", "undecided"):
            found = self._run(function, strategy, state, max_examples if strategies else 1, seed)
            if found or all(judgement.state == "holds" for judgement in self.seen.values()):
                return found
        return None  # pragma: no cover - an undecided point is found again

    def __call__(self, point: Point) -> Judgement:
        key: Any = tuple(point.items())
        try:
            known = self.seen.get(key)
        except TypeError:
            key, known = (repr(point), len(self.seen)), None
        if known is None:
            known = self.seen[key] = self.judge(point)
        return known

    def _run(
        self, function: str, strategy: st.SearchStrategy[Point], state: str, max_examples: int, seed: int | None
    ) -> Failure | None:
        last: list[Failure] = []

        def test(point: Point) -> None:
            judgement = self(point)
            if judgement.state == state:
                last[:] = [Failure(point, judgement)]
                raise _Found

        run = settings(
            max_examples=max_examples,
            derandomize=seed is None,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )(hypothesis.given(strategy)(test))
        if seed is not None:
            run = hypothesis.seed(seed)(run)
        try:
            run()
        except _Found:
            return last[0]
        except Unsatisfiable:
            raise DomainError(f"{function}: the strategies in given yield no points; widen their filters") from None
        return None


def _read(drawn: Mapping[str, Any], function: str) -> Point:
    return {name: _value(name, value, function) for name, value in drawn.items()}


def _value(name: str, value: Any, function: str) -> Any:
    """A drawn number as an exact one; models and other things as they are; a float is no exact parameter."""
    if isinstance(value, float | complex):
        raise DomainError(
            f"{function}: the strategy of {name} drew the float {value!r}, and parameters are exact; "
            "use the strategies of grokmath.testing, or .map(Fraction)"
        )
    try:
        return exact(value, name, function)
    except GrokmathError:
        return value


def exact_part(point: Point) -> tuple[dict[str, Exact], Point]:
    """The exact numbers of a point, and the rest."""
    numbers = {name: value for name, value in point.items() if isinstance(value, Fraction | ExactAlgebraic)}
    return numbers, {name: value for name, value in point.items() if name not in numbers}


def as_strategies(given: Any, function: str) -> dict[str, st.SearchStrategy[Any]]:
    """What a caller gave for each parameter, as strategies by name.

    A strategy stays one. Otherwise it is a domain as in :func:`grokmath.asymptotics.check_identity`: an open interval
    (low, high), a list of exact values, one exact value, a ``Range`` or a ``Choice``.
    """
    if not isinstance(given, Mapping):
        raise DomainError(
            f"{function}: given = {shown(given)} is not allowed (needed: a mapping of names or symbols to "
            "strategies or domains); write {'lam': aspect_ratios(), 't': (0, 10)}"
        )
    return {str(key): _strategy(key, part, function) for key, part in given.items()}


def _strategy(key: Any, part: Any, function: str) -> st.SearchStrategy[Any]:
    name = str(key)
    if isinstance(part, st.SearchStrategy):
        return part
    if callable(part) and not hasattr(part, "lam"):
        raise DomainError(f"{function}: {name} = {shown(part)} is a function; call it to get its strategy")
    if hasattr(part, "lam"):  # a model
        return st.just(part)
    (regime,) = as_regimes({key: part})
    domain = regime.ranges[0][1]
    ends = [dict(point)[name] for point in regime.critical]
    inner = st.sampled_from(domain.values) if isinstance(domain, Choice) else _interval(domain)
    return st.one_of(inner, st.sampled_from(ends)) if ends else inner


def _interval(domain: Range) -> st.SearchStrategy[Any]:
    low, high = domain.low, domain.high
    if domain.integer:
        return st.integers(-int(-low // 1), int(high // 1))
    return between(low, high).filter(lambda x: low < x < high)
