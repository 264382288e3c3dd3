"""Facts: statements that a rule has proved, with the domain, the rule and the facts that they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import InitVar, dataclass
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.domain import Condition, Domain, RefusedStep, implicit_conditions
from grokmath.proof.normal import Normal, normal_form

__all__ = ["Asymptotic", "Fact", "Tends", "Together", "counts", "make_fact", "steps", "together"]

_TOKEN = object()


@dataclass(frozen=True)
class Tends:
    """expr -> value as var -> point (from the right at a finite point, and from the left for point = ``oo``)."""

    expr: Any
    var: Any
    point: Any
    value: Any

    def __str__(self) -> str:
        return f"{self.expr} -> {self.value} as {self.var} -> {self.point}"


@dataclass(frozen=True)
class Asymptotic:
    """f/g -> 1 as var -> point."""

    f: Any
    g: Any
    var: Any
    point: Any

    def __str__(self) -> str:
        return f"{self.f} ~ {self.g} as {self.var} -> {self.point}"


@dataclass(frozen=True)
class Together:
    """All of several facts, each on its own domain: what a record with several claims comes to."""

    facts: tuple[Fact, ...]

    def __str__(self) -> str:
        return "; ".join(str(fact) for fact in self.facts)


@dataclass(frozen=True, eq=False)
class Fact:
    """A statement that holds at every point of its domain. Only the rules of this package make one.

    ``statement``: a SymPy Eq, Le or Lt, a :class:`Tends`, an :class:`Asymptotic` or a :class:`Together`; ``domain``:
    conditions, beside the
    assumptions of the symbols; ``rule``, ``note``: what checked it, and why in words; ``premises``: the facts that
    it rests on; ``kind``: "proved", "definition", "cited" or "numerical"; ``definitions``: what each function symbol
    that was introduced on the way stands for.
    """

    statement: Any
    domain: Domain
    rule: str
    note: str
    premises: tuple[Fact, ...]
    kind: str
    definitions: frozenset[tuple[Any, Any]]
    token: InitVar[Any]

    def __post_init__(self, token: Any) -> None:
        if token is not _TOKEN:
            raise RefusedStep("Fact: only the rules of grokmath.proof make facts")

    @property
    def lhs(self) -> Any:
        """The left side."""
        return self.statement.lhs

    @property
    def rhs(self) -> Any:
        """The right side."""
        return self.statement.rhs

    def __str__(self) -> str:
        from grokmath.proof.rendering import statement_text

        return statement_text(self)


def make_fact(
    statement: Any,
    domain: Domain,
    rule: str,
    note: str,
    premises: Sequence[Fact] = (),
    kind: str = "proved",
    defines: tuple[Any, Any] | None = None,
    *,
    differentiable: bool = False,
) -> Fact:
    """For the rules only: the fact, if its parts agree on what every function symbol stands for.

    A derivative may be spoken of only if a premise says that it exists, or the rule has proved it (``differentiable``).
    """
    for premise in premises:
        if not isinstance(premise, Fact):
            raise RefusedStep(f"{rule}: {premise} is not a fact")
    definitions = frozenset().union(*(premise.definitions for premise in premises))
    if defines is not None:
        definitions |= {defines}
    heads = [head for head, _ in definitions]
    for head in heads:
        if heads.count(head) > 1:
            raise RefusedStep(f"{rule}: {head} is defined twice, in different ways, by the facts that are used")
    reserved = {symbol for symbol in _symbols(statement) | domain.symbols if symbol.name.startswith("_")}
    if reserved:
        raise RefusedStep(f"{rule}: names that begin with an underscore, such as {reserved.pop()}, are reserved")
    if not differentiable:
        _require_known_derivatives(rule, statement, domain, premises)
    if not isinstance(statement, Tends | Asymptotic | Together):
        for side in statement.args:
            if side.has(sympy.nan, sympy.zoo) or side in (sympy.oo, -sympy.oo):
                raise RefusedStep(f"{rule}: {statement} is not a statement about numbers")
    return Fact(statement, domain, rule, note, tuple(premises), kind, definitions, _TOKEN)


def _parts(statement: Any) -> list[Any]:
    """The expressions of a statement."""
    if isinstance(statement, Tends):
        return [statement.expr, statement.value, statement.var]
    if isinstance(statement, Asymptotic):
        return [statement.f, statement.g, statement.var]
    if isinstance(statement, Together):
        return [part for fact in statement.facts for part in _parts(fact.statement)]
    return list(statement.args)


def _symbols(statement: Any) -> set[Any]:
    return set().union(*(part.free_symbols for part in _parts(statement)))


def _derivatives(statement: Any) -> set[Any]:
    return set().union(*(part.atoms(sympy.Derivative) for part in _parts(statement)))


def _require_known_derivatives(rule: str, statement: Any, domain: Domain, premises: Sequence[Fact]) -> None:
    unknown = _derivatives(statement)
    local = isinstance(statement, Tends | Asymptotic)
    for premise in premises:
        if unknown and (local or is_implied(premise, domain)):
            unknown -= _derivatives(premise.statement)
    if unknown:
        raise RefusedStep(f"{rule}: nothing that is used says that {unknown.pop()} exists on the domain")


def together(*facts: Fact, note: str = "") -> Fact:
    """All the facts at once, each on its own domain. No rule goes on from there."""
    if len(facts) < 2:
        raise RefusedStep("together: two facts or more are needed")
    if any(isinstance(fact.statement, Together) for fact in facts):
        raise RefusedStep("together: one of the facts is already several")
    return make_fact(Together(facts), Domain(), "together", note, facts, differentiable=True)


def equation(lhs: Any, rhs: Any) -> Any:
    """lhs = rhs as SymPy's Eq, never evaluated."""
    return sympy.Eq(sympy.S(lhs), sympy.S(rhs), evaluate=False)


