"""What a record holds: data only. Claims are checked by :mod:`grokmath.ledger.verdict`, printed by ``report``."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import sympy

from grokmath.asymptotics import Choice, Range, Regime
from grokmath.parameters import parse_number

__all__ = [
    "Asymptotic",
    "Claim",
    "Identity",
    "Inequality",
    "Kind",
    "MatrixIdentity",
    "MatrixInequality",
    "Record",
    "Simulation",
    "regime",
]

Kind = Literal["definition", "identity", "ODE", "limit", "asymptotic", "inequality", "probabilistic"]


@dataclass(frozen=True)
class Identity:
    """``reference`` = ``formula`` in each regime. The reference is what the formula is checked against."""

    reference: Any
    formula: Any
    regimes: tuple[Regime, ...]

    @property
    def statement(self) -> Any:
        """The claim as a SymPy relation."""
        return sympy.Eq(self.reference, self.formula, evaluate=False)


@dataclass(frozen=True)
class Asymptotic:
    """``formula`` ~ ``reference`` as ``var`` tends to ``point``; for a limit, their difference tends to 0.

    ``order`` and ``constant`` are those of the error, ~ constant * var^-order, where they are stated.
    """

    reference: Any
    formula: Any
    var: Any
    regimes: tuple[Regime, ...] = (Regime(()),)
    point: Any = sympy.oo
    order: Any = None
    constant: Any = None
    limit: bool = False
    start: int = 2**20
    levels: int = 8
    side: str = "+"

    @property
    def statement(self) -> Any:
        """The claim as SymPy's unevaluated limit of the ratio (of the difference, where it is a limit)."""
        quotient = self.reference - self.formula if self.limit else self.formula / self.reference
        return sympy.Eq(sympy.Limit(quotient, self.var, self.point), 0 if self.limit else 1, evaluate=False)


@dataclass(frozen=True)
class Inequality:
    """``less`` < ``more`` in each regime."""

    less: Any
    more: Any
    regimes: tuple[Regime, ...]

    @property
    def statement(self) -> Any:
        """The claim as a SymPy relation."""
        return sympy.Lt(self.less, self.more, evaluate=False)


@dataclass(frozen=True)
class Simulation:
    """The mean of what the named sampler draws is ``formula``, at each of the exact settings.

    ``mean`` is that mean written as an integral over the law that the sampler draws from, where it is stated. For data
    of size d it is the mean in the limit of large d, with the term of order 1/d where that is part of the claim.
    """

    sampler: str
    formula: Any
    regimes: tuple[Regime, ...]
    mean: Any = None

    @property
    def statement(self) -> Any:
        """The claim as a SymPy relation on the sampler's mean."""
        return sympy.Eq(sympy.Symbol(f"mean[{self.sampler}]"), self.formula, evaluate=False)


@dataclass(frozen=True)
class MatrixIdentity:
    """``reference`` = ``formula`` for matrices of all sizes, in the vocabulary of :mod:`grokmath.proof`.

    The check writes both sides out at the given ``sizes``, entry by entry; the regimes are those of scalar symbols.
    """

    reference: Any
    formula: Any
    sizes: tuple[tuple[str, int], ...]
    regimes: tuple[Regime, ...] = (Regime(()),)

    @property
    def statement(self) -> Any:
        """The claim as a SymPy relation."""
        return sympy.Eq(self.reference, self.formula, evaluate=False)


@dataclass(frozen=True)
class MatrixInequality:
    """``less`` <= ``more``, or < if ``strict``, for matrices of all sizes, in the vocabulary of :mod:`grokmath.proof`.

    The check writes both sides out at the given ``sizes``; at its points, which are generic, it asks for <.
    """

    less: Any
    more: Any
    sizes: tuple[tuple[str, int], ...]
    regimes: tuple[Regime, ...] = (Regime(()),)
    strict: bool = False

    @property
    def statement(self) -> Any:
        """The claim as a SymPy relation."""
        return (sympy.Lt if self.strict else sympy.Le)(self.less, self.more, evaluate=False)


Claim = Identity | Asymptotic | Inequality | Simulation | MatrixIdentity | MatrixInequality


@dataclass(frozen=True)
class Record:
    """One printed equation or claim.

    ``printed`` are the claims as printed and ``corrected`` those that replace them where they are wrong or incomplete
    (empty where the printed form stands). A record of kind "definition" has no claims. ``reconstruction`` says, for a
    source whose formulas are lost, how sure the printed form is: "certain", "likely" or "guess". ``typo`` tells a
    misprint that is no mathematical claim, or what the misprint is. ``cites`` names the theorem of the closed list
    (:mod:`grokmath.proof.theorems`) that a record without claims restates.
    """

    id: str
    section: str
    kind: Kind
    title: str
    latex: str
    printed: tuple[Claim, ...] = ()
    corrected: tuple[Claim, ...] = ()
    corrected_latex: str = ""
    typo: str = ""
    notes: str = ""
    reconstruction: str = ""
    derivation: str | None = None
    cites: str = ""

    @property
    def source(self) -> str:
        """The key of the paper."""
        return self.id.partition(":")[0]

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims that are believed to hold: the corrected ones, or the printed ones where there are none."""
        return self.corrected or self.printed

    @property
    def variables(self) -> dict[str, str]:
        """Each variable with its exact domain, all regimes together."""
        found: dict[str, list[str]] = {}
        for claim in (*self.printed, *self.corrected):
            for part in claim.regimes:
                for name, values in part.ranges:
                    text = _domain_text(values)
                    if text not in found.setdefault(name, []):
                        found[name].append(text)
            if isinstance(claim, MatrixIdentity | MatrixInequality):
                for name, size in claim.sizes:
                    found.setdefault(name, [f"any size, written out at {size}"])
            if isinstance(claim, Asymptotic):
                found.setdefault(str(claim.var), [f"to {claim.point}"])
        return {name: " or ".join(texts) for name, texts in found.items()}


def _domain_text(values: Range | Choice) -> str:
    if isinstance(values, Range):
        return f"{'integers ' if values.integer else ''}({values.low}, {values.high})"
    return "{" + ", ".join(str(x) for x in values.values) + "}"


def _number(text: Any) -> Fraction:
    if isinstance(text, str):
        value = parse_number(text)
        if value is None:
            raise ValueError(f"{text!r} is no exact number")
        return value
    return Fraction(text)


def regime(name: str = "", critical: Any = (), **ranges: Any) -> Regime:
    """A regime from short text: ``lam="1/10..9/10"`` is an interval, ``d="1..20 integer"`` integers, ``"1, 2"`` values.

    >>> regime(lam="0..1", d="1..5 integer").points(2)
    [{'lam': Fraction(1, 2), 'd': Fraction(2, 1)}, {'lam': Fraction(1, 4), 'd': Fraction(4, 1)}]
    """
    parts: list[tuple[str, Range | Choice]] = []
    for key, text in ranges.items():
        text, _, integer = str(text).partition(" integer")
        integers = bool(integer) or str(ranges[key]).endswith(" integer")
        if ".." in text:
            low, _, high = text.partition("..")
            parts.append((key, Range(_number(low), _number(high), integer=integers)))
        else:
            parts.append((key, Choice(tuple(_number(value) for value in text.split(",")))))
    points = tuple(tuple((key, _number(value)) for key, value in point.items()) for point in critical)
    return Regime(tuple(parts), points, name)
