"""Verdicts: what checking a record's claims came to.

- ``Definition``: nothing is claimed (a record that restates a cited theorem is ``Proved given THEOREM`` where a
  derivation proves its hypotheses for an instance);
- ``Proved``: a derivation of the record was run, every step passed, its last statement is the record's claim by
  structure, and the checks agree; ``Proved given THEOREM`` where a step cites a theorem of the closed list, or such a
  theorem alone makes a function of the claim one of the model; ``Proved...; order measured`` (``order and constant
  measured``) where the claim also states the error of an asymptotic law, which is extrapolated as in ``Agrees``;
- ``Agrees``: to N digits at M points (an asymptotic claim: extrapolated from proved values, which is evidence and no
  proof; a probabilistic one: within 3 standard errors);
- ``Undecided``: not resolved, or not settled; this does not pass;
- ``Refuted``: with a witness, that is exact parameters and two disjoint balls, a measured order or limit, or a z-score;
- ``None`` stands for a form that is not there: nothing was printed, or nothing needed correction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import sympy

from grokmath.asymptotics import Range, Regime, check_asymptotic, check_identity, check_inequality
from grokmath.ledger import find
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

__all__ = ["ClaimResult", "Derivation", "RecordResult", "Verdict", "check_claim", "check_record", "in_order", "verify"]

T = TypeVar("T")

Verdict = str
"""Definition, Proved, Proved given ..., Agrees, Undecided or Refuted."""

_ORDER: tuple[Verdict, ...] = ("Refuted", "Undecided", "Agrees", "Proved", "Definition")
LEAST_POINTS = 5
"""Each regime of a record yields at least so many points, or the record fails."""
_AGREES_BELOW, _REFUTED_ABOVE = 3.0, 5.0
"""z-scores of probabilistic claims."""


@dataclass(frozen=True)
class Derivation:
    """What running a record's derivation came to: how many steps, by what, and whether all of them passed.

    ``reaches``: whether its last statement is the record's claim by structure; ``theorems``: those that are cited, and
    those that tie the functions of the claim to the model; ``measured``: what the claim states beside what is proved,
    "order" and "constant" of an error.
    """

    passed: bool
    proved: int
    cited: int
    numerical: int
    reaches: bool = False
    theorems: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict | None:
        """What it makes of a claim that agrees; None where it proves something else, or not all."""
        if not (self.passed and self.reaches) or self.numerical:
            return None
        given = f" given {' and '.join(self.theorems)}" if self.theorems else ""
        rest = f"; {' and '.join(self.measured)} measured" if self.measured else ""
        return f"Proved{given}{rest}"


@dataclass(frozen=True)
class ClaimResult:
    """The verdict on one claim: digits that agree at the least, points tried, and the evidence or the witness."""

    verdict: Verdict
    digits: int | None
    points: int
    evidence: str


@dataclass(frozen=True)
class RecordResult:
    """The verdicts on a record's printed and corrected forms, and what they rest on; ``seconds`` is processor time."""

    id: str
    printed: Verdict | None
    corrected: Verdict | None
    printed_claims: tuple[ClaimResult, ...]
    corrected_claims: tuple[ClaimResult, ...]
    derivation: Derivation | None
    seconds: float

    @property
    def passes(self) -> bool:
        """Whether the form that is believed to hold, the corrected one if there is one, is supported."""
        verdict = self.corrected or self.printed
        derived = self.derivation is None or self.derivation.passed
        return derived and (verdict in ("Definition", "Agrees", None) or verdict.startswith("Proved"))

    @property
    def digits(self) -> int | None:
        """The least number of digits that agree in the form believed to hold."""
        found = [c.digits for c in self.corrected_claims or self.printed_claims if c.digits is not None]
        return min(found, default=None)

    @property
    def points(self) -> int:
        """How many points were tried, both forms together."""
        return sum(c.points for c in (*self.printed_claims, *self.corrected_claims))


def check_claim(claim: Claim, digits: int = 60, points: int = LEAST_POINTS) -> ClaimResult:
    """The verdict on one claim, at least ``points`` points in each of its regimes that has a range.

    Where parameters are listed one by one, all combinations are tried. A regime that yields fewer leaves it undecided.
    """
    if not claim.regimes or any(len(regime.points(points)) < _least(regime, points) for regime in claim.regimes):
        return ClaimResult("Undecided", None, 0, "a regime yields too few points")
    if isinstance(claim, Simulation):
        return _simulated(claim)
    if isinstance(claim, Identity):
        result = check_identity(claim.reference, claim.formula, claim.regimes, digits, points)
        evidence = _evidence(result)
        if claim.reference == claim.formula:
            evidence = f"both sides are the same expression once written out; {evidence}"
        return ClaimResult(_verdict(result.state), result.digits if result.holds else None, result.points, evidence)
    if isinstance(claim, MatrixIdentity | MatrixInequality):
        return _written_out(claim, digits, points)
    if isinstance(claim, Inequality):
        order = check_inequality(claim.less, claim.more, claim.regimes, points, digits=digits)
        return ClaimResult(_verdict(order.state), None, order.points, _evidence(order))
    return _asymptotic(claim, digits, points)


