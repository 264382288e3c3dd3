"""The derivations: where they are, what each derives, and whether one ends at its record's statement.

In a wheel they are the package ``grokmath.derivations``; in a checkout the folder ``derivations`` at the top. A module
of derivations has ``ID``, ``TITLE`` and ``DERIVES``, which maps IDs of the ledger (and names of lemmas) to functions
without arguments that return the last fact. The name of a function symbol in a fact and the record's reference are tied
by the definition at the derivation's first line, which its module states.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from importlib import import_module, util
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from grokmath.ledger.verdict import Derivation
from grokmath.parameters import DomainError, shown

if TYPE_CHECKING:
    from grokmath.ledger.record import Claim, Record
    from grokmath.proof import Fact

__all__ = ["Entry", "derive", "entries", "entry", "fact", "judged", "outcome", "reaches"]


class Entry(NamedTuple):
    """A derivation: the ID of what it derives, its title, and the module with the function that makes it."""

    id: str
    title: str
    module: str

    def run(self) -> Any:
        """Import the module, run the derivation, and give its last fact."""
        return import_module(self.module).DERIVES[self.id]()


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


@cache
def entries(naming: str = "") -> dict[str, Entry]:
    """All derivations by the ID of what they derive, or those of the modules whose text has the string ``naming``.

    They are read in the modules' text: nothing is imported or run.
    """
    package, folder = _package()
    found: dict[str, Entry] = {}
    for path in sorted(folder.glob("*/*.py")):
        text = path.read_text(encoding="utf-8")
        if path.stem == "__init__" or naming not in text:
            continue
        assigned = {
            node.targets[0].id: node.value
            for node in ast.parse(text).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        derived, title = assigned["DERIVES"], _text(assigned["TITLE"])
        if not isinstance(derived, ast.Dict):
            raise TypeError(f"derivations: DERIVES of {path.name} is not written out as a dictionary")
        for identifier in map(_text, derived.keys):
            found.setdefault(identifier, Entry(identifier, title, f"{package}.{path.parent.name}.{path.stem}"))
    return found


def _text(node: ast.expr | None) -> str:
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        raise TypeError("derivations: IDs and titles are written out as strings")
    return node.value


def entry(identifier: str) -> Entry:
    """The derivation of this; :class:`DomainError` where there is none for the ID."""
    known = entries(f'"{identifier}"')
    if identifier not in known:
        import difflib

        near = difflib.get_close_matches(identifier[:80], entries(), n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "grokmath derive --list names all"
        raise DomainError(f"derive: there is no derivation of {shown(identifier)}; {hint}")
    return known[identifier]


def fact(identifier: str) -> Fact:
    """The last fact of a derivation; :class:`DomainError` where there is none for the ID."""
    found: Fact = entry(identifier).run()
    return found


def derive(identifier: str) -> Derivation | None:
    """What running the derivation of a record came to; None where there is none."""
    return outcome(identifier) if identifier in entries(f'"{identifier}"') else None


def outcome(identifier: str) -> Derivation:
    """Run a derivation: whether its steps passed, how many of each kind, and whether it ends at its record's claim."""
    from grokmath.proof import RefusedStep

    try:
        last = fact(identifier)
    except RefusedStep:
        return Derivation(False, 0, 0, 0)
    return judged(last, _record(identifier))


def _record(identifier: str) -> Record | None:
    """The record that a derivation is of; a lemma has none."""
    from grokmath.ledger import PAPERS, find

    if identifier.partition(":")[0] in PAPERS:
        with suppress(DomainError):
            return find(identifier)
    return None


def judged(last: Fact, record: Record | None) -> Derivation:
    """What a derivation with this last fact comes to, for a record or for none."""
    from grokmath.ledger.tied import measured, tied
    from grokmath.proof import THEOREMS, counts, steps

    facts = last if isinstance(last, tuple) else (last,)
    tally = {kind: sum(counts(each)[kind] for each in facts) for kind in ("proved", "cited", "numerical")}
    cited = dict.fromkeys(
        step.rule.removeprefix("cited: ") for each in facts for step in steps(each) if step.kind == "cited"
    )
    if record is None:
        return Derivation(True, tally["proved"], tally["cited"], tally["numerical"], False, tuple(cited))
    theorems = tuple(cited | dict.fromkeys(THEOREMS[key].name for key in tied(record.claims)))
    ends = reaches(last, record)
    return Derivation(
        True, tally["proved"], tally["cited"], tally["numerical"], ends, theorems, measured(record.claims)
    )


