"""Mutants of the ledger: changed claims that the checks must refute.

A check that nothing can fail is no check. Each claim that is believed to hold is changed in the ways of its kind, and
the verdict on every mutant has to be Refuted; a mutant that survives points at a check that is too weak (or, if two
forms are the same, at a mutator that changed nothing: such mutants are not made).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath import __version__
from grokmath.asymptotics.formula import Environment
from grokmath.certified import working_precision
from grokmath.ledger import find
from grokmath.ledger.explicit import written_out
from grokmath.ledger.record import (
    Asymptotic,
    Claim,
    Identity,
    Inequality,
    MatrixIdentity,
    MatrixInequality,
    Record,
    Simulation,
)
from grokmath.ledger.verdict import check_claim, in_order

__all__ = ["Kills", "Mutant", "exit_status", "killed", "mutants", "run", "table", "to_json"]

SCHEMA = "grokmath-mutants-1"
"""Name and version of the layout of the JSON export."""
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


@dataclass(frozen=True)
class Kills:
    """What became of a record's mutants: how many were made by each change, and the changes that were not refuted."""

    id: str
    made: tuple[tuple[str, int], ...]
    alive: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many mutants there were."""
        return sum(number for _, number in self.made)

    @property
    def passes(self) -> bool:
        """Whether all were refuted; a record that claims something and has none fails."""
        return not self.alive and (self.total > 0 or find(self.id).kind == "definition")


def killed(identifier: str) -> Kills:
    """Check all mutants of the record with this ID."""
    found = list(mutants(find(identifier)))
    made = Counter(mutant.change for mutant in found)
    return Kills(identifier, tuple(made.items()), tuple(m.change for m in found if not m.killed()))


def run(
    identifiers: Iterable[str], *, executor: Executor | None = None, progress: Callable[[Kills], object] | None = None
) -> list[Kills]:
    """The same for several records, in their order; ``progress`` is called with each as it is ready."""
    return list(in_order(killed, identifiers, executor, progress))


def exit_status(results: Iterable[Kills]) -> int:
    """0 where every record passes, else 1."""
    return 0 if all(result.passes for result in results) else 1


def by_change(results: Iterable[Kills]) -> dict[str, tuple[int, int]]:
    """How many mutants each change made, and how many of them were refuted."""
    made: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    for result in results:
        made.update(dict(result.made))
        alive.update(result.alive)
    return {change: (number, number - alive[change]) for change, number in made.most_common()}


def table(results: Sequence[Kills]) -> str:
    """How many mutants of each kind were refuted, those that were not, and records that should have some."""
    rows = [(change, str(made), str(dead)) for change, (made, dead) in by_change(results).items()]
    rows = [("change", "mutants", "refuted"), *rows]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = [f"{a.ljust(widths[0])}  {b.rjust(widths[1])}  {c.rjust(widths[2])}" for a, b, c in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines.append("")
    lines += [f"not refuted: {result.id}, {change}" for result in results for change in result.alive]
    lines += [f"no mutants: {result.id}" for result in results if not result.total and not result.passes]
    total, alive = sum(result.total for result in results), sum(len(result.alive) for result in results)
    lines.append(f"{len(results)} records, {total} mutants, {total - alive} refuted, {alive} not")
    return "\n".join(lines)


def to_json(results: Sequence[Kills]) -> dict[str, Any]:
    """The same as ``grokmath verify --mutants --json`` exports it."""
    changes = {change: {"mutants": made, "refuted": dead} for change, (made, dead) in by_change(results).items()}
    records = [{"id": r.id, "mutants": dict(r.made), "not_refuted": list(r.alive), "passes": r.passes} for r in results]
    passes = exit_status(results) == 0
    return {"schema": SCHEMA, "version": __version__, "passes": passes, "changes": changes, "records": records}


def _changed(claim: Claim) -> Iterator[tuple[str, Claim]]:
    if isinstance(claim, Identity):
        yield from ((change, replace(claim, formula=formula)) for change, formula in _formulas(claim.formula))
    elif isinstance(claim, MatrixIdentity):
        yield from ((change, replace(claim, formula=formula)) for change, formula in _matrices(claim))
    elif isinstance(claim, Asymptotic):
        yield from _asymptotic(claim)
    elif isinstance(claim, MatrixInequality):
        yield from (("extremum crossed", _crossed(part)) for part in written_out(claim) if isinstance(part, Inequality))
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


def _matrices(claim: MatrixIdentity) -> Iterator[tuple[str, Any]]:
    """Changed sides of a statement about matrices: those changes that leave the sizes as they are."""
    formula = claim.formula
    if formula in (0, 1) or isinstance(formula, sympy.ZeroMatrix):
        yield "added 1e-20", formula + _TINY
        return
    yield "constant times 1 + 1e-20", formula * (1 + _TINY)
    yield "sign", -formula
    dropped = _dropped(formula, sympy.Add)
    if dropped is not None:
        yield "term dropped", dropped
    exponential = next((part for part in sympy.preorder_traversal(formula) if type(part).__name__ == "Expm"), None)
    if exponential is not None:
        changed = exponential.func(sympy.Rational(3, 2) * exponential.args[0])
        yield "exponent", formula.xreplace({exponential: changed})


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
