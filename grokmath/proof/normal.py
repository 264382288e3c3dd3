"""From SymPy expressions to forms: the normal form of the kernel, with the laws of each function and their obligations.

:class:`Normal` holds a domain. ``form(expr)`` returns a form that equals the expression at every point of the domain
and raises :class:`RefusedStep` where it cannot prove that the expression is defined there: a denominator that is not
proved non-zero, a root of what is not proved non-negative, a logarithm of what is not proved positive, an integral
whose convergence is not proved, a function it does not know. It follows that every expression of vocabulary
functions alone (no undefined functions, no integrals) that has a form is continuous on the domain.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import sympy

from grokmath.proof.domain import Condition, Domain, RefusedStep, implicit_conditions
from grokmath.proof.forms import (
    ONE,
    Form,
    add,
    atom_form,
    common_factor,
    constant,
    denominator_atoms,
    denominators,
    expression,
    factors,
    form_of_sum,
    inverse_monomial,
    multiply,
    negated_atom,
    positive_sum_atom,
    power,
    scale,
    subtract,
    sum_atom,
    vanishes,
)
from grokmath.proof.signs import Signs

__all__ = ["Normal", "Premise", "contains", "normal_form", "refuse"]


def refuse(rule: str, what: str) -> RefusedStep:
    """The exception of a rule that could not prove its step."""
    return RefusedStep(f"{rule}: {what}")


class Premise(NamedTuple):
    """What a fact says beside its equality: integrals that converge and inequalities, on its domain."""

    domain: Domain
    convergent: frozenset[Any]
    known: tuple[Condition, ...]


class Normal:
    """The normal form on one domain."""

    def __init__(
        self,
        domain: Domain,
        rule: str = "rewrite",
        premises: tuple[Premise, ...] = (),
    ) -> None:
        self.domain, self.rule, self.premises = domain, rule, premises
        self.convergent: frozenset[Any] = frozenset().union(*(premise.convergent for premise in premises))
        self.signs = Signs(self)
        self._forms: dict[Any, Form] = {}
        self._symbols: set[Any] = set()
        for expr, kind in domain.conditions:
            self.signs.assume(self.form(expr), kind)
        for expr, kind in (known for premise in premises for known in premise.known):
            try:
                form = self.form(expr)
            except RefusedStep:  # not defined without a condition that this domain lacks: not used
                continue
            self.signs.assume(form, kind)

    def on(self, domain: Domain) -> Normal:
        """The normal form on another domain, for the same step. What premises say stays where they are proved to hold
        there too: a domain without some of the conditions is larger.
        """
        if set(self.domain.conditions) <= set(domain.conditions):
            return normal_form(domain, self.rule, self.premises)
        return normal_form(domain, self.rule, tuple(p for p in self.premises if contains(p.domain, domain)))

    def form(self, expr: Any) -> Form:
        """The form of an expression that is defined on the domain."""
        found = self._forms.get(expr)
        if found is None:
            try:
                found = self._form(expr)
            except OverflowError as error:
                raise refuse(self.rule, f"the normal form of {expr} needs {error}") from None
            self._forms[expr] = found
        return found

    def equal(self, left: Any, right: Any) -> bool:
        """Whether the two expressions are proved equal on the domain."""
        return vanishes(subtract(self.form(left), self.form(right)))

    def difference(self, left: Any, right: Any) -> Any:
        """What is left of left - right."""
        return expression(subtract(self.form(left), self.form(right)))

    def positive(self, expr: Any) -> bool:
        """expr > 0 is proved."""
        return self.signs.positive(self.form(expr))

    def nonnegative(self, expr: Any) -> bool:
        """expr >= 0 is proved."""
        return self.signs.nonnegative(self.form(expr))

    def nonzero(self, expr: Any) -> bool:
        """expr != 0 is proved."""
        return self.signs.nonzero(self.form(expr))

    def holds(self, condition: tuple[Any, str]) -> bool:
        """Whether a condition is proved."""
        expr, kind = condition
        test = {">": self.positive, ">=": self.nonnegative, "!=": self.nonzero}[kind]
        return test(expr)

    def require(self, condition: tuple[Any, str], why: str) -> None:
        """Refuse unless the condition is proved."""
        if not self.holds(condition):
            where = f" where {self.domain}" if self.domain.conditions else ""
            raise refuse(self.rule, f"{why}: {condition[0]} {condition[1]} 0 was not proved{where}")

    # the parts of an expression

    def _form(self, expr: Any) -> Form:
        if expr.is_Rational:
            return constant(Fraction(int(expr.p), int(expr.q)))
        if expr in (sympy.pi, sympy.E, sympy.EulerGamma):
            return atom_form(expr)
        if expr.is_Symbol:
            return self._symbol(expr)
        if expr.is_Add:
            return add(*(self.form(part) for part in expr.args))
        if expr.is_Mul:
            product = constant(1)
            for part in expr.args:
                product = multiply(product, self.form(part))
            return product
        if expr.is_Pow:
            return self._pow(expr.base, expr.exp)
        if isinstance(expr, sympy.Integral):
            return self._integral(expr)
        if isinstance(expr, sympy.Derivative):
            return atom_form(expr)
        if isinstance(expr, sympy.core.function.AppliedUndef):
            return atom_form(expr.func(*(self.canonical(argument) for argument in expr.args)))
        law = LAWS.get(type(expr))
        if law is None:
            raise refuse(self.rule, f"{type(expr).__name__} in {expr} is not in the vocabulary of proofs")
        return law(self, *expr.args)

    def canonical(self, expr: Any) -> Any:
        """The expression of the form of ``expr``: equal arguments become one expression."""
        return expression(self.form(expr))

    def _symbol(self, symbol: Any) -> Form:
        if not symbol.is_real:
            raise refuse(self.rule, f"the symbol {symbol} is not declared real")
        if symbol not in self._symbols:
            self._symbols.add(symbol)
            for _, kind in implicit_conditions(symbol)[:1]:
                sign = -1 if symbol.is_nonpositive else 1
                self.signs.assume(scale(atom_form(symbol), sign), kind)
        return atom_form(symbol)

    def _integral(self, expr: Any) -> Form:
        from grokmath.proof.convergence import integral_form

        return integral_form(self, expr)

    # powers

    def _pow(self, base: Any, exponent: Any) -> Form:
        if exponent.is_Integer:
            n = int(exponent)
            return power(self.form(base), n) if n >= 0 else power(self.inverse(self.form(base), base), -n)
        if exponent.is_Rational:
            return self.root(self.form(base), Fraction(int(exponent.p), int(exponent.q)), base)
        return self.symbolic_power(base, self.form(exponent))

    def inverse(self, form: Form, shown: Any = None) -> Form:
        """1/form; its denominators are proved non-zero."""
        if not self.signs.nonzero(form):
            what = expression(form) if shown is None else shown
            where = f" where {self.domain}" if self.domain.conditions else ""
            raise refuse(self.rule, f"the denominator {what} was not proved to be non-zero{where}")
        if len(form) == 1:
            ((monomial, c),) = form.items()
            return {frozenset((atom, -e) for atom, e in monomial): 1 / c}
        content, atom = sum_atom(form)
        return scale(atom_form(atom, -1), 1 / content)

    def root(self, form: Form, exponent: Fraction, shown: Any = None) -> Form:
        """form ** exponent for a non-integer exponent; the base is proved non-negative, positive if the exponent is
        negative.
        """
        if not form and exponent > 0:
            return {}
        enough = self.signs.nonnegative(form) if exponent > 0 else self.signs.positive(form)
        if not enough:
            what = expression(form) if shown is None else shown
            raise refuse(self.rule, f"{what} under a root of exponent {exponent} was not proved non-negative")
        if denominator_atoms(form):
            return self._root_of_quotient(form, exponent)
        for halved in (self.signs.halvable(form), []):
            result = self._root_by_factors(form, exponent, halved)
            if result is not None:
                return result
        raise refuse(self.rule, f"the signs of the factors of {expression(form)} under a root were not proved")

    def _root_by_factors(self, form: Form, exponent: Fraction, halved: list[Any]) -> Form | None:
        split = factors(form, halved)
        if split is None:
            return None
        content, common, parts = split
        pieces: list[tuple[Form, Fraction]] = [({frozenset({(a, Fraction(1))}): Fraction(1)}, e) for a, e in common]
        pieces += [(part, Fraction(n)) for part, n in parts]
        result = constant(1)
        for piece, n in pieces:
            sign = self._sign_or_zero(piece)
            if sign == 0 or (sign < 0 and n.denominator > 1):
                return None
            if sign < 0:
                piece, content = scale(piece, -1), content * (-1) ** abs(int(n))
            result = multiply(result, self._positive_power(piece, n * exponent))
        return multiply(result, _number_power(content, exponent)) if content > 0 else None

    def _sign_or_zero(self, form: Form) -> int:
        if self.signs.nonnegative(form):
            return 1
        return -1 if self.signs.nonnegative(scale(form, -1)) else 0

    def _root_of_quotient(self, form: Form, exponent: Fraction) -> Form:
        denominators = denominator_atoms(form)
        result, rest = constant(1), form
        for atom, n in denominators.items():
            single = atom_form(atom)
            sign = self.signs.sign(single)
            if not sign:
                raise refuse(self.rule, f"the sign of the denominator {atom} under a root was not proved")
            rest = scale(multiply(rest, {frozenset({(atom, Fraction(n))}): Fraction(1)}), sign**n)
            result = multiply(result, self.root(scale(single, sign), -exponent * n))
        return multiply(result, self.root(rest, exponent))

    def _positive_power(self, piece: Form, exponent: Fraction) -> Form:
        """piece ** exponent for a form that is not negative."""
        if len(piece) == 1:
            ((monomial, c),) = piece.items()
            if monomial == ONE:
                return _number_power(c, exponent)
            if c < 0:  # a negative atom: its opposite is the one that has roots
                ((atom, one),) = monomial
                if one != 1 or form_of_sum(atom) is not None:
                    raise refuse(self.rule, f"the power {exponent} of {expression(piece)} is not taken")
                return multiply(atom_form(negated_atom(atom), exponent), _number_power(-c, exponent))
            return multiply(
                {frozenset((a, e * exponent) for a, e in monomial): Fraction(1)}, _number_power(c, exponent)
            )
        half = self._half_angle(piece)
        if half is not None and exponent.denominator > 1:  # 1 + cos u = sin(u)^2/(1 - cos u), where sin u > 0
            c, u = half
            below = self._positive_power(self.form(1 - sympy.cos(u)), -exponent)
            powers = multiply(atom_form(sympy.sin(u), 2 * exponent), below)
            return multiply(powers, _number_power(c, exponent))
        content, atom = sum_atom(piece)
        if content < 0:  # the atom itself must be the positive one
            content, atom = positive_sum_atom(piece)
        return multiply(atom_form(atom, exponent), _number_power(content, exponent))

    def _half_angle(self, piece: Form) -> tuple[Fraction, Any] | None:
        """(c, u) where the form is c (1 + cos u) with c > 0 and sin u > 0 is proved."""
        c = piece.get(ONE, Fraction(0))
        rest = [monomial for monomial in piece if monomial != ONE]
        if c <= 0 or len(rest) != 1 or len(rest[0]) != 1 or piece[rest[0]] != c:
            return None
        ((atom, e),) = rest[0]
        if not isinstance(atom, sympy.cos) or e != 1 or not self.positive(sympy.sin(atom.args[0])):
            return None
        return c, atom.args[0]

    def symbolic_power(self, base: Any, exponent: Form) -> Form:
        """base ** exponent = product over the terms of the exponent; the base positive, or -1 with an integer
        exponent.
        """
        if base == -1:
            shown = expression(exponent)
            if not shown.is_integer:
                raise refuse(self.rule, f"(-1)**({shown}) has an exponent that is not an integer")
            n = exponent.get(ONE, Fraction(0))
            if n.denominator > 1:
                raise refuse(self.rule, f"(-1)**({shown}) is not taken apart")
            rest = expression(subtract(exponent, constant(n)))
            return scale({frozenset({(sympy.Pow(-1, rest), Fraction(1))}): Fraction(1)}, (-1) ** int(n))
        self.require((base, ">"), f"the base of {base}**({expression(exponent)})")
        result = constant(1)
        for monomial, c in exponent.items():
            if monomial == ONE:
                result = multiply(
                    result, self.root(self.form(base), c) if c.denominator > 1 else self._integer_power(base, c)
                )
            else:
                for part, n in self._positive_factors(base):
                    atom = sympy.Pow(part, expression({monomial: Fraction(1)}))
                    result = multiply(result, atom_form(atom, c * n))
        return result

    def _positive_factors(self, base: Any) -> list[tuple[Any, Fraction]]:
        """The prime and atomic factors of a positive base; a sum is one factor, its content and its denominators are
        taken out as far as their signs are proved.
        """
        form = self.form(base)
        if len(form) > 1:
            return self._factors_of_sum(form)
        ((monomial, c),) = form.items()
        parts: list[tuple[Any, Fraction]] = []
        for atom, e in monomial:
            inside = form_of_sum(atom)
            if inside is not None and e.denominator == 1 and self.signs.positive(scale(inside, -1)):
                c *= (-1) ** abs(int(e))
                parts += [(part, e * n) for part, n in self._positive_factors(-atom)]
                continue
            self.require((atom, ">"), f"a factor of the base {base} of a power")
            parts.append((atom, e))
        return [*_primes(c), *parts]

    def _factors_of_sum(self, form: Form) -> list[tuple[Any, Fraction]]:
        for atom, n in denominator_atoms(form).items():
            inside = form_of_sum(atom)
            sign = self.signs.sign(inside) if inside is not None else 0
            if inside is not None and sign:
                rest = scale(multiply(form, {frozenset({(atom, Fraction(n))}): Fraction(1)}), sign**n)
                below = self._positive_factors(expression(scale(inside, sign)))
                return [*self._positive_factors(expression(rest)), *((part, -n * e) for part, e in below)]
        shared = {*common_factor(form), *denominators(form)}
        common = frozenset(pair for pair in shared if self.signs.range(pair[0]).positive)
        if common:
            rest = multiply(form, {inverse_monomial(common): Fraction(1)})
            return [*common, *self._positive_factors(expression(rest))]
        content, atom = positive_sum_atom(form)
        return [*_primes(content), (atom, Fraction(1))]

    def _integer_power(self, base: Any, n: Fraction) -> Form:
        return power(self.form(base), int(n)) if n >= 0 else power(self.inverse(self.form(base)), -int(n))


_MADE: OrderedDict[Any, Normal] = OrderedDict()
_MOST = 300


def normal_form(domain: Domain, rule: str, premises: tuple[Premise, ...] = ()) -> Normal:
    """A normal form on the domain, kept from an earlier step where there was one; it speaks in the name of ``rule``."""
    key = (domain, premises)
    found = _MADE.pop(key, None) or Normal(domain, rule, premises)
    found.rule = rule
    _MADE[key] = found
    if len(_MADE) > _MOST:
        _MADE.popitem(last=False)
    return found


def contains(larger: Domain, domain: Domain) -> bool:
    """Whether the first domain is proved to contain the second."""
    if set(larger.conditions) <= set(domain.conditions):
        return True
    try:
        normal = normal_form(domain, "domain")
        return all(normal.holds(condition) for condition in larger.conditions)
    except RefusedStep:
        return False


def _primes(c: Fraction) -> list[tuple[Any, Fraction]]:
    """The primes of a positive number with their exponents."""
    parts = [(sympy.Integer(p), Fraction(n)) for p, n in sympy.factorint(c.numerator).items()]
    return parts + [(sympy.Integer(p), Fraction(-n)) for p, n in sympy.factorint(c.denominator).items()]


def _number_power(c: Fraction, exponent: Fraction) -> Form:
    """c ** exponent for a rational c > 0, in powers of primes."""
    if exponent.denominator == 1:
        return constant(c ** int(exponent))
    result = constant(1)
    for value, sign in ((c.numerator, 1), (c.denominator, -1)):
        for prime, n in sympy.factorint(value).items():
            result = multiply(result, atom_form(sympy.Integer(prime), exponent * n * sign))
    return result


from grokmath.proof.laws import LAWS as _LAWS  # noqa: E402  (the laws use the class above)

LAWS: dict[type, Callable[..., Form]] = _LAWS
