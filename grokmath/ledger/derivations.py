"""The derivations: where they are, what each derives, and whether one ends at its record's statement.

In a wheel they are the package ``grokmath.derivations``; in a checkout the folder ``derivations`` at the top. A module
of derivations has ``ID``, ``TITLE`` and ``DERIVES``, which maps IDs of the ledger (and names of lemmas) to functions
without arguments that return the last fact. The name of a function symbol in a fact and the record's reference are tied
by the definition at the derivation's first line, which its module states.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from grokmath.ledger.verdict import Derivation
from grokmath.parameters import DomainError, shown

if TYPE_CHECKING:
    from grokmath.ledger.record import Claim, Record
    from grokmath.proof import Fact

__all__ = ["Entry", "derive", "entries", "fact", "judged", "outcome", "reaches"]


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
        assert spec is not None  # noqa: S101 - the file is there
        assert spec.loader is not None  # noqa: S101
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
    """Run a derivation: whether its steps passed, how many of each kind, and whether it ends at its record's claim."""
    from grokmath.ledger import PAPERS, records
    from grokmath.proof import RefusedStep

    try:
        last = fact(identifier)
    except RefusedStep:
        return Derivation(False, 0, 0, 0)
    of_a_paper = identifier.partition(":")[0] in PAPERS
    return judged(last, next((r for r in records() if r.id == identifier), None) if of_a_paper else None)


def judged(last: Fact, record: Record | None) -> Derivation:
    """What a derivation with this last fact comes to, for a record or for none."""
    from grokmath.proof import counts, steps

    facts = last if isinstance(last, tuple) else (last,)
    tally = {kind: sum(counts(each)[kind] for each in facts) for kind in ("proved", "cited", "numerical")}
    cited = dict.fromkeys(
        step.rule.removeprefix("cited: ") for each in facts for step in steps(each) if step.kind == "cited"
    )
    ends = record is not None and reaches(last, record)
    return Derivation(True, tally["proved"], tally["cited"], tally["numerical"], ends, tuple(cited))


def reaches(last: Fact, record: Record) -> bool:
    """Whether a derivation's last statement is what the record accepts, compared by structure.

    Each claim must be the statement of the last fact, or of one of those that it puts together, and every point that
    the checks of the claim try must lie in that fact's domain. Symbols are taken by their names and bound ones by
    their places. The functions L_tr and L_gen, averages and integrals are replaced by the definitions that the
    vocabulary and the derivations' first lines give; nothing is simplified: another form of the same is not reached.
    A record that restates a theorem of the closed list is reached by instances of that theorem.
    """
    from grokmath.ledger.crossing_forms import unfolded
    from grokmath.proof import THEOREMS, Together

    facts = last.statement.facts if isinstance(last.statement, Together) else (last,)
    if record.cites and not record.claims:
        return all(fact.kind == "cited" and fact.rule == f"cited: {THEOREMS[record.cites].name}" for fact in facts)
    known = [(_sides(unfolded(fact)), fact) for fact in facts]
    return bool(record.claims) and all(
        any(sides == _sides(claim) and _covers(fact, claim) for sides, fact in known if sides is not None)
        for claim in record.claims
    )


def _covers(fact: Fact, claim: Claim) -> bool:
    """Whether the points that checks of the claim try satisfy the conditions of the fact."""
    for regime in claim.regimes:
        for point in regime.points(_POINTS):
            at = {name: _rational(value) for name, value in point.items() if isinstance(value, Fraction | int)}
            for condition, kind in fact.domain.conditions:
                here = condition.xreplace({x: at[x.name] for x in condition.free_symbols if x.name in at})
                if here.free_symbols or not _holds(here, kind):
                    return False
    return True


_POINTS = 12


def _holds(value: Any, kind: str) -> bool:
    relation = {">": value > 0, ">=": value >= 0, "!=": sympy.Ne(value, 0)}[kind]
    return bool(relation == sympy.true)


def _rational(value: Fraction | int) -> Any:
    """The number as SymPy's."""
    value = Fraction(value)
    return sympy.Rational(value.numerator, value.denominator)