def reaches(last: Fact, record: Record) -> bool:
    """Whether a derivation's last statement is what the record accepts, compared by structure.

    Each claim must be the statement of the last fact, or of one of those that it puts together, and that fact must hold
    on all regimes of the claim (:mod:`grokmath.ledger.coverage`). Symbols are taken by their names and bound ones by
    their places. Functions that a cited theorem introduced, averages and integrals are replaced by the definitions
    that the fact itself carries and the vocabulary gives; nothing is simplified: another form of the same is not
    reached. A record that restates a theorem of the closed list is reached by instances of that theorem.
    """
    from grokmath.ledger.coverage import covers
    from grokmath.ledger.crossing_forms import unfolded
    from grokmath.proof import THEOREMS, Together

    facts = last.statement.facts if isinstance(last.statement, Together) else (last,)
    if record.cites and not record.claims:
        return all(fact.kind == "cited" and fact.rule == f"cited: {THEOREMS[record.cites].name}" for fact in facts)
    if any(not _may_define(str(head), meaning) for fact in facts for head, meaning in fact.definitions):
        return False
    known = [(_sides(unfolded(fact), dict(fact.definitions)), fact) for fact in facts]
    return bool(record.claims) and all(
        _averages_exist(claim)
        and any(sides == _sides(claim) and covers(fact, claim) for sides, fact in known if sides is not None)
        for claim in record.claims
    )


def _may_define(name: str, meaning: Any) -> bool:
    """Whether a derivation may define a function of this name so: not if claims use the name for something else."""
    return name not in _COMPARED and (name not in _NAMED or meaning[0] == _NAMED[name])


_COMPARED = frozenset({"crossing", "margin", "flow", "norm of the minimiser", "scale of the minimiser"})
"""The names under which values of the vocabulary's functions are compared."""

_NAMED = {"P_separable": "probability of separability from the origin"}
"""Functions without an evaluator that claims name, and the first word of their definition by a cited theorem."""


def _averages_exist(claim: Claim) -> bool:
    """Whether each average of a function without a value at 0 is one over a law without an atom there: lam <= 1."""
    from grokmath.ledger.coverage import holds_on
    from grokmath.ledger.tied import sides
    from grokmath.ledger.vocabulary import MeanMP

    averages = set().union(*(side.atoms(MeanMP) for side in sides(claim)))
    ratios = [lam for f, lam, _ in (average.args for average in averages) if f(sympy.S.Zero).has(sympy.nan, sympy.zoo)]
    return all(holds_on([(1 - lam, ">=")], claim, regime) for lam in ratios for regime in claim.regimes)


def _sides(statement: Any, definitions: Mapping[Any, Any] = MappingProxyType({})) -> tuple[Any, ...] | None:
    """What is compared: two sides of a relation, or two functions, the variable and where it goes.

    ``definitions``: what the functions of a fact stand for.
    """
    from grokmath.ledger.record import Asymptotic as AsymptoticClaim
    from grokmath.ledger.record import Identity, Inequality, MatrixIdentity, MatrixInequality, Simulation
    from grokmath.proof import Asymptotic, Tends

    canonical = partial(_canonical, definitions=definitions)
    if isinstance(statement, sympy.Equality):
        return ("equal", frozenset({canonical(statement.lhs), canonical(statement.rhs)}))
    if isinstance(statement, Identity | MatrixIdentity):
        return ("equal", frozenset({canonical(statement.reference), canonical(statement.formula)}))
    if isinstance(statement, Simulation):
        sides = (statement.mean, statement.formula)
        return None if statement.mean is None else ("equal", frozenset(map(canonical, sides)))
    if isinstance(statement, sympy.StrictLessThan):
        return ("less", canonical(statement.lhs), canonical(statement.rhs))
    if isinstance(statement, sympy.LessThan):
        return ("at most", canonical(statement.lhs), canonical(statement.rhs))
    if isinstance(statement, Inequality | MatrixInequality):
        strict = isinstance(statement, Inequality) or statement.strict
        return ("less" if strict else "at most", canonical(statement.less), canonical(statement.more))
    if isinstance(statement, Asymptotic):
        pair = frozenset({canonical(statement.f), canonical(statement.g)})
        return ("asymptotic", pair, statement.var.name, statement.point)
    if isinstance(statement, Tends):
        return ("limit", canonical(statement.expr), canonical(statement.value), statement.var.name, statement.point)
    if isinstance(statement, AsymptoticClaim):
        reference, formula = canonical(statement.reference), canonical(statement.formula)
        if statement.limit:
            return ("limit", reference, formula, str(statement.var), statement.point)
        return ("asymptotic", frozenset({reference, formula}), str(statement.var), statement.point)
    return None


