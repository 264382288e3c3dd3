"""The ledger in print: what ``grokmath verify`` and ``grokmath show`` say, as text and as JSON.

Schema of the JSON: docs/ledger.md. Exit status: 0 where every record's accepted form is supported, 1 where one is
refuted or undecided or a derivation's step fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict
from typing import Any

from grokmath import __version__
from grokmath.ledger import PAPERS, find, records
from grokmath.ledger.record import Claim, Record
from grokmath.ledger.verdict import LEAST_POINTS, ClaimResult, Derivation, RecordResult, check_record, verify
from grokmath.parameters import DomainError, digits_argument, shown

__all__ = ["SCHEMA", "counts", "exit_status", "run", "select", "show", "show_json", "table", "to_json"]

SCHEMA = "grokmath-ledger-1"
"""Name and version of the layout of the JSON export."""
RECORD_SCHEMA = "grokmath-record-1"
"""The same for one record by itself."""

CITATIONS = {
    "levi2023": 'N. Levi, A. Beck, Y. Bar-Sinai, "Grokking in Linear Estimators - A Solvable Model that Groks without '
    'Understanding", arXiv:2310.16441 (2023)',
    "beck2024": 'A. Beck, N. Levi, Y. Bar-Sinai, "Grokking at the Edge of Linear Separability", '
    "arXiv:2410.04489 (2024)",
}
_TITLE_WIDTH = 58


def select(names: Sequence[str] = ()) -> list[str]:
    """The IDs that the arguments of ``grokmath verify`` name: papers and IDs; all of them where there are none."""
    if not names:
        return [record.id for record in records()]
    chosen: dict[str, None] = {}
    for name in names:
        if name in PAPERS:
            chosen.update((record.id, None) for record in records(name))
        elif ":" in name:
            chosen[find(name).id] = None
        else:
            wanted = " | ".join((*PAPERS, "an ID such as levi2023:10-train"))
            raise DomainError(f"verify: {shown(name)} is no paper and no ID (needed: {wanted}); see grokmath verify")
    return list(chosen)


def run(
    names: Sequence[str] = (),
    digits: Any = 60,
    points: int = LEAST_POINTS,
    *,
    derive: Callable[[str], Derivation | None] | None = None,
    executor: Executor | None = None,
    progress: Callable[[RecordResult], object] | None = None,
) -> list[RecordResult]:
    """The results for the records named; ``progress`` is called with each as it is ready."""
    digits = digits_argument(digits, "verify")
    return list(verify(select(names), digits, points, derive=derive, executor=executor, progress=progress))


def counts(results: Iterable[RecordResult]) -> dict[str, dict[str, int]]:
    """How many verdicts of each kind: on the printed forms, the corrected ones, and those that stand."""
    results = list(results)
    printed = Counter(str(result.printed or "not printed") for result in results)
    corrected = Counter(str(result.corrected) for result in results if result.corrected)
    accepted = Counter(str(result.corrected or result.printed or "not printed") for result in results)
    return {"printed": dict(printed), "corrected": dict(corrected), "accepted": dict(accepted)}


def exit_status(results: Iterable[RecordResult]) -> int:
    """0 where every record passes, else 1."""
    return 0 if all(result.passes for result in results) else 1


def table(results: Sequence[RecordResult]) -> str:
    """The results as a table, and the counts of verdicts below it."""
    heads = ("ID", "states", "printed", "corrected", "digits", "points", "steps", "seconds")
    rows = [heads, *(_row(result) for result in results)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(heads))]
    right = (False, False, False, False, True, True, True, True)
    lines = [
        "  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * w for w in widths))
    lines.append("")
    for what, found in counts(results).items():
        listed = ", ".join(f"{number} {verdict}" for verdict, number in sorted(found.items()))
        lines.append(f"{what}: {listed or 'none'}")
    failed = [result.id for result in results if not result.passes]
    lines.append(
        f"{len(results)} records, {len(results) - len(failed)} pass" + (f"; not: {', '.join(failed)}" if failed else "")
    )
    return "\n".join(lines)


def _row(result: RecordResult) -> tuple[str, ...]:
    title = find(result.id).title
    title = title if len(title) <= _TITLE_WIDTH else title[: _TITLE_WIDTH - 3] + "..."
    steps = "-"
    if result.derivation:
        steps = f"{result.derivation.proved}/{result.derivation.cited}/{result.derivation.numerical}"
    return (
        result.id,
        title,
        result.printed or "-",
        result.corrected or "-",
        "-" if result.digits is None else "exact" if result.digits >= 10**6 else str(result.digits),
        str(result.points) if result.points else "-",
        steps,
        f"{result.seconds:.2f}",
    )


def to_json(results: Sequence[RecordResult], digits: int = 60) -> dict[str, Any]:
    """The results with their records, as ``grokmath verify --json`` exports them."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "digits": digits,
        "counts": counts(results),
        "passes": exit_status(results) == 0,
        "records": [{**_record_json(find(result.id)), "result": _result_json(result)} for result in results],
    }


