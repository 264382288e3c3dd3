"""Sums of products of atoms with rational exponents: the arithmetic of the kernel's normal form.

A form is a dictionary from monomials to rational coefficients; a monomial is a frozenset of (atom, exponent), the
exponents being non-zero rationals. An atom is a SymPy expression. Most atoms are indeterminates: an identity of
forms is then an identity of numbers, because the atoms stand for numbers whose powers are defined (positive, where
an exponent is not an integer). Three kinds of atoms carry a relation:

- a *sum*, which is a form of at least two terms in brackets, or -a for an atom a: its powers from 1 up are
  multiplied out;
- sin u, whose powers from 2 up are reduced by sin^2 = 1 - cos^2;
- a prime number, whose integer powers go to the coefficient.

:func:`vanishes` first multiplies by powers of sums and sines until none is left in a denominator. That needs these
atoms to be non-zero, which whoever made the atom has proved. A form that reduces to the empty dictionary is zero;
one that does not may or may not be.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from flint import fmpq, fmpq_mpoly_ctx

__all__ = [
    "Form",
    "Monomial",
    "add",
    "atom_form",
    "atoms",
    "common_factor",
    "constant",
    "denominator_atoms",
    "denominators",
    "expression",
    "factors",
    "form_of_sum",
    "inverse_monomial",
    "multiply",
    "name",
    "negated_atom",
    "positive_sum_atom",
    "power",
    "scale",
    "subtract",
    "sum_atom",
    "vanishes",
]

Monomial = frozenset[tuple[Any, Fraction]]
Form = dict[Monomial, Fraction]
Split = tuple[Fraction, Monomial, list[tuple[Form, int]]]

ONE: Monomial = frozenset()
_SUMS: dict[Any, Form] = {}
"""The form of each sum that is an atom, by its expression."""

_FACTORS: dict[Any, Split | None] = {}
"""Factorings already done; they depend on nothing but the form."""

_MAX_TERMS = 20_000


@cache
def name(atom: Any) -> str:
    """The text of an atom, by which atoms are put in order."""
    return str(atom)


def constant(value: Fraction | int) -> Form:
    """A rational number."""
    return {ONE: Fraction(value)} if value else {}


def atom_form(atom: Any, exponent: Fraction | int = 1) -> Form:
    """An atom to a power."""
    return _reduced({frozenset({(atom, Fraction(exponent))}): Fraction(1)}) if exponent else constant(1)


def add(*forms: Form) -> Form:
    """The sum."""
    result: Form = {}
    for form in forms:
        for monomial, coefficient in form.items():
            total = result.get(monomial, Fraction(0)) + coefficient
            if total:
                result[monomial] = total
            else:
                result.pop(monomial, None)
    return result


def scale(form: Form, factor: Fraction | int) -> Form:
    """The form times a rational number."""
    return {monomial: coefficient * factor for monomial, coefficient in form.items()} if factor else {}


def subtract(left: Form, right: Form) -> Form:
    """The difference."""
    return add(left, scale(right, -1))


def multiply(left: Form, right: Form) -> Form:
    """The product, with the relations of the atoms used."""
    if len(left) * len(right) > _MAX_TERMS:
        raise OverflowError(f"a product of {len(left)} by {len(right)} terms")
    raw: Form = {}
    for one, c in left.items():
        for other, d in right.items():
            monomial = _product(one, other)
            raw[monomial] = raw.get(monomial, Fraction(0)) + c * d
    return _reduced({m: c for m, c in raw.items() if c})


def power(form: Form, n: int) -> Form:
    """The n-th power, n >= 0."""
    result = constant(1)
    for _ in range(n):
        result = multiply(result, form)
    return result


def _product(left: Monomial, right: Monomial) -> Monomial:
    if not left or not right:
        return left or right
    exponents = dict(left)
    for atom, exponent in right:
        total = exponents.get(atom, Fraction(0)) + exponent
        if total:
            exponents[atom] = total
        else:
            del exponents[atom]
    return frozenset(exponents.items())


def _reduced(form: Form) -> Form:
    """Apply the relations of sums, sines and primes until none applies."""
    done: Form = {}
    for monomial, coefficient in form.items():
        replaced = _relation(monomial)
        if replaced is None:
            done = add(done, {monomial: coefficient})
        else:
            rest, factor = replaced
            done = add(done, multiply({rest: coefficient}, factor))
    return done


def _relation(monomial: Monomial) -> tuple[Monomial, Form] | None:
    """The monomial without a power that has a relation, and what that power is; None where there is none."""
    for atom, exponent in monomial:
        whole = exponent.numerator // exponent.denominator
        if atom in _SUMS and whole >= 1:
            return _without(monomial, atom, exponent - whole), power(_SUMS[atom], whole)
        if isinstance(atom, sympy.sin) and exponent >= 2 and exponent.denominator == 1:
            cosine = sympy.cos(atom.args[0])
            pythagoras = {ONE: Fraction(1), frozenset({(cosine, Fraction(2))}): Fraction(-1)}
            return _without(monomial, atom, Fraction(whole % 2)), power(pythagoras, whole // 2)
        if atom.is_Integer and whole != 0:
            return _without(monomial, atom, exponent - whole), constant(Fraction(int(atom)) ** whole)
    return None


def _without(monomial: Monomial, atom: Any, exponent: Fraction) -> Monomial:
    rest = {pair for pair in monomial if pair[0] != atom}
    return frozenset(rest | {(atom, exponent)}) if exponent else frozenset(rest)


def atoms(form: Form) -> set[Any]:
    """The atoms of the form."""
    return {atom for monomial in form for atom, _ in monomial}


def form_of_sum(atom: Any) -> Form | None:
    """The form in the brackets of a sum, None for other atoms."""
    return _SUMS.get(atom)


def sum_atom(form: Form) -> tuple[Fraction, Any]:
    """(c, P) with form = c P, where P is the atom of a primitive sum."""
    ordered = sorted(form.items(), key=lambda item: sorted((name(a), e) for a, e in item[0]))
    content = abs(ordered[0][1])
    if ordered[0][1] < 0:
        content = -content
    primitive = scale(form, 1 / content)
    atom = expression(primitive)
    _SUMS.setdefault(atom, primitive)
    return content, atom


def positive_sum_atom(form: Form) -> tuple[Fraction, Any]:
    """(c, P) with form = c P and c > 0."""
    content, _ = sum_atom(form)
    primitive = scale(form, 1 / abs(content))
    atom = expression(primitive)
    _SUMS.setdefault(atom, primitive)
    return abs(content), atom


def negated_atom(atom: Any) -> Any:
    """The atom -a for an atom a that is not positive: a sum of one term, so that its roots are those of a positive
    number.
    """
    opposite = -atom
    _SUMS.setdefault(opposite, {frozenset({(atom, Fraction(1))}): Fraction(-1)})
    return opposite


def expression(form: Form) -> Any:
    """The form as a SymPy expression."""
    terms = []
    for monomial, c in form.items():
        powers = [sympy.Pow(atom, sympy.Rational(e.numerator, e.denominator)) for atom, e in monomial]
        terms.append(sympy.Mul(sympy.Rational(c.numerator, c.denominator), *powers))
    return sympy.Add(*terms)


def inverse_monomial(monomial: Monomial) -> Monomial:
    """1 / monomial."""
    return frozenset((atom, -exponent) for atom, exponent in monomial)


def common_factor(form: Form) -> Monomial:
    """The atoms that all terms have, sums excepted, with their least exponents."""
    first, *others = (dict(monomial) for monomial in form)
    least = {a: min([e, *(other.get(a, e) for other in others)]) for a, e in first.items()}
    return frozenset((a, e) for a, e in least.items() if e and a not in _SUMS and all(a in other for other in others))


def denominators(form: Form) -> Monomial:
    """The atoms that stand in denominators of some terms but not in all terms, sums excepted, with their least
    exponents.
    """
    least: dict[Any, Fraction] = {}
    for monomial in form:
        for atom, e in monomial:
            least[atom] = min(least.get(atom, e), e)
    missing = {atom for atom in least if any(atom not in dict(monomial) for monomial in form)}
    return frozenset((atom, e) for atom, e in least.items() if e < 0 and atom in missing and atom not in _SUMS)


def denominator_atoms(form: Form) -> dict[Any, int]:
    """For each sum and sine with a negative exponent somewhere, the power that clears it."""
    needed: dict[Any, int] = {}
    for monomial in form:
        for atom, exponent in monomial:
            if exponent < 0 and (atom in _SUMS or isinstance(atom, sympy.sin)):
                needed[atom] = max(needed.get(atom, 0), -(exponent.numerator // exponent.denominator))
    return needed


def cleared(form: Form) -> Form:
    """The form times powers of its sums and sines, none of which is left in a denominator."""
    while needed := denominator_atoms(form):
        atom, n = min(needed.items(), key=lambda item: len(_SUMS.get(item[0], ())))
        form = _times_atom(form, atom, n)
    return form


def _times_atom(form: Form, atom: Any, n: int) -> Form:
    factor = frozenset({(atom, Fraction(n))})
    result: Form = {}
    for monomial, coefficient in form.items():
        result = add(result, _reduced({_product(monomial, factor): coefficient}))
    return result


def vanishes(form: Form) -> bool:
    """Whether the form reduces to 0 after its denominators are cleared."""
    return not form or not cleared(form)


def factors(form: Form, halved: Iterable[Any] = ()) -> Split | None:
    """(c, monomial, [(irreducible form, multiplicity), ...]) whose product is the form, checked by multiplication.

    Irreducible in the atoms, or in the square roots of those in ``halved`` (which must not be negative). None where
    a sum or a sine stands in a denominator, or where the check fails.
    """
    key = (frozenset(form.items()), frozenset(halved))
    if key not in _FACTORS:
        _FACTORS[key] = None if denominator_atoms(form) else _factors(form, key[1])
    return _FACTORS[key]


def _factors(form: Form, halved: Iterable[Any]) -> Split | None:
    names = sorted(atoms(form), key=name)
    roots = {atom: _lcm(e.denominator for m in form for a, e in m if a == atom) for atom in names}
    roots |= {atom: 2 * roots[atom] for atom in halved if roots.get(atom) == 1}
    low = {atom: min(dict(m).get(atom, Fraction(0)) for m in form) for atom in names}
    common: Monomial = frozenset((atom, e) for atom, e in low.items() if e)
    context = fmpq_mpoly_ctx.get([f"g{i}" for i in range(max(len(names), 1))], "lex")
    terms = {
        tuple(int((dict(m).get(a, Fraction(0)) - low[a]) * roots[a]) for a in names) or (0,): fmpq(
            c.numerator, c.denominator
        )
        for m, c in form.items()
    }
    content, parts = context.from_dict(terms).factor()
    result = [(_back(part, names, roots), int(n)) for part, n in parts]
    product = {common: Fraction(int(content.p), int(content.q))}
    for part, n in result:
        product = multiply(product, power(part, n))
    return (Fraction(int(content.p), int(content.q)), common, result) if not subtract(product, form) else None


def _back(part: Any, names: list[Any], roots: dict[Any, int]) -> Form:
    result: Form = {}
    for exponents, c in part.to_dict().items():
        monomial = frozenset((a, Fraction(int(n), roots[a])) for a, n in zip(names, exponents, strict=False) if n)
        result = add(result, _reduced({monomial: Fraction(int(c.p), int(c.q))}))
    return result


def _lcm(values: Iterable[int]) -> int:
    result = 1
    for value in values:
        result = int(sympy.ilcm(result, value))
    return result
