"""Facts: statements that a rule has proved, with the domain, the rule and the facts that they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import InitVar, dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.domain import Condition, Domain, RefusedStep, implicit_conditions
from grokmath.proof.normal import Normal, Premise, contains, normal_form

__all__ = ["Asymptotic", "Fact", "Tends", "Together", "counts", "make_fact", "steps", "together"]

_TOKEN = object()
_SEALS: WeakKeyDictionary[Fact, tuple[Any, ...]] = WeakKeyDictionary()
"""What each fact said when a rule made it: an object that was altered since, or made otherwise, is no fact."""


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
        _SEALS[self] = _content(self)

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
    *defines: tuple[Any, Any],
    differentiable: bool = False,
) -> Fact:
    """For the rules only: the fact, if its parts agree on what every function symbol stands for.

    A derivative may be spoken of only if a premise says that it exists, or the rule has proved it (``differentiable``).
    """
    for premise in premises:
        require_genuine(rule, premise)
    definitions = frozenset().union(*(premise.definitions for premise in premises))
    definitions |= frozenset(defines)
    heads = [head for head, _ in definitions]
    for head in heads:
        if heads.count(head) > 1:
            raise RefusedStep(f"{rule}: {head} is defined twice, in different ways, by the facts that are used")
    _require_no_circle(rule, definitions)
    _require_plain_names(rule, statement, domain)
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


def _content(fact: Fact) -> tuple[Any, ...]:
    """The parts of a fact, and those of its statement and domain, which could be altered in them."""
    inside = () if isinstance(fact.statement, sympy.Basic) else vars(fact.statement).values()
    parts = fact.statement, fact.domain, fact.rule, fact.premises, fact.kind, fact.definitions
    return *parts, *inside, fact.domain.conditions


def require_genuine(rule: str, fact: Any) -> None:
    """Refuse what is not a fact as a rule made it."""
    sealed = _SEALS.get(fact) if isinstance(fact, Fact) else None
    if sealed is None or any(one is not other for one, other in zip(sealed, _content(fact), strict=True)):
        raise RefusedStep(f"{rule}: {type(fact).__name__} is not a fact that a rule has made")


def _require_no_circle(rule: str, definitions: frozenset[tuple[Any, Any]]) -> None:
    """Refuse definitions of which one speaks of another that speaks, by however many steps, of the first."""
    left = {head: _spoken(meaning) for head, meaning in definitions}
    paths = frozenset(head for head in left if isinstance(head, sympy.Symbol))  # those of one flow are defined together
    left = {head: spoken - paths if head in paths else spoken for head, spoken in left.items()}
    heads = [head for head, _ in definitions]
    while left:
        free = [head for head in left if not any(other in left and other != head for other in left[head])]
        if not free:
            names = ", ".join(sorted(str(head) for head in heads if head in left))
            raise RefusedStep(f"{rule}: the definitions of {names} go in a circle")
        for head in free:
            del left[head]


@lru_cache(maxsize=4096)
def _spoken(meaning: Any) -> frozenset[Any]:
    """The heads of the functions that a meaning names, and the names of paths among its symbols."""
    if isinstance(meaning, tuple):
        return frozenset().union(*(_spoken(part) for part in meaning))
    if isinstance(meaning, sympy.core.function.UndefinedFunction):
        return frozenset({meaning})
    if isinstance(meaning, sympy.Basic):
        names: set[Any] = {part.func for part in meaning.atoms(AppliedUndef)} | meaning.atoms(sympy.Symbol)
        return frozenset(names)
    return frozenset()


def _require_plain_names(rule: str, statement: Any, domain: Domain) -> None:
    """Refuse symbols and functions of which more is assumed than the rules look at (``even``, ``zero``, ``prime``; a
    function that is declared positive): SymPy would use it in silence.
    """
    parts = [*_parts(statement), *(expr for expr, _ in domain.conditions)]
    for part in parts:
        for symbol in part.atoms(sympy.Symbol):
            if not _is_plain(symbol):
                raise RefusedStep(f"{rule}: more is assumed of {symbol} than that it is real, an integer, or of a sign")
        for value in part.atoms(AppliedUndef):
            if not _is_plain_function(value.func):
                raise RefusedStep(f"{rule}: more is assumed of the function {value.func} than that it is real")


@lru_cache(maxsize=4096)
def _is_plain(symbol: Any) -> bool:
    if symbol.assumptions0 == {"commutative": True}:  # a name; no rule takes it for a number
        return True
    kinds = ("positive", "negative", "nonnegative", "nonpositive", "nonzero")
    signs = {kind: True for kind in kinds if getattr(symbol, f"is_{kind}")}
    kind = "integer" if symbol.is_integer else "real"
    both = signs.keys() >= {"nonnegative", "nonpositive"}  # the number 0
    return not both and sympy.Dummy(**{kind: True}, **signs).assumptions0 == symbol.assumptions0


@lru_cache(maxsize=4096)
def _is_plain_function(function: Any) -> bool:
    return all(kind in ("real", "commutative") and value for kind, value in function._kwargs.items())


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
    free = set().union(*(_free(part, sympy.Derivative) for part in _parts(statement)))
    local = isinstance(statement, Tends | Asymptotic)
    for premise in premises:
        if unknown and (local or is_implied(premise, domain)):
            known = set().union(*(_free(part, sympy.Derivative) for part in _parts(premise.statement)))
            unknown -= known | (_derivatives(premise.statement) - free)
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
    premises: list[Premise] = []
    for fact in using:
        if isinstance(fact.statement, sympy.Basic) and is_implied(fact, domain):
            known: list[Condition] = []
            if isinstance(fact.statement, sympy.Le | sympy.Lt) and not fact.statement.has(sympy.Integral):
                known.append((fact.rhs - fact.lhs, ">" if isinstance(fact.statement, sympy.Lt) else ">="))
            integrals = frozenset(_free(fact.statement, sympy.Integral))
            if known or integrals:
                premises.append(Premise(fact.domain, integrals, tuple(known)))
    # values of functions first: others may need their signs
    premises.sort(key=lambda premise: not (premise.known and isinstance(premise.known[0][0], AppliedUndef)))
    return normal_form(domain, rule, tuple(dict.fromkeys(premises)))


def hidden(expr: Any) -> set[Any]:
    """The symbols that a sum, a mean or another head binds: they are free in its parts, and not in it."""
    parts: set[Any] = set().union(*(part.free_symbols for part in expr.args))
    return parts - set(expr.free_symbols)


def _free(expr: Any, kind: type) -> set[Any]:
    """The integrals (derivatives) in the expression that stand under nothing that binds one of their symbols."""
    found = {expr} if isinstance(expr, kind) else set()
    if not isinstance(expr, sympy.Integral):
        bound = hidden(expr)
        inside = set().union(*(_free(part, kind) for part in expr.args))
        return found | {part for part in inside if not part.free_symbols & bound}
    bound = {limit[0] for limit in expr.limits}
    ends = (_free(end, kind) for limit in expr.limits for end in limit[1:])
    return found.union({inner for inner in _free(expr.function, kind) if not inner.free_symbols & bound}, *ends)


def is_implied(fact: Fact, domain: Domain) -> bool:
    """Whether the domain of the fact is proved to contain the given one."""
    return contains(fact.domain, domain)


def require_domain(fact: Fact, normal: Normal) -> None:
    """Refuse unless the domain of the fact contains that of the normal form."""
    for condition in fact.domain.conditions:
        if not normal.holds(condition):  # the sentence is dear to write
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
        require_genuine("steps", part)
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
