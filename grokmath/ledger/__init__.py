"""The ledger: one record for every numbered equation and claim of the two papers, and what became of checking it."""

from __future__ import annotations

from functools import cache

from grokmath.ledger.record import Record
from grokmath.parameters import DomainError, shown

__all__ = ["PAPERS", "Record", "find", "records"]

PAPERS = ("levi2023", "beck2024")


@cache
def records(paper: str | None = None) -> tuple[Record, ...]:
    """All records of a paper, or of both, in the order of the paper.

    >>> from grokmath.ledger import records
    >>> records("levi2023")[0].id
    'levi2023:1'
    """
    if paper is None:
        return tuple(record for name in PAPERS for record in records(name))
    if paper == "levi2023":
        from grokmath.ledger.levi2023 import RECORDS

        return RECORDS
    if paper == "beck2024":
        from grokmath.ledger.beck2024 import RECORDS as BECK

        return BECK
    raise DomainError(f"ledger: {shown(paper)} is no paper of the ledger (needed: {' | '.join(PAPERS)}); choose one")


def find(identifier: str) -> Record:
    """The record with this ID; :class:`DomainError` where there is none, with the nearest ones."""
    for record in records():
        if record.id == identifier:
            return record
    import difflib

    near = difflib.get_close_matches(identifier[:80], [record.id for record in records()], n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "grokmath verify lists them all"
    raise DomainError(f"ledger: there is no record {shown(identifier)}; {hint}")
