"""The closed forms of the two-point model as SymPy expressions.

With a = 1 - 2 lam, p = 1 + a, s = 1/sigma**2, c = eta/2, z = a exp(p S): bias, time and conformal time as functions of
the rescaled weight S for every lam, and the weight as a function of time where that inverse is explicit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from grokmath.parameters import UnsupportedExpression

__all__ = ["TwoPointExpressions"]


class _Constants(NamedTuple):
    a: Any
    p: Any
    s: Any
    c: Any


class TwoPointExpressions:
    """Expressions at SymPy numbers or symbols; ``weight0`` None starts at the minimiser S*."""

    def __init__(self, lam: Any, eta: Any, sigma: Any, weight0: Any, bias0: Any) -> None:
        import sympy

        self.lam, self.b0 = lam, bias0
        a = sympy.expand(1 - 2 * lam)
        self.k = _Constants(a, 1 + a, 1 / sigma**2, eta / 2)
        self.at_minimizer = weight0 is None
        self.s0 = self.minimizer() if weight0 is None else weight0

    def minimizer(self) -> Any:
        """S* = log(1/a)/p."""
        import sympy

        return sympy.log(1 / self.k.a) / self.k.p

    # As functions of time.

    def weight_and_bias(self, t: Any, function: str) -> tuple[Any, Any]:
        """S(t), b(t): (31) generalised at lam = 1/2, sigma = 1; lam = 0, sigma = 1; lam = 1; and from S0 = S*."""
        import sympy

        a, _, s, c = self.k
        s0, b0 = self.s0, self.b0
        if self.at_minimizer or (a == 1 and s0 == 0):
            return s0, -sympy.log(sympy.exp(-b0) + self.kappa() * c * t)
        if a == -1:
            q = 1 + s
            weight = sympy.log(sympy.exp(q * s0) + 2 * q * c / s * sympy.exp(b0 + s * s0) * t) / q
            return weight, b0 - s * (weight - s0)
        if a == 0 and s == 1:
            e = sympy.exp(s0)
            reach = sympy.LambertW(sympy.exp(e - 1) * (e - 1 + c * e * sympy.exp(b0) * t))
            weight = sympy.log(1 + reach)
            return weight, b0 - (weight - s0) - (reach - (e - 1))
        if a == 1 and s == 1:
            weight = sympy.acoth(sympy.coth(s0) + 2 * c * sympy.exp(b0) * t / sympy.sinh(s0))
            return weight, b0 + sympy.log(sympy.sinh(weight) / sympy.sinh(s0))
        raise UnsupportedExpression(
            f"{function}: the inverse of t(S) is explicit only at lam = 0 or 1/2 with sigma = 1, at lam = 1, and from "
            'S0="S*"; use log_time_at_weight for t(S), or ask for digits'
        )

    def at_conformal_time(self, tau: Any, function: str) -> tuple[Any, Any]:
        """S(tau), b(tau): (28), (30) and (32), generalised to every S0, b0 and sigma."""
        import sympy

        a, _, s, c = self.k
        step = c * tau / s
        if self.at_minimizer or (a == 1 and self.s0 == 0):
            return self.s0, self.b0 - self.kappa() * c * tau
        if a == 0:
            weight = sympy.log(sympy.exp(self.s0) + step)
        elif a == -1:
            weight = sympy.log(sympy.exp(self.s0) + 2 * step)
        elif a == 1:
            weight = 2 * sympy.atanh(sympy.exp(-2 * step) * sympy.tanh(self.s0 / 2))
        else:
            raise UnsupportedExpression(
                f'{function}: the inverse (34) is explicit only at lam = 0, 1/2, 1 and from S0="S*"; use '
                "conformal_time_at_weight, or ask for digits"
            )
        return weight, self.bias_at(weight)

    def conformal_time_between(self, weight: Any, bias: Any) -> Any:
        """tau from the weight, or from the bias where the weight stays."""
        if self.at_minimizer or (self.k.a == 1 and self.s0 == 0):
            return (self.b0 - bias) / (self.kappa() * self.k.c)
        return self.conformal_time_at(weight)

    # As functions of the weight.

    def bias_at(self, weight: Any) -> Any:
        """(36) with physical units: b = b0 - s (S - S0) + (s/a) log((1 - z)/(1 - z0))."""
        import sympy

        a, p, s, _ = self.k
        grown = weight - self.s0
        if a == -1:
            return self.b0 - s * grown
        if a == 0:
            return self.b0 - s * grown - s * (sympy.exp(weight) - sympy.exp(self.s0))
        ratio = (1 - a * sympy.exp(p * weight)) / (1 - a * sympy.exp(p * self.s0))
        return self.b0 - s * grown + s / a * sympy.log(ratio)

    def conformal_time_at(self, weight: Any) -> Any:
        """tau = (s/c) (g(S) - g(S0)), g of (33); above S* the branch that is real there."""
        import sympy

        a, p, s, c = self.k

        def g(x: Any) -> Any:
            if a == 0:
                return sympy.exp(x)
            if a == -1:
                return sympy.exp(x) / 2
            if self._above():
                b = sympy.simplify(a / p)
                return sympy.exp(-a * x) / a**2 * sympy.hyper([1, b], [1 + b], sympy.exp(-p * x) / a)
            b = sympy.simplify(1 / p)
            return sympy.exp(x) * sympy.hyper([1, b], [1 + b], a * sympy.exp(p * x))

        return s / c * (g(weight) - g(self.s0))

    def log_time_at(self, weight: Any) -> Any:
        """log t, t = (s/c) exp(-b0 - s S0) (1 - z0)**(s/a) (G(S) - G(S0)).

        G(S) = exp((1+s) S)/(1+s) 2F1(1 + s/a, q; 1 + q; z), q = (1+s)/p.
        """
        import sympy

        a, p, s, c = self.k
        s0 = self.s0
        factor = s / c * sympy.exp(-self.b0 - s * s0)
        if a == -1:
            return sympy.log(factor / (2 * (1 + s)) * (sympy.exp((1 + s) * weight) - sympy.exp((1 + s) * s0)))
        if a == 0:

            def at_zero(x: Any) -> Any:
                if s == 1:
                    return (sympy.exp(x) - 1) * sympy.exp(sympy.exp(x))
                return sympy.exp((1 + s) * x) / (1 + s) * sympy.hyper([1 + s], [2 + s], s * sympy.exp(x))

            return sympy.log(factor * sympy.exp(-s * sympy.exp(s0)) * (at_zero(weight) - at_zero(s0)))
        power = sympy.simplify(1 + s / a)
        if self._above():
            alpha = sympy.simplify((s + a * a) / a)
            q = sympy.simplify(alpha / p)

            def above(x: Any) -> Any:
                series = sympy.hyper([power, q], [1 + q], sympy.exp(-p * x) / a)
                return a ** (-power) * sympy.exp(-alpha * x) / alpha * series

            start = (a * sympy.exp(p * s0) - 1) ** (s / a)
            return sympy.log(factor * start * (above(weight) - above(s0)))
        q = sympy.simplify((1 + s) / p)

        def below(x: Any) -> Any:
            return sympy.exp((1 + s) * x) / (1 + s) * sympy.hyper([power, q], [1 + q], a * sympy.exp(p * x))

        return sympy.log(factor * (1 - a * sympy.exp(p * s0)) ** (s / a) * (below(weight) - below(s0)))

    def _above(self) -> bool:
        """Whether S0 is a number above S*; a symbolic S0 is taken to be below."""
        a = self.k.a
        if not (a.is_number and self.s0.is_number) or a <= 0:
            return False
        return bool(self.s0 > self.minimizer())

    def kappa(self) -> Any:
        """p a**(-a/p)."""
        a, p = self.k.a, self.k.p
        return p * a ** (-a / p)

    # Grokking times.

    def grokking_time(self, eps: Any, method: str, *, conformal: bool) -> Any:
        """The closed forms, for lam < 1/2: quasi-static, and the paper's (37)-(39) or (40)-(41)."""
        import sympy

        from grokmath.classification.two_point_grokking import ConformalGrokkingTime, TwoPointGrokkingTime

        name = "conformal_grokking_time" if conformal else "grokking_time"
        if method == "exact":
            raise UnsupportedExpression(
                f"{name}: the exact times are roots without closed form; choose method 'quasi-static' or 'paper'"
            )
        quasi = method == "quasi-static"
        weight = self.minimizer() if quasi else sympy.log(1 / self.k.a)
        kappa = self.kappa() if quasi else sympy.Integer(1)
        c, b0 = self.k.c, self.b0 if quasi else 0
        if conformal:
            train = (b0 + sympy.log(kappa / (2 * eps))) / (kappa * c)
            gen = (b0 + sympy.log(1 / eps) + weight**2 / 2) / (kappa * c)
            delta = gen - train if quasi else weight**2 / (2 * c)
            return ConformalGrokkingTime(train, gen, delta, method=method)
        train = 1 / (2 * c * eps)
        log_ratio = weight**2 / 2 + (sympy.log(2 / kappa) if quasi else 0)
        gen = sympy.exp(weight**2 / 2) / (kappa * c * eps)
        logs = sympy.log(train), sympy.log(1 / (kappa * c * eps)) + weight**2 / 2
        return TwoPointGrokkingTime(train, gen, gen - train, *logs, sympy.exp(log_ratio), log_ratio, method=method)