def _record_json(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "source": record.source,
        "section": record.section,
        "kind": record.kind,
        "title": record.title,
        "printed": {"latex": record.latex, "statements": [_statement(claim) for claim in record.printed]},
        "corrected": {"latex": record.corrected_latex, "statements": [_statement(claim) for claim in record.corrected]},
        "variables": record.variables,
        "typo": record.typo,
        "notes": record.notes,
        "reconstruction": record.reconstruction,
        "derivation": record.derivation,
    }


def _statement(claim: Claim) -> str:
    return str(claim.statement)


def _result_json(result: RecordResult) -> dict[str, Any]:
    return {
        "passes": result.passes,
        "printed": _form_json(result.printed, result.printed_claims),
        "corrected": _form_json(result.corrected, result.corrected_claims),
        "digits": result.digits,
        "points": result.points,
        "derivation": asdict(result.derivation) if result.derivation else None,
        "seconds": round(result.seconds, 3),
    }


def _form_json(verdict: str | None, claims: tuple[ClaimResult, ...]) -> dict[str, Any]:
    return {"verdict": verdict, "claims": [asdict(claim) for claim in claims]}


def show(identifier: str, digits: Any = 60, derive: Callable[[str], Derivation | None] | None = None) -> str:
    """What ``grokmath show ID`` prints: both forms, why, the regimes, the evidence and the witness, how to cite."""
    record = find(identifier)
    result = check_record(record, digits_argument(digits, "show"), derive=derive)
    lines = [f"{record.id}: {record.title}", f"  {CITATIONS[record.source]}, section {record.section}; {record.kind}"]
    lines += ["", "printed", f"  {record.latex}"]
    if record.reconstruction:
        lines.append(f"  (our reconstruction: {record.reconstruction})")
    lines += _form(result.printed, record.printed, result.printed_claims)
    if record.corrected or record.corrected_latex:
        lines += ["", "corrected", f"  {record.corrected_latex}"]
        lines += _form(result.corrected, record.corrected, result.corrected_claims)
    if record.typo:
        lines += ["", f"misprint: {record.typo}"]
    if record.variables:
        lines += ["", "variables", *(f"  {name}: {domain}" for name, domain in record.variables.items())]
    if record.notes:
        lines += ["", f"notes: {record.notes}"]
    if result.derivation:
        d = result.derivation
        lines += ["", f"derivation: {d.proved} steps proved, {d.cited} by a cited theorem, {d.numerical} numerical"]
    lines += ["", f"cite: {CITATIONS[record.source]}; checked with grokmath {__version__}"]
    return "\n".join(lines)


def _form(verdict: str | None, claims: tuple[Claim, ...], results: tuple[ClaimResult, ...]) -> list[str]:
    lines = [f"  verdict: {verdict}"] if verdict else []
    for claim, result in zip(claims, results, strict=True):
        lines.append(f"  {_short(claim)}")
        lines.append(f"    {result.verdict}: {result.evidence}")
    return lines


def _short(claim: Claim) -> str:
    text = str(claim.statement)
    return text if len(text) <= 400 else text[:397] + "..."


def show_json(
    identifier: str, digits: Any = 60, derive: Callable[[str], Derivation | None] | None = None
) -> dict[str, Any]:
    """One entry of :func:`to_json`, with the name of its own layout and the version."""
    record = find(identifier)
    result = check_record(record, digits_argument(digits, "show"), derive=derive)
    return {"schema": RECORD_SCHEMA, "version": __version__, **_record_json(record), "result": _result_json(result)}