def _canonical(expression: Any, definitions: Mapping[Any, Any]) -> Any:
    """The expression with averages and integrals written out, with named free symbols and numbered bound ones."""
    from sympy.core.function import AppliedUndef

    from grokmath.ledger.crossing_forms import CROSSINGS
    from grokmath.ledger.flow_values import FlowValue, flow_value
    from grokmath.ledger.vocabulary import DefiniteIntegral, ExcessMP, MeanMP
    from grokmath.ledger.written_out import WRITTEN_OUT

    expression = sympy.S(expression)
    functions = expression.atoms(AppliedUndef)
    expression = expression.xreplace({applied: _cited(applied, definitions) for applied in functions})
    scalars = (symbol for symbol in expression.free_symbols if symbol.is_Symbol)
    expression = expression.xreplace({symbol: sympy.Symbol(f"={symbol.name}") for symbol in scalars})
    rules: dict[Any, Callable[..., Any]] = {
        **CROSSINGS,
        FlowValue: flow_value,
        ExcessMP: _excess,
        MeanMP: _average,
        DefiniteIntegral: _integral,
    }
    rules |= WRITTEN_OUT
    for head, meaning in rules.items():
        expression = expression.xreplace({part: meaning(*part.args) for part in expression.atoms(head)})
    return expression.xreplace({part: _numbered(part) for part in expression.atoms(sympy.Integral)})


_NU = sympy.Symbol("_nu")


def _cited(applied: Any, definitions: Mapping[Any, Any]) -> Any:
    """A value of a function that the theorem of Marchenko and Pastur introduced, as the average that it stands for; of
    one that a flow defines, as the value of that flow.
    """
    from grokmath.ledger.flow_values import flow_of

    flow = flow_of(applied, definitions)
    if flow is not None:
        return flow
    words = definitions.get(applied.func)
    if words is None or words[0] != "mean over the spectrum":
        return applied
    _, arguments, f, nu, lam = words
    at = dict(zip(arguments, applied.args, strict=True))
    return _law(f.xreplace({nu: sympy.S.Zero, **at}), f.xreplace({nu: _NU, **at}), at[lam])


def _excess(lam: Any, s: Any) -> Any:
    from grokmath.ledger.vocabulary import MeanMP

    return MeanMP(sympy.Lambda(_NU, sympy.S.One), lam, s) - sympy.Max(0, 1 - 1 / lam)


def _average(f: Any, lam: Any, s: Any) -> Any:
    """The atom and the integral against the density, as the theorem of Marchenko and Pastur writes them.

    A function that has no value at 0 has an average for lam <= 1 only, without the atom; ``reaches`` asks for that.
    """
    at_zero = f(sympy.S.Zero)
    atom = sympy.S.Zero if at_zero.has(sympy.nan, sympy.zoo) else at_zero
    return _law(atom, f(_NU) * sympy.exp(-s * _NU), lam)


def _law(at_zero: Any, inside: Any, lam: Any) -> Any:
    """The average of a function over the law at lam, from its value at 0 and its form inside."""
    root = sympy.sqrt(lam)
    low, high = (1 - root) ** 2, (1 + root) ** 2
    density = sympy.sqrt((high - _NU) * (_NU - low)) / (2 * sympy.pi * lam * _NU)
    return sympy.Max(0, 1 - 1 / lam) * at_zero + sympy.Integral(inside * density, (_NU, low, high))


def _integral(f: Any, low: Any, high: Any) -> Any:
    (x,) = f.variables
    return sympy.Integral(f.expr, (x, low, high))


def _numbered(integral: Any) -> Any:
    """The integral with a bound variable that has one name and no assumptions that matter."""
    ((x, low, high),) = integral.limits
    return sympy.Integral(integral.function.xreplace({x: _BOUND}), (_BOUND, low, high))


_BOUND = sympy.Symbol("_x")
