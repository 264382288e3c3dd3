"""The laws of the functions that the normal form knows: one short function for each, with the source of the law.

Each takes the :class:`~grokmath.proof.normal.Normal` and the arguments of the function and returns a form, after
proving what the law needs.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from grokmath.proof.domain import RefusedStep
from grokmath.proof.forms import (
    ONE,
    Form,
    Monomial,
    add,
    atom_form,
    common_factor,
    constant,
    denominator_atoms,
    expression,
    form_of_sum,
    inverse_monomial,
    multiply,
    positive_sum_atom,
    power,
    scale,
    subtract,
)
from grokmath.proof.hypergeometric import series_form

if TYPE_CHECKING:
    from grokmath.proof.normal import Normal

__all__ = ["LAWS"]


def _exp(normal: Normal, u: Any) -> Form:
    """exp(u + v) = exp u exp v; exp(c W(z)) = (z/W(z))^c for z > 0 (W exp W = z, DLMF 4.13.1)."""
    result = constant(1)
    for monomial, c in normal.form(u).items():
        if monomial == ONE:
            result = multiply(result, atom_form(sympy.E, c))
            continue
        base = expression({monomial: Fraction(1)})
        if isinstance(base, sympy.LambertW):
            normal.require((base.args[0], ">"), f"the argument of {base} in an exponent")
            z = normal.form(base.args[0])
            quotient = multiply(z, atom_form(base, -1))
            whole = c.denominator == 1 and c >= 0
            result = multiply(result, power(quotient, int(c)) if whole else normal.root(quotient, c))
        elif isinstance(base, sympy.log):
            result = multiply(result, normal.root(normal.form(base.args[0]), c))
        elif (logarithm := _single_log(monomial)) is not None:  # exp(m log v) = v^m for v > 0, DLMF 4.2.26
            rest = monomial - {(logarithm, Fraction(1))}
            result = multiply(result, normal.symbolic_power(logarithm.args[0], {rest: c}))
        else:
            result = multiply(result, atom_form(sympy.exp(base), c))
    return result


def _single_log(monomial: Monomial) -> Any:
    """The one logarithm among the factors, where it stands to the first power; else None."""
    found = [(atom, e) for atom, e in monomial if isinstance(atom, sympy.log)]
    return found[0][0] if len(found) == 1 and found[0][1] == 1 else None


def _log(normal: Normal, u: Any) -> Form:
    """log of a product of positive factors (DLMF 4.8.1, 4.8.3, 4.8.7)."""
    normal.require((u, ">"), f"the argument of log({u})")
    return _log_of_form(normal, normal.form(u), u)


def _log_of_number(c: Fraction) -> Form:
    terms = []
    for value, sign in ((c.numerator, 1), (c.denominator, -1)):
        terms += [scale(atom_form(sympy.log(p)), sign * n) for p, n in sympy.factorint(value).items()]
    return add(*terms)


def _log_of_form(normal: Normal, form: Form, u: Any) -> Form:
    """log of a form that is positive: of its denominators, as far as their signs are proved, and of what is left."""
    if len(form) != 1:
        for atom, n in denominator_atoms(form).items():
            inside = form_of_sum(atom)
            sign = normal.signs.sign(inside) if inside is not None else 0
            if inside is not None and sign:
                rest = scale(multiply(form, {frozenset({(atom, Fraction(n))}): Fraction(1)}), sign**n)
                below = _log_of_form(normal, scale(inside, sign), u)
                return subtract(_log_of_form(normal, rest, u), scale(below, n))
        common = frozenset(pair for pair in common_factor(form) if normal.signs.range(pair[0]).positive)
        if common:
            rest = multiply(form, {inverse_monomial(common): Fraction(1)})
            return add(_log_of_form(normal, {common: Fraction(1)}, u), _log_of_form(normal, rest, u))
        content, atom = positive_sum_atom(form)
        return add(_log_of_number(content), atom_form(sympy.log(atom)))
    ((monomial, c),) = form.items()
    terms = []
    for atom, e in monomial:
        inside = form_of_sum(atom)
        if isinstance(atom, sympy.exp):
            terms.append(scale(normal.form(atom.args[0]), e))
        elif atom == sympy.E:
            terms.append(constant(e))
        elif isinstance(atom, sympy.Pow):  # log(v^m) = m log v, DLMF 4.8.7
            terms.append(scale(multiply(normal.form(atom.exp), _log(normal, atom.base)), e))
        elif inside is not None and e.denominator == 1 and normal.signs.positive(scale(inside, -1)):
            c *= (-1) ** abs(int(e))
            terms.append(scale(_log_of_form(normal, scale(inside, -1), u), e))
        else:
            normal.require((atom, ">"), f"a factor of the argument of log({u})")
            terms.append(scale(_log_of_form(normal, inside, u) if inside else atom_form(sympy.log(atom)), e))
    return add(_log_of_number(c), *terms)


def _angle(normal: Normal, u: Any) -> tuple[Form, Form]:
    """(cos u, sin u) by the addition theorems (DLMF 4.21.1, 4.21.2)."""
    cosine, sine = constant(1), constant(0)
    for monomial, c in normal.form(u).items():
        base = expression({monomial: Fraction(1)})
        if monomial == ONE or c.denominator != 1:
            base, c = base * sympy.Rational(abs(c.numerator), c.denominator), Fraction(1 if c > 0 else -1)
        one = _whole(sympy.cos(base)), _whole(sympy.sin(base))
        if c < 0:
            one = one[0], scale(one[1], -1)
        for _ in range(abs(int(c))):
            cosine, sine = (
                subtract(multiply(cosine, one[0]), multiply(sine, one[1])),
                add(multiply(sine, one[0]), multiply(cosine, one[1])),
            )
    return cosine, sine


def _whole(value: Any) -> Form:
    """An atom, or the rational number that SymPy returns for it; other values (such as sqrt(3)/2) are not taken
    apart.
    """
    if value.is_Rational:
        return constant(Fraction(int(value.p), int(value.q)))
    if isinstance(value, sympy.cos | sympy.sin):
        return atom_form(value)
    raise RefusedStep(f"rewrite: the trigonometric value {value} is not a rational number")


def _cos(normal: Normal, u: Any) -> Form:
    return _angle(normal, u)[0]


def _sin(normal: Normal, u: Any) -> Form:
    return _angle(normal, u)[1]


def _sinh(normal: Normal, u: Any) -> Form:
    return scale(subtract(_exp(normal, u), _exp(normal, -u)), Fraction(1, 2))


def _cosh(normal: Normal, u: Any) -> Form:
    return scale(add(_exp(normal, u), _exp(normal, -u)), Fraction(1, 2))


def _besseli(normal: Normal, n: Any, z: Any) -> Form:
    """I_n for integer n by I_{-n} = I_n, I_n(-z) = (-1)^n I_n(z) and, where z is not 0, I_{n+1} = I_{n-1} - (2n/z) I_n
    (DLMF 10.27.1, 10.29.1 and 10.25.2).
    """
    if not n.is_Integer:
        raise RefusedStep(f"rewrite: the order {n} of besseli is not an integer")
    order, form, sign = abs(int(n)), normal.form(z), 1
    if not form:
        return constant(1 if order == 0 else 0)
    if expression(form).could_extract_minus_sign():  # else SymPy writes it with a quotient (z/-z)^n, not defined at 0
        form, sign = scale(form, -1), (-1) ** order
    shown = expression(form)
    if order <= 1 or not normal.signs.nonzero(form):
        return scale(atom_form(sympy.besseli(order, shown)), sign)
    inverse = normal.inverse(form)
    low, high = atom_form(sympy.besseli(0, shown)), atom_form(sympy.besseli(1, shown))
    for k in range(1, order):
        low, high = high, subtract(low, multiply(scale(inverse, 2 * k), high))
    return scale(high, sign)


def _erfc(normal: Normal, z: Any) -> Form:
    """erfc(-z) = 2 - erfc(z) (DLMF 7.4.2), to an argument that is not negative where its sign is proved."""
    form = normal.form(z)
    if not form:
        return constant(1)
    shown = expression(form)
    proved = normal.signs.nonnegative(form), normal.signs.nonnegative(scale(form, -1))
    if proved[1] or (not proved[0] and shown.could_extract_minus_sign()):
        opposite = expression(scale(form, -1))
        return subtract(constant(2), atom_form(sympy.erfc(opposite, evaluate=False)))
    return atom_form(sympy.erfc(shown, evaluate=False))


def _erf(normal: Normal, z: Any) -> Form:
    return subtract(constant(1), _erfc(normal, z))


def _shift(normal: Normal, u: Any) -> tuple[Form, int]:
    """u = v + n with the smallest v that is proved positive, n >= 0 an integer."""
    form = normal.form(u)
    c = form.get(ONE, Fraction(0))
    n = c.numerator // c.denominator
    for low in range(min(0, n), n + 1):
        v = subtract(form, constant(n - low))
        if normal.signs.positive(v):
            return v, n - low
    raise RefusedStep(f"rewrite: the argument {u} of gamma was not proved positive")


def _gamma(normal: Normal, u: Any) -> Form:
    """Gamma(v + n) = v (v + 1) ... (v + n - 1) Gamma(v) (DLMF 5.5.1); Gamma(1/2) = sqrt(pi), Gamma(1) = 1."""
    v, n = _shift(normal, u)
    result = constant(1)
    for k in range(n):
        result = multiply(result, add(v, constant(k)))
    if v == constant(1):
        return result
    if v == constant(Fraction(1, 2)):
        return multiply(result, atom_form(sympy.pi, Fraction(1, 2)))
    return multiply(result, atom_form(sympy.gamma(expression(v))))


def _factorial(normal: Normal, n: Any) -> Form:
    return _gamma(normal, n + 1)


def _binomial(normal: Normal, n: Any, k: Any) -> Form:
    """Gamma(n+1)/(Gamma(k+1) Gamma(n-k+1)), for n >= k >= 0."""
    for part in (k, n - k):
        normal.require((part, ">="), f"an argument of binomial({n}, {k})")
    below = multiply(_gamma(normal, k + 1), _gamma(normal, n - k + 1))
    return multiply(_gamma(normal, n + 1), normal.inverse(below))


def _uppergamma(normal: Normal, s: Any, z: Any) -> Form:
    """Gamma(s + 1, z) = s Gamma(s, z) + z^s e^{-z} (DLMF 8.8.2), down or up to 0 < s <= 1 (or to s = 0), for z > 0."""
    if not s.is_Rational:  # an atom, continuous in both arguments for s > 0, z >= 0
        normal.require((s, ">"), f"the order of uppergamma({s}, {z})")
        normal.require((z, ">="), f"the argument of uppergamma({s}, {z})")
        if not normal.form(z):
            return _gamma(normal, s)
        return atom_form(sympy.uppergamma(normal.canonical(s), normal.canonical(z)))
    normal.require((z, ">"), f"the argument of uppergamma({s}, {z})")
    order, form = Fraction(int(s.p), int(s.q)), normal.form(z)
    base = order - (order.numerator // order.denominator)
    if base == 0 and order >= 1:
        base = Fraction(1)
    if base == 1:
        value = _exp(normal, -z)
    elif base == Fraction(1, 2):  # sqrt(pi) erfc(sqrt z), DLMF 8.4.6
        value = multiply(atom_form(sympy.pi, Fraction(1, 2)), _erfc(normal, sympy.sqrt(normal.canonical(z))))
    elif base == 0:  # E_1(z), DLMF 8.19.1
        value = atom_form(sympy.expint(1, expression(form)))
    else:
        value = atom_form(sympy.uppergamma(sympy.Rational(base.numerator, base.denominator), expression(form)))
    while base < order:
        value = add(scale(value, base), multiply(_power(normal, form, base), _exp(normal, -z)))
        base += 1
    while base > order:
        base -= 1
        value = scale(subtract(value, multiply(_power(normal, form, base), _exp(normal, -z))), 1 / base)
    return value


def _power(normal: Normal, form: Form, exponent: Fraction) -> Form:
    if exponent.denominator > 1:
        return normal.root(form, exponent)
    n = int(exponent)
    return power(form, n) if n >= 0 else power(normal.inverse(form), -n)


def _lowergamma(normal: Normal, s: Any, z: Any) -> Form:
    return subtract(_gamma(normal, s), _uppergamma(normal, s, z))


def _expint(normal: Normal, nu: Any, z: Any) -> Form:
    """E_nu(z) = z^(nu-1) Gamma(1 - nu, z) (DLMF 8.19.1)."""
    if not nu.is_Rational:
        raise RefusedStep(f"rewrite: the order {nu} of expint is not a rational number")
    upper = _uppergamma(normal, 1 - nu, z)
    return multiply(_power(normal, normal.form(z), Fraction(int(nu.p), int(nu.q)) - 1), upper)


def _marcumq(normal: Normal, m: Any, a: Any, b: Any) -> Form:
    """An atom in its arguments, which are not negative, for m = 1; for a > 0 and m > 1 by Q_{k+1} = Q_k + (b/a)^k
    exp(-(a^2 + b^2)/2) I_k(a b), which is the integral of d/dx [-(x/a)^k exp(-(x^2 + a^2)/2) I_k(a x)] over x > b.
    """
    if not m.is_Integer or m < 1:
        raise RefusedStep(f"rewrite: the order {m} of marcumq is not a positive integer")
    if m > 1:
        normal.require((a, ">"), f"the first argument of marcumq({m}, {a}, {b})")
    for part in (a, b):
        normal.require((part, ">="), f"an argument of marcumq({m}, {a}, {b})")
    steps = [(b / a) ** k * sympy.exp(-(a**2 + b**2) / 2) * sympy.besseli(k, a * b) for k in range(1, int(m))]
    a, b = normal.canonical(a), normal.canonical(b)
    if b == 0:
        return constant(1)
    value = sympy.marcumq(1, a, b)
    first = atom_form(value) if isinstance(value, sympy.marcumq) else normal.form(value)
    return add(first, *(normal.form(step) for step in steps))


def _lambert(normal: Normal, z: Any, branch: Any = 0) -> Form:
    """The principal branch at z >= 0, an atom."""
    if branch != 0:
        raise RefusedStep(f"rewrite: the branch {branch} of LambertW is not 0")
    normal.require((z, ">="), f"the argument of LambertW({z})")
    return atom_form(sympy.LambertW(normal.canonical(z))) if normal.form(z) else constant(0)


def _abs(normal: Normal, u: Any) -> Form:
    """u or -u, where the sign is proved; else an atom, which is not negative."""
    form = normal.form(u)
    if normal.signs.nonnegative(form):
        return form
    if normal.signs.nonnegative(scale(form, -1)):
        return scale(form, -1)
    shown = expression(form)
    value = sympy.Abs(-shown if shown.could_extract_minus_sign() else shown)
    if not isinstance(value, sympy.Abs):
        raise RefusedStep(f"rewrite: the absolute value of {u} is not understood")
    return atom_form(value)


def _max(normal: Normal, *parts: Any) -> Form:
    """The largest, where the comparison is proved; else an atom."""
    forms = [normal.form(part) for part in parts]
    for form in forms:
        if all(normal.signs.nonnegative(subtract(form, other)) for other in forms):
            return form
    value = sympy.Max(*(expression(form) for form in forms))
    return atom_form(value) if isinstance(value, sympy.Max) else normal.form(value)


def _min(normal: Normal, *parts: Any) -> Form:
    return scale(_max(normal, *(-part for part in parts)), -1)


LAWS: dict[type, Callable[..., Form]] = {
    sympy.exp: _exp,
    sympy.log: _log,
    sympy.cos: _cos,
    sympy.sin: _sin,
    sympy.sinh: _sinh,
    sympy.cosh: _cosh,
    sympy.besseli: _besseli,
    sympy.erfc: _erfc,
    sympy.erf: _erf,
    sympy.gamma: _gamma,
    sympy.factorial: _factorial,
    sympy.binomial: _binomial,
    sympy.uppergamma: _uppergamma,
    sympy.lowergamma: _lowergamma,
    sympy.expint: _expint,
    sympy.marcumq: _marcumq,
    sympy.LambertW: _lambert,
    sympy.hyper: series_form,
    sympy.Abs: _abs,
    sympy.Max: _max,
    sympy.Min: _min,
}
