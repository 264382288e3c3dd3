"""Mutants of the ledger: changed claims that the checks must refute.

A check that nothing can fail is no check. Each claim that is believed to hold is changed in the ways of its kind, and
the verdict on every mutant has to be Refuted; a mutant that survives points at a check that is too weak (or, if two
forms are the same, at a mutator that changed nothing: such mutants are not made).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.asymptotics.formula import Environment
from grokmath.certified import working_precision
from grokmath.ledger.record import Asymptotic, Claim, Identity, Inequality, Record, Simulation
from grokmath.ledger.verdict import check_claim

__all__ = ["Mutant", "mutants", "survivors"]

_TINY = sympy.Rational(1, 10**20)
_DIGITS = 40


@dataclass(frozen=True)
class Mutant:
    """A changed claim of a record, and what was changed."""

    record: str
    change: str
    claim: Claim

    def killed(self) -> bool:
        """Whether the checks refute it, at one point a regime besides the critical ones."""
        points = 1 + max(len(regime.critical) for regime in self.claim.regimes)
        return check_claim(self.claim, _DIGITS, points).verdict == "Refuted"


def mutants(record: Record) -> Iterator[Mutant]:
    """All mutants of the claims of a record that are believed to hold; none for definitions."""
    if record.kind == "definition":
        return
    for claim in record.claims:
        for change, mutant in _changed(claim):
            yield Mutant(record.id, change, mutant)


def survivors(records: Iterable[Record]) -> tuple[int, list[Mutant]]:
    """How many mutants there were, and those that the checks did not refute."""
    total, alive = 0, []
    for record in records:
        for mutant in mutants(record):
            total += 1
            if not mutant.killed():
                alive.append(mutant)
    return total, alive


def _changed(claim: Claim) -> Iterator[tuple[str, Claim]]:
    if isinstance(claim, Identity):
        yield from ((change, replace(claim, formula=formula)) for change, formula in _formulas(claim.formula))
    elif isinstance(claim, Asymptotic):
        yield from _asymptotic(claim)
    elif isinstance(claim, Inequality):
        yield "extremum crossed", _crossed(claim)
    else:
        yield "mean moved by six standard errors", _moved(claim)


def _formulas(formula: Any) -> Iterator[tuple[str, Any]]:
    """Changed formulas, none of them the same as before or as another."""
    seen = {formula}
    candidates = (
        ("constant times 1 + 1e-20", formula * (1 + _TINY)),
        ("sign", -formula),
        ("exponent", _exponent(formula)),
        ("arguments swapped", _swapped(formula)),
        ("factor dropped", _dropped(formula, sympy.Mul)),
        ("term dropped", _dropped(formula, sympy.Add)),
    )
    for change, candidate in candidates:
        if candidate is not None and candidate not in seen:
            seen.add(candidate)
            yield change, candidate


def _asymptotic(claim: Asymptotic) -> Iterator[tuple[str, Claim]]:
    if claim.limit:
        yield "limit moved by 1e-20", replace(claim, formula=claim.formula + _TINY)
        return
    yield "constant times 1 + 1e-20", replace(claim, formula=claim.formula * (1 + _TINY))
    yield "sign", replace(claim, formula=-claim.formula)
    if claim.constant is not None:
        changed = claim.constant * (1 + sympy.Rational(1, 10**6))
        yield "coefficient of the error times 1 + 1e-6", replace(claim, constant=changed)
    if claim.order is not None:
        yield "order of the error plus 1", replace(claim, order=claim.order + 1)


def _nodes(formula: Any) -> Iterator[Any]:
    """The parts of a formula, outermost first, without those inside the ledger's own functions."""
    parts = sympy.preorder_traversal(formula)
    for part in parts:
        if isinstance(part, AppliedUndef):
            parts.skip()
        else:
            yield part


def _exponent(formula: Any) -> Any:
    for part in _nodes(formula):
        if isinstance(part, sympy.exp) and part.args[0].free_symbols:
            return formula.xreplace({part: sympy.exp(part.args[0] * sympy.Rational(3, 2))})
        if isinstance(part, sympy.Pow) and part.base.free_symbols:
            return formula.xreplace({part: part.base ** (part.exp + 1)})
    return None


def _swapped(formula: Any) -> Any:
    for part in _nodes(formula):
        if isinstance(part, sympy.marcumq):
            return formula.xreplace({part: sympy.marcumq(part.args[0], part.args[2], part.args[1])})
        if isinstance(part, (sympy.uppergamma, sympy.besseli)) and part.args[0].free_symbols:
            return formula.xreplace({part: part.func(part.args[1], part.args[0])})
    return None


def _dropped(formula: Any, kind: Any) -> Any:
    if not isinstance(formula, kind):
        return None
    part = next((part for part in formula.args if part.free_symbols), None)
    rest = None if part is None else formula.func(*(other for other in formula.args if other is not part))
    return rest if rest is not None and rest != 0 else None


def _crossed(claim: Inequality) -> Inequality:
    """The larger side lowered by 1.01 times the smallest gap that the points show."""
    gaps = []
    for regime in claim.regimes:
        for values in regime.points(1):
            with working_precision(256):
                environment = Environment(values)
                gaps.append(float(environment.real(claim.more) - environment.real(claim.less)))
    shift = Fraction(min(gaps)) * Fraction(101, 100)
    return replace(claim, more=claim.more - sympy.Rational(shift.numerator, shift.denominator))


def _moved(claim: Simulation) -> Simulation:
    """The claimed mean moved by six standard errors, away from the simulated one, at the first setting."""
    from grokmath.ledger.simulations import z_score

    regime = claim.regimes[0]
    z, _ = z_score(claim.sampler, claim.formula, regime.points(1)[0])
    return replace(claim, formula=(claim.formula, -6 if z > 0 else 6), regimes=(regime,))