def at_most(lhs: Any, rhs: Any, *, strict: bool = False) -> Any:
    """lhs <= rhs (or <), never evaluated."""
    return (sympy.Lt if strict else sympy.Le)(sympy.S(lhs), sympy.S(rhs), evaluate=False)


def normal_for(rule: str, domain: Domain, using: Sequence[Fact] = ()) -> Normal:
    """The normal form on the domain, in which the integrals of the facts used converge and their inequalities hold."""
    integrals: set[Any] = set()
    known: list[Condition] = []
    for fact in using:
        if isinstance(fact.statement, sympy.Basic) and is_implied(fact, domain):
            outside = fact.statement.free_symbols
            integrals |= {i for i in fact.statement.atoms(sympy.Integral) if i.free_symbols <= outside}
            if isinstance(fact.statement, sympy.Le | sympy.Lt) and not fact.statement.has(sympy.Integral):
                known.append((fact.rhs - fact.lhs, ">" if isinstance(fact.statement, sympy.Lt) else ">="))
    known.sort(key=lambda condition: not isinstance(condition[0], AppliedUndef))  # others may need the signs of values
    return normal_form(domain, rule, frozenset(integrals), tuple(known))


def is_implied(fact: Fact, domain: Domain) -> bool:
    """Whether the domain of the fact is proved to contain the given one."""
    if set(fact.domain.conditions) <= set(domain.conditions):
        return True
    try:
        require_domain(fact, normal_form(domain, "domain"))
    except RefusedStep:
        return False
    return True


def require_domain(fact: Fact, normal: Normal) -> None:
    """Refuse unless the domain of the fact contains that of the normal form."""
    for condition in fact.domain.conditions:
        normal.require(condition, f"the domain of the fact {fact}")


def assumptions_of(symbols: Sequence[Any]) -> list[tuple[Any, Condition]]:
    """(symbol, condition) for the sign assumptions of the symbols."""
    return [(symbol, condition) for symbol in symbols for condition in implicit_conditions(symbol)]


def steps(fact: Fact) -> list[Fact]:
    """The facts that a fact rests on and itself, premises before conclusions, each once."""
    seen: set[int] = set()
    ordered: list[Fact] = []

    def visit(part: Fact) -> None:
        if id(part) in seen:
            return
        seen.add(id(part))
        for premise in part.premises:
            visit(premise)
        ordered.append(part)

    visit(fact)
    return ordered


def counts(fact: Fact) -> dict[str, int]:
    """How many steps of each kind the derivation of the fact has."""
    kinds = [part.kind for part in steps(fact)]
    return {kind: kinds.count(kind) for kind in ("definition", "proved", "cited", "numerical")}


def cited(fact: Fact) -> Iterator[Fact]:
    """The steps that rest on a cited theorem."""
    return (part for part in steps(fact) if part.kind == "cited")
