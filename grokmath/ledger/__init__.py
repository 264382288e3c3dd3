"""The ledger: one record for every numbered equation and claim of the two papers, and what became of checking it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from grokmath.ledger.record import Record
from grokmath.parameters import DomainError, shown

__all__ = ["PAPERS", "Record", "find", "records"]

PAPERS = ("levi2023", "beck2024")
"""The papers: each is a package of this name here, with the names of its modules of records in ``SECTIONS``."""


@cache
def records(paper: str | None = None) -> tuple[Record, ...]:
    """All records of a paper, or of both, in the order of the paper.

    >>> from grokmath.ledger import records
    >>> records("levi2023")[0].id
    'levi2023:1'
    """
    if paper is None:
        return tuple(record for name in PAPERS for record in records(name))
    if paper not in PAPERS:
        wanted = " | ".join(PAPERS)
        raise DomainError(f"ledger: {shown(paper)} is no paper of the ledger (needed: {wanted}); choose one")
    return tuple(record for section in _sections(paper) for record in _records_of(paper, section))


def _sections(paper: str) -> tuple[str, ...]:
    sections: tuple[str, ...] = import_module(f"{__name__}.{paper}").SECTIONS
    return sections


def _records_of(paper: str, section: str) -> tuple[Record, ...]:
    found: tuple[Record, ...] = import_module(f"{__name__}.{paper}.{section}").RECORDS
    return found


def find(identifier: str) -> Record:
    """The record with this ID; :class:`DomainError` where there is none, with the nearest ones."""
    for record in _likely_first(identifier):
        if record.id == identifier:
            return record
    import difflib

    near = difflib.get_close_matches(identifier[:80], [record.id for record in records()], n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "grokmath verify lists them all"
    raise DomainError(f"ledger: there is no record {shown(identifier)}; {hint}")


def _likely_first(identifier: str) -> Iterator[Record]:
    """All records, before them those of modules whose text has the ID: to build every expression takes seconds."""
    paper = identifier.partition(":")[0]
    for section in _sections(paper) if paper in PAPERS else ():
        path = Path(__file__).parent / paper / f"{section}.py"
        if path.is_file() and f'"{identifier}"' in path.read_text(encoding="utf-8"):
            yield from _records_of(paper, section)
    yield from records()