def _written_out(claim: MatrixIdentity | MatrixInequality, digits: int, points: int) -> ClaimResult:
    from grokmath.ledger.explicit import written_out

    results = [check_claim(entry, digits, points) for entry in written_out(claim)]
    worst = min(results, key=lambda result: _ORDER.index(result.verdict))
    agreed = min((result.digits for result in results if result.digits is not None), default=None)
    sizes = ", ".join(f"{name} = {size}" for name, size in claim.sizes)
    evidence = f"written out at {sizes}: {worst.evidence}"
    return ClaimResult(worst.verdict, agreed, sum(result.points for result in results), evidence)


def _least(regime: Regime, points: int) -> int:
    return points if any(isinstance(part, Range) for _, part in regime.ranges) else 1


def _verdict(state: str) -> Verdict:
    return "Agrees" if state == "holds" else "Refuted" if state == "refuted" else "Undecided"


def _evidence(result: Any) -> str:
    """What a result says beside its state."""
    text = str(result)
    for state in ("holds", "refuted", "undecided"):
        text = text.removeprefix(f"{state}: ").removeprefix(f"{state} at ").removeprefix(f"{state} ")
    return text.strip()


def _asymptotic(claim: Asymptotic, digits: int, points: int) -> ClaimResult:
    result = check_asymptotic(
        claim.reference,
        claim.formula,
        claim.var,
        claim.point,
        claim.regimes,
        points=points,
        order=claim.order,
        constant=claim.constant,
        start=claim.start,
        levels=claim.levels,
        side=claim.side,
        kind="absolute" if claim.limit else "relative",
        digits=digits,
    )
    evidence = _evidence(result)
    if result.deciding is not None and result.deciding.table:
        end = result.deciding.table[-1][0]
        place = f"{claim.var} = {end}" if claim.point == sympy.oo else f"{claim.var} {end} {claim.point}"
        evidence = f"{evidence}; extrapolated from values up to {place}"
    return ClaimResult(_verdict(result.state), None, len(result.measurements) * claim.levels, evidence)


def _simulated(claim: Simulation) -> ClaimResult:
    from grokmath.ledger.simulations import z_score

    worst: tuple[float, str] = (0.0, "")
    tried = 0
    for regime in claim.regimes:
        for values in regime.points(1):
            z, text = z_score(claim.sampler, claim.formula, values)
            tried += 1
            if abs(z) >= abs(worst[0]):
                worst = (z, text)
    verdict: Verdict = "Undecided"
    if tried and abs(worst[0]) <= _AGREES_BELOW:
        verdict = "Agrees"
    elif abs(worst[0]) > _REFUTED_ABOVE:
        verdict = "Refuted"
    return ClaimResult(verdict, None, tried, worst[1])


def _worst(results: Iterable[ClaimResult]) -> Verdict | None:
    return min((result.verdict for result in results), key=_ORDER.index, default=None)


def check_record(
    record: Record,
    digits: int = 60,
    points: int = LEAST_POINTS,
    derive: Callable[[str], Derivation | None] | None = None,
) -> RecordResult:
    """All claims of a record; ``derive`` runs a derivation, by the name in
    the record or else by its ID, and returns what came of it (None: there is none).
    """
    start = time.process_time()
    if record.kind == "definition":
        cited = derive(record.derivation or record.id) if derive is not None and record.cites else None
        verdict = (cited.verdict if cited is not None else None) or "Definition"
        return RecordResult(record.id, verdict, None, (), (), cited, time.process_time() - start)
    printed = tuple(check_claim(claim, digits, points) for claim in record.printed)
    corrected = tuple(check_claim(claim, digits, points) for claim in record.corrected)
    derivation = derive(record.derivation or record.id) if derive is not None else None
    result = RecordResult(record.id, _worst(printed), _worst(corrected), printed, corrected, derivation, 0.0)
    if derivation is not None and derivation.verdict is not None:
        if result.corrected == "Agrees":
            result = replace(result, corrected=derivation.verdict)
        elif result.corrected is None and result.printed == "Agrees":
            result = replace(result, printed=derivation.verdict)
    return replace(result, seconds=time.process_time() - start)


def verify(
    identifiers: Iterable[str],
    digits: int = 60,
    points: int = LEAST_POINTS,
    *,
    derive: Callable[[str], Derivation | None] | None = None,
    executor: Executor | None = None,
    progress: Callable[[RecordResult], object] | None = None,
) -> Iterator[RecordResult]:
    """Check the records one after another, or in an executor, in the order given.

    To a process pool ``derive`` must travel: a function of a module, as :func:`grokmath.ledger.derivations.derive` is.
    """
    return in_order(partial(_by_id, digits=digits, points=points, derive=derive), identifiers, executor, progress)


def in_order(
    check: Callable[[str], T],
    identifiers: Iterable[str],
    executor: Executor | None = None,
    progress: Callable[[T], object] | None = None,
) -> Iterator[T]:
    """``check`` of each identifier, here or in an executor, in the order given; ``progress`` is called with each."""
    results = map(check, identifiers)
    if executor is not None:
        results = map(Future.result, [executor.submit(check, identifier) for identifier in identifiers])
    for result in results:
        if progress is not None:
            progress(result)
        yield result


def _by_id(
    identifier: str, digits: int, points: int, derive: Callable[[str], Derivation | None] | None
) -> RecordResult:
    return check_record(find(identifier), digits, points, derive)