def _sides(statement: Any) -> tuple[Any, ...] | None:
    """What is compared: two sides of a relation, or two functions, the variable and where it goes."""
    from grokmath.ledger.record import Asymptotic as AsymptoticClaim
    from grokmath.ledger.record import Identity, Inequality, MatrixIdentity, Simulation
    from grokmath.proof import Asymptotic, Tends

    if isinstance(statement, sympy.Equality):
        return ("equal", frozenset({_canonical(statement.lhs), _canonical(statement.rhs)}))
    if isinstance(statement, Identity | MatrixIdentity):
        return ("equal", frozenset({_canonical(statement.reference), _canonical(statement.formula)}))
    if isinstance(statement, Simulation):
        sides = (statement.mean, statement.formula)
        return None if statement.mean is None else ("equal", frozenset(map(_canonical, sides)))
    if isinstance(statement, sympy.StrictLessThan):
        return ("less", _canonical(statement.lhs), _canonical(statement.rhs))
    if isinstance(statement, Inequality):
        return ("less", _canonical(statement.less), _canonical(statement.more))
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
    """The expression with averages and integrals written out, with named free symbols and numbered bound ones."""
    from sympy.core.function import AppliedUndef

    from grokmath.ledger.crossing_forms import CROSSINGS
    from grokmath.ledger.vocabulary import DefiniteIntegral, ExcessMP, MeanMP
    from grokmath.ledger.written_out import WRITTEN_OUT

    expression = sympy.S(expression)
    losses = {applied: _loss(applied) for applied in expression.atoms(AppliedUndef) if applied.func.__name__ in _LOSSES}
    expression = expression.xreplace(losses)
    scalars = (symbol for symbol in expression.free_symbols if symbol.is_Symbol)
    expression = expression.xreplace({symbol: sympy.Symbol(f"={symbol.name}") for symbol in scalars})
    rules: dict[Any, Callable[..., Any]] = {
        **CROSSINGS,
        ExcessMP: _excess,
        MeanMP: _average,
        DefiniteIntegral: _integral,
    }
    rules |= WRITTEN_OUT
    for head, meaning in rules.items():
        expression = expression.xreplace({part: meaning(*part.args) for part in expression.atoms(head)})
    return expression.xreplace({part: _numbered(part) for part in expression.atoms(sympy.Integral)})


_LOSSES = {"L_tr": 1, "L_gen": 0}
"""The power of nu that is averaged with e^{-s nu}."""
_NU = sympy.Symbol("_nu")


def _loss(applied: Any) -> Any:
    from grokmath.ledger.vocabulary import MeanMP

    t, eta, lam = applied.args
    return MeanMP(sympy.Lambda(_NU, _NU ** _LOSSES[applied.func.__name__]), lam, 4 * eta * t)


def _excess(lam: Any, s: Any) -> Any:
    from grokmath.ledger.vocabulary import MeanMP

    return MeanMP(sympy.Lambda(_NU, sympy.S.One), lam, s) - sympy.Max(0, 1 - 1 / lam)


def _average(f: Any, lam: Any, s: Any) -> Any:
    """The atom and the integral against the density, as the theorem of Marchenko and Pastur writes them.

    A function that has no value at 0 has an average for lam <= 1 only, without the atom; the checks of a claim fail
    where it has none.
    """
    root = sympy.sqrt(lam)
    low, high = (1 - root) ** 2, (1 + root) ** 2
    density = sympy.sqrt((high - _NU) * (_NU - low)) / (2 * sympy.pi * lam * _NU)
    at_zero, inside = f(sympy.S.Zero), f(_NU)
    average = sympy.Integral(inside * sympy.exp(-s * _NU) * density, (_NU, low, high))
    if at_zero.has(sympy.nan, sympy.zoo):
        return average
    return sympy.Max(0, 1 - 1 / lam) * at_zero + average


def _integral(f: Any, low: Any, high: Any) -> Any:
    (x,) = f.variables
    return sympy.Integral(f.expr, (x, low, high))


def _numbered(integral: Any) -> Any:
    """The integral with a bound variable that has one name and no assumptions that matter."""
    ((x, low, high),) = integral.limits
    return sympy.Integral(integral.function.xreplace({x: _BOUND}), (_BOUND, low, high))


_BOUND = sympy.Symbol("_x")
