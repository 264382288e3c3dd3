"""Signs of forms on a domain, proved by polynomial arithmetic.

A form is positive if one of the following shows it, tried in this order: all its terms are; it is positive on the
box of the ranges of its atoms (each range is mapped to (0, oo) by a Moebius map, and all coefficients of the
resulting polynomial are positive); all its irreducible factors have a sign; it exceeds a positive multiple of a
condition of the domain by a form that is not negative; it is positive on each part of the box after some halvings.
Failure to prove proves nothing.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.boxes import Range, positive_on_box, root_range
from grokmath.proof.forms import (
    ONE,
    Form,
    Monomial,
    denominator_atoms,
    factors,
    form_of_sum,
    inverse_monomial,
    multiply,
    name,
    scale,
    subtract,
)

if TYPE_CHECKING:
    from grokmath.proof.normal import Normal

__all__ = ["Signs"]

_DEPTH = 3
_PROVED = -1
_HALVINGS = 4
_NESTED = 8
"""How many denominators may be looked at while the sign of another one is wanted."""


POSITIVE = Range(Fraction(0))
_CONSTANTS = {
    sympy.pi: Range(Fraction(314159, 100000), Fraction(314160, 100000)),
    sympy.EulerGamma: Range(Fraction(577, 1000), Fraction(578, 1000)),
    sympy.exp(1): Range(Fraction(271828, 100000), Fraction(271829, 100000)),
}


class Signs:
    """What can be said about signs under the conditions of one domain."""

    def __init__(self, normal: Normal) -> None:
        self.normal = normal
        self._ranges: dict[Any, Range] = {}
        self._known: dict[tuple[frozenset[Any], bool], int] = {}
        self._stripped: dict[int, Form] = {}
        self._stripping: set[int] = set()
        self._clearing = 0
        self._version = self._busy = 0
        self.conditions: list[tuple[Form, str]] = []

    def assume(self, form: Form, kind: str) -> None:
        """Use a condition: form > 0, >= 0 or != 0."""
        self.conditions.append((form, kind))
        self._ranges.clear()
        self._known.clear()
        self._stripped.clear()
        self._version += 1

    # ranges of atoms

    def range(self, atom: Any) -> Range:
        """The range of an atom over the domain (a superset of it)."""
        if atom not in self._ranges:
            self._ranges[atom] = Range()  # while it is being found
            version, self._busy = self._version, self._busy + 1
            try:
                reach = self._find_range(atom)
            finally:
                self._busy -= 1
            if version != self._version:  # a symbol came in on the way
                return reach
            self._ranges[atom] = reach
        return self._ranges[atom]

    def _find_range(self, atom: Any) -> Range:
        if atom in _CONSTANTS:
            return _CONSTANTS[atom]
        if atom.is_Integer:
            return Range(Fraction(int(atom)), Fraction(int(atom)), False, False)
        inside = form_of_sum(atom)
        if inside is not None:
            if self.positive(inside):
                return POSITIVE
            return Range(Fraction(0), None, False) if self.nonnegative(inside) else Range()
        if isinstance(atom, sympy.Symbol | AppliedUndef):  # whatever the conditions say of its value
            return self._symbol_range(atom)
        rule = _RANGES.get(type(atom))
        if rule is None:
            return Range()
        try:
            reach: Range = rule(self, *atom.args)
            return reach
        except ValueError:
            return Range()

    def _symbol_range(self, symbol: Any) -> Range:
        low, high, low_open, high_open = Range()
        key = frozenset({(symbol, Fraction(1))})
        for form, kind in self.conditions:
            if kind == "!=" or set(form) - {key, ONE} or key not in form:
                continue
            end, is_open = -form.get(ONE, Fraction(0)) / form[key], kind == ">"
            if form[key] > 0 and (low is None or (end, is_open) > (low, low_open)):
                low, low_open = end, is_open
            if form[key] < 0 and (high is None or (-end, is_open) > (-high, high_open)):
                high, high_open = end, is_open
        reach = Range(low, high, low_open, high_open)
        if not reach.positive and self._by_conditions({key: Fraction(1)}, True, 1):
            reach = reach._replace(low=Fraction(0), low_open=True)
        return reach

    def argument_positive(self, argument: Any, strict: bool = True) -> bool:
        """Whether the argument of an atom is proved positive (or not negative)."""
        return self.proves(self.normal.form(argument), strict)

    # signs of forms

    def positive(self, form: Form) -> bool:
        """form > 0 is proved."""
        return self.proves(form, True)

    def nonnegative(self, form: Form) -> bool:
        """form >= 0 is proved."""
        return self.proves(form, False)

    def sign(self, form: Form) -> int:
        """1 or -1 where the sign is proved, 0 where it is not."""
        return 1 if self.positive(form) else -1 if self.positive(scale(form, -1)) else 0

    def nonzero(self, form: Form) -> bool:
        """form != 0 is proved."""
        if not form:
            return False
        if self.sign(form):
            return True
        if any(kind == "!=" and self._divides(form, condition) for condition, kind in self.conditions):
            return True
        if len(form) == 1:
            ((monomial, _),) = form.items()
            return all(self._atom_nonzero(atom) for atom, _ in monomial)
        split = factors(form)
        if split is not None and _is_irreducible(split):
            split = factors(form, self.halvable(form))
        if split is None or _is_irreducible(split):
            return False
        _, common, parts = split
        return all(self._atom_nonzero(a) for a, _ in common) and all(self.nonzero(part) for part, _ in parts)

    def _divides(self, form: Form, condition: Form) -> bool:
        """Whether the form is an irreducible factor of the condition, in the roots of positive symbols too."""
        if _proportional(form, condition):
            return True
        positive = [a for a in {a for m in condition for a, _ in m} if a.is_Symbol and self.range(a).positive]
        split = factors(condition, positive)
        return split is not None and any(_proportional(form, part) for part, _ in split[2])

    def _atom_nonzero(self, atom: Any) -> bool:
        inside = form_of_sum(atom)
        if inside is not None:
            return self.nonzero(inside)
        reach = self.range(atom)
        if reach.positive or (reach.high is not None and (reach.high, not reach.high_open) < (Fraction(0), True)):
            return True
        single = {frozenset({(atom, Fraction(1))}): Fraction(1)}
        return any(kind == "!=" and _proportional(single, condition) for condition, kind in self.conditions)

    def proves(self, form: Form, strict: bool, depth: int = 0) -> bool:
        """Whether form > 0 (or >= 0) is proved."""
        if not form:
            return not strict
        key = (frozenset(form.items()), strict)
        known = self._known.get(key)
        if known == _PROVED:
            return True
        if known is not None and known <= depth:  # tried in vain, with no fewer steps left
            return False
        version, found = self._version, self._proves(form, strict, depth)
        if version == self._version and (found or not self._busy):
            self._known[key] = _PROVED if found else depth
        return found

    def _proves(self, form: Form, strict: bool, depth: int) -> bool:
        if denominator_atoms(form):
            return self.proves(self._cleared(form), strict, depth)
        form, safe = self._without_common(form, strict)
        if not safe:
            return False
        if set(form) == {ONE}:
            return form[ONE] > 0
        if self._on_box(form, strict, 0):
            return True
        if depth >= _DEPTH:
            return False
        if self._by_factors(form, strict, depth) or self._by_conditions(form, strict, depth):
            return True
        return depth == 0 and self._on_box(form, strict, _HALVINGS)

    def _cleared(self, form: Form) -> Form:
        """The form times positive powers of its sums and sines, none of which is left in a denominator."""
        while negative := denominator_atoms(form):
            atom, n = next(iter(negative.items()))
            inside = form_of_sum(atom)
            sign = 0
            if n % 2 and inside is not None and self._clearing < _NESTED:
                self._clearing += 1
                try:
                    sign = self.sign(inside)
                finally:
                    self._clearing -= 1
            times = n if sign else n + n % 2  # an even power is positive: the atom is not zero, being in a denominator
            form = scale(multiply(form, {frozenset({(atom, Fraction(times))}): Fraction(1)}), sign or 1)
        return form

    def _without_common(self, form: Form, strict: bool) -> tuple[Form, bool]:
        """The form without the common factor of its terms, as far as that is positive (or not negative)."""
        names = {atom for atom, _ in next(iter(form))}
        common: Monomial = ONE
        for atom in names:
            least = min(dict(m).get(atom, Fraction(0)) for m in form)
            most_negative = min(least, Fraction(0)) if any(atom not in dict(m) for m in form) else least
            if not most_negative:
                continue
            even = least.denominator == 1 and least % 2 == 0
            if (
                self.range(atom).positive
                or (not strict and least > 0 and (even or self.range(atom).not_negative))
                or (strict and even and self._atom_nonzero(atom))
            ):
                common = common | {(atom, least)}
        for monomial in form:  # what is left in denominators must be positive or even
            for atom, exponent in monomial:
                if exponent < 0 and (atom, exponent) not in common and not self.range(atom).positive:
                    return form, False
        if common:
            form = multiply(form, {inverse_monomial(common): Fraction(1)})
        lowest: dict[Any, Fraction] = {}
        for monomial in form:
            for atom, exponent in monomial:
                lowest[atom] = min(lowest.get(atom, Fraction(0)), exponent)
        clear = frozenset((atom, -exponent) for atom, exponent in lowest.items() if exponent < 0)
        if any(not self.range(atom).positive for atom, _ in clear):
            return form, False
        return (multiply(form, {clear: Fraction(1)}) if clear else form), True

    def _by_factors(self, form: Form, strict: bool, depth: int) -> bool:
        split = factors(form)
        if split is not None and _is_irreducible(split):
            split = factors(form, self.halvable(form))
        if split is None or split[1] or _is_irreducible(split):
            return False
        content, _, parts = split
        sign = 1 if content > 0 else -1
        for part, n in parts:
            if n % 2 == 0:
                if strict and not self.nonzero(part):
                    return False
            elif self.proves(part, strict, depth + 1):
                continue
            elif self.proves(scale(part, -1), strict, depth + 1):
                sign = -sign
            else:
                return False
        return sign > 0

    def halvable(self, form: Form) -> list[Any]:
        """The positive symbols in the form whose roots occur in the conditions: their square roots may be used to
        factor it.
        """
        rooted = {a for one, _ in self.conditions for m in one for a, e in m if a.is_Symbol and e.denominator > 1}
        return [a for a in rooted & {a for m in form for a, _ in m} if self.range(a).positive]

    def _strip(self, given: Form) -> Form:
        """A condition without its denominators and common factors; the condition itself while these are examined."""
        key = id(given)
        if key in self._stripped or key in self._stripping:
            return self._stripped.get(key, given)
        self._stripping.add(key)
        try:
            stripped = self._without_common(self._cleared(given), True)[0]
        finally:
            self._stripping.discard(key)
        if not self._busy:  # while a range is being found, less is known than later
            self._stripped[key] = stripped
        return stripped

    def _by_conditions(self, form: Form, strict: bool, depth: int) -> bool:
        for given, kind in self.conditions:
            if kind == "!=" or not given:  # 0 >= 0 says nothing
                continue
            stripped = self._strip(given)
            for condition in (given, stripped) if stripped != given else (given,):
                ratios = {form[m] / c for m, c in condition.items() if m in form and form[m] / c > 0}
                for ratio in sorted(ratios):
                    rest = subtract(form, scale(condition, ratio))
                    if self.proves(rest, strict and kind == ">=", depth + 1):
                        return True
        return False

    # polynomials on boxes

    def _on_box(self, form: Form, strict: bool, halvings: int) -> bool:
        names = sorted({atom for m in form for atom, _ in m}, key=name)
        roots = {a: lcm(*(e.denominator for m in form for b, e in m if b == a)) for a in names}
        box, terms = [], [[0] * len(names) for _ in form]
        for i, atom in enumerate(names):
            exponents = [dict(m).get(atom, Fraction(0)) * roots[atom] for m in form]
            reach = self.range(atom)
            if reach.low is None and reach.high is None:
                if roots[atom] > 1 or any(e % 2 for e in exponents):
                    return False
                exponents, reach = [e / 2 for e in exponents], Range(Fraction(0), None, False)
            elif roots[atom] > 1:
                reach = root_range(reach, roots[atom])
            for row, e in zip(terms, exponents, strict=True):
                row[i] = int(e)
            box.append(reach)
        polynomial = {tuple(row): c for row, c in zip(terms, form.values(), strict=True)}
        return positive_on_box(polynomial, box, strict, halvings)


def _is_irreducible(split: tuple[Fraction, Monomial, list[tuple[Form, int]]]) -> bool:
    _, common, parts = split
    return not common and sum(n for _, n in parts) <= 1


def _proportional(left: Form, right: Form) -> bool:
    if set(left) != set(right):
        return False
    ratios = {left[m] / right[m] for m in left}
    return len(ratios) == 1


def _of_sign(positive: Range, other: Range | None = None) -> Any:
    """A function that is in ``positive`` where its last argument is > 0, and in ``other`` elsewhere."""

    def rule(signs: Signs, *arguments: Any) -> Range:
        return positive if signs.argument_positive(arguments[-1]) else (other or Range())

    return rule


def _exp(signs: Signs, u: Any) -> Range:
    for strict in (True, False):
        if signs.argument_positive(u, strict):
            return Range(Fraction(1), None, strict)
        if signs.argument_positive(-u, strict):
            return Range(Fraction(0), Fraction(1), True, strict)
    return POSITIVE


def _cos(signs: Signs, u: Any) -> Range:
    if signs.argument_positive(u) and signs.argument_positive(sympy.pi - u):
        right = signs.argument_positive(sympy.pi / 2 - u)
        return Range(Fraction(0) if right else Fraction(-1), Fraction(1))
    return Range(Fraction(-1), Fraction(1), False, False)


def _sin(signs: Signs, u: Any) -> Range:
    if signs.argument_positive(u) and signs.argument_positive(sympy.pi - u):
        return Range(Fraction(0), Fraction(1), True, False)
    low = 0 if signs.argument_positive(u, False) and signs.argument_positive(sympy.pi - u, False) else -1
    return Range(Fraction(low), Fraction(1), False, False)


def _besseli(signs: Signs, n: Any, z: Any) -> Range:
    if n.is_Integer and n == 0:
        return Range(Fraction(1), None, False)
    if n.is_Integer and signs.argument_positive(-z):  # I_n(-z) = (-1)^n I_n(z)
        return Range(None, Fraction(0)) if n % 2 else POSITIVE
    return POSITIVE if n.is_nonnegative and signs.argument_positive(z) else Range()


def _gamma(signs: Signs, z: Any) -> Range:
    return POSITIVE if signs.argument_positive(z) else Range()


def _power_atom(signs: Signs, base: Any, exponent: Any) -> Range:
    if not signs.argument_positive(base):
        return Range()
    for side, inverse in ((base - 1, exponent), (1 - base, -exponent)):
        if signs.argument_positive(side):  # base^exponent > 1 or < 1 by the sign of exponent log(base)
            if signs.argument_positive(inverse):
                return Range(Fraction(1))
            return Range(Fraction(0), Fraction(1)) if signs.argument_positive(-inverse) else POSITIVE
    return POSITIVE


def _log(signs: Signs, u: Any) -> Range:
    if signs.argument_positive(u - 1):
        return POSITIVE
    return Range(None, Fraction(0)) if signs.argument_positive(1 - u) else Range()


_RANGES: dict[type, Any] = {
    sympy.exp: _exp,
    sympy.log: _log,
    sympy.cos: _cos,
    sympy.sin: _sin,
    sympy.besseli: _besseli,
    sympy.besselk: _of_sign(POSITIVE),
    sympy.gamma: _gamma,
    sympy.Pow: _power_atom,
    sympy.erfc: _of_sign(Range(Fraction(0), Fraction(1)), Range(Fraction(0), Fraction(2))),
    sympy.uppergamma: _of_sign(POSITIVE),
    sympy.Abs: lambda signs, u: Range(Fraction(0), None, signs.nonzero(signs.normal.form(u))),
    sympy.marcumq: lambda signs, *args: Range(Fraction(0), Fraction(1), False, False),
    sympy.LambertW: _of_sign(POSITIVE),
}
