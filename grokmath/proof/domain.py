"""Where a fact holds: conditions on real symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from grokmath.parameters import GrokmathError

__all__ = ["EVERYWHERE", "Condition", "Domain", "RefusedStep", "implicit_conditions", "where"]

Condition = tuple[Any, str]
"""(e, ">"), (e, ">=") or (e, "!="): the expression e is positive, not negative, or not zero."""


class RefusedStep(GrokmathError):
    """A rule was asked for a step that it could not prove. The message names the rule, the step and what was left."""


@dataclass(frozen=True)
class Domain:
    """A set of conditions, all of which hold. The assumptions of the symbols (positive, nonnegative, real) count too.

    >>> lam = sympy.Symbol("lam", positive=True)
    >>> print(where(lam < 1))
    lam < 1
    """

    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        unique = dict.fromkeys(self.conditions)
        for _, kind in unique:
            if kind not in (">", ">=", "!="):
                raise RefusedStep(f"domain: {kind} is not a kind of condition")
        object.__setattr__(self, "conditions", tuple(unique))

    def and_(self, *conditions: Condition) -> Domain:
        """The domain with more conditions."""
        return Domain((*self.conditions, *conditions))

    def with_(self, other: Domain) -> Domain:
        """The intersection."""
        return Domain((*self.conditions, *other.conditions))

    @property
    def symbols(self) -> set[Any]:
        """The symbols that the conditions name."""
        return set().union(*(expr.free_symbols for expr, _ in self.conditions)) if self.conditions else set()

    def without(self, symbol: Any) -> Domain:
        """The conditions that do not name the symbol."""
        return Domain(tuple(c for c in self.conditions if symbol not in c[0].free_symbols))

    def __str__(self) -> str:
        return ", ".join(condition_text(c) for c in self.conditions)


EVERYWHERE = Domain()
"""No condition but the assumptions of the symbols."""


def condition_text(condition: Condition) -> str:
    """One condition in words: the terms with a minus sign on the other side."""
    expr, kind = condition
    terms = sympy.Add.make_args(expr)
    right = [-term for term in terms if term.could_extract_minus_sign()]
    left = [term for term in terms if not term.could_extract_minus_sign()]
    if left and all(not term.free_symbols for term in left):
        left, right, kind = right, left, kind.replace(">", "<")
    return f"{sympy.Add(*left)} {kind} {sympy.Add(*right)}"


def where(*relations: Any) -> Domain:
    """The domain of the given SymPy relations (<, <=, >, >=, Ne); true ones are dropped.

    Raises :class:`RefusedStep` for a relation that is false, or no relation.
    """
    conditions: list[Condition] = []
    for relation in relations:
        if relation is True or relation == sympy.true:
            continue
        if isinstance(relation, sympy.StrictGreaterThan | sympy.StrictLessThan):
            conditions.append((relation.gts - relation.lts, ">"))
        elif isinstance(relation, sympy.GreaterThan | sympy.LessThan):
            conditions.append((relation.gts - relation.lts, ">="))
        elif isinstance(relation, sympy.Ne):
            conditions.append((relation.lhs - relation.rhs, "!="))
        else:
            raise RefusedStep(f"where: {relation} is not an inequality of real expressions that can hold")
    return Domain(tuple(conditions))


def implicit_conditions(symbol: Any) -> list[Condition]:
    """What the assumptions of a symbol say about its sign."""
    if symbol.is_positive:
        return [(symbol, ">")]
    if symbol.is_negative:
        return [(-symbol, ">")]
    if symbol.is_nonnegative:
        return [(symbol, ">=")]
    if symbol.is_nonpositive:
        return [(-symbol, ">=")]
    return [(symbol, "!=")] if symbol.is_nonzero else []
