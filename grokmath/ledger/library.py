"""The derivations: where they are, what each derives, and whether one ends at its record's statement.

In a wheel they are the package ``grokmath.derivations``; in a checkout the folder ``derivations`` at the top. A module
of derivations has ``ID``, ``TITLE`` and ``DERIVES``, which maps IDs of the ledger (and names of lemmas) to functions
without arguments that return the last fact. The name of a function symbol in a fact and the record's reference are tied
by the definition at the derivation's first line, which its module states.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from grokmath.ledger.verdict import Derivation
from grokmath.parameters import DomainError, shown

if TYPE_CHECKING:
    from grokmath.ledger.record import Record
    from grokmath.proof import Fact

__all__ = ["Entry", "derive", "entries", "fact", "outcome", "reaches"]


class Entry(NamedTuple):
    """A derivation: the ID of what it derives, its title, and the function that makes it."""

    id: str
    title: str
    run: Callable[[], Any]


def _package() -> tuple[str, Path]:
    """The name under which the derivations are imported, and their folder."""
    inside = Path(__file__).resolve().parent.parent / "derivations"
    if inside.is_dir():
        return "grokmath.derivations", inside
    top = Path(__file__).resolve().parents[2] / "derivations"
    if not (top / "__init__.py").is_file():
        raise DomainError("derive: this installation has no derivations; install grokmath from a wheel or a checkout")
    if "derivations" not in sys.modules:  # by its place: another folder of this name may stand first on the path
        spec = util.spec_from_file_location("derivations", top / "__init__.py", submodule_search_locations=[str(top)])
        assert spec is not None and spec.loader is not None  # noqa: S101 - the file is there
        module = util.module_from_spec(spec)
        sys.modules["derivations"] = module
        spec.loader.exec_module(module)
    return "derivations", top


def _modules() -> Iterator[ModuleType]:
    name, folder = _package()
    for path in sorted(folder.glob("*/*.py")):
        if path.stem != "__init__":
            yield import_module(f"{name}.{path.parent.name}.{path.stem}")


@cache
def entries() -> dict[str, Entry]:
    """All derivations by the ID of what they derive."""
    found: dict[str, Entry] = {}
    for module in _modules():
        for identifier, run in module.DERIVES.items():
            found.setdefault(identifier, Entry(identifier, module.TITLE, run))
    return found


def fact(identifier: str) -> Fact:
    """The last fact of a derivation; :class:`DomainError` where there is none for the ID."""
    known = entries()
    if identifier not in known:
        import difflib

        near = difflib.get_close_matches(identifier[:80], known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "grokmath derive --list names all"
        raise DomainError(f"derive: there is no derivation of {shown(identifier)}; {hint}")
    found: Fact = known[identifier].run()
    return found


def derive(identifier: str) -> Derivation | None:
    """What running the derivation of a record came to; None where there is none."""
    return outcome(identifier) if identifier in entries() else None


def outcome(identifier: str) -> Derivation:
    """Run a derivation: the numbers of steps by kind, and whether all of them passed."""
    from grokmath.proof import RefusedStep, counts

    try:
        tally = counts(fact(identifier))
    except RefusedStep:
        return Derivation(False, 0, 0, 0)
    return Derivation(True, tally["proved"], tally["cited"], tally["numerical"])


def reaches(last: Fact, record: Record) -> bool:
    """Whether a derivation's last statement is the one claim that the record accepts, compared by structure.

    Symbols are taken by their names, bound ones by their places, and the derivations' function symbols L_tr and L_gen
    for the averages that their first lines define. Nothing is simplified: another form of the same is not reached.
    """
    claims = record.claims
    return len(claims) == 1 and _sides(last.statement) == _sides(claims[0])


def _sides(statement: Any) -> tuple[Any, ...] | None:
    """What is compared: two sides of an equation, or two functions, the variable and where it goes."""
    from grokmath.ledger.record import Asymptotic as AsymptoticClaim
    from grokmath.ledger.record import Identity
    from grokmath.proof import Asymptotic, Tends

    if isinstance(statement, sympy.Equality):
        return ("equal", frozenset({_canonical(statement.lhs), _canonical(statement.rhs)}))
    if isinstance(statement, Identity):
        return ("equal", frozenset({_canonical(statement.reference), _canonical(statement.formula)}))
    if isinstance(statement, Asymptotic):
        pair = frozenset({_canonical(statement.f), _canonical(statement.g)})
        return ("asymptotic", pair, statement.var.name, statement.point)
    if isinstance(statement, Tends):
        return ("limit", _canonical(statement.expr), _canonical(statement.value), statement.var.name, statement.point)
    if isinstance(statement, AsymptoticClaim):
        reference, formula = _canonical(statement.reference), _canonical(statement.formula)
        if statement.limit:
            return ("limit", reference, formula, str(statement.var), statement.point)
        return ("asymptotic", frozenset({reference, formula}), str(statement.var), statement.point)
    return None


def _canonical(expression: Any) -> Any:
    """The expression in the ledger's words, with plain symbols named as they are and numbered bound ones."""
    from sympy.core.function import AppliedUndef

    expression = sympy.Integer(expression) if isinstance(expression, int) else expression
    losses = {applied: _loss(applied) for applied in expression.atoms(AppliedUndef) if applied.func.__name__ in _LOSSES}
    expression = expression.xreplace(losses)
    bound = {form: _numbered(form) for form in expression.atoms(sympy.Lambda)}
    expression = expression.xreplace(bound)
    return expression.xreplace({symbol: sympy.Symbol(f"={symbol.name}") for symbol in expression.free_symbols})


_LOSSES = {"L_tr": 1, "L_gen": 0}
"""The power of nu that is averaged with e^{-s nu}."""


def _loss(applied: Any) -> Any:
    from grokmath.ledger.vocabulary import MeanMP

    t, eta, lam = applied.args
    nu = sympy.Symbol("nu")
    return MeanMP(sympy.Lambda(nu, nu ** _LOSSES[applied.func.__name__]), lam, 4 * eta * t)


def _numbered(form: Any) -> Any:
    names = {symbol: sympy.Symbol(f"_{k}") for k, symbol in enumerate(form.variables)}
    return sympy.Lambda(tuple(names.values()), form.expr.xreplace(names))
