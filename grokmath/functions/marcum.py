"""The generalized Marcum Q function of real order, its complement, and their logarithms.

Definition. For m > 0, a >= 0, b >= 0

    Q_m(a, b) = a^(1-m) * integral over x > b of x^m exp(-(x^2 + a^2)/2) I_(m-1)(a x),        P_m(a, b) = 1 - Q_m(a, b).

Q_m(a, b) is the survival function of the non-central chi-square distribution with 2m degrees of freedom and
non-centrality a^2 at b^2. SymPy writes it ``marcumq(m, a, b)``. Conventions: Q_m(a, 0) = 1, and
Q_m(0, b) = Gamma(m, b^2/2)/Gamma(m).

Readings (chosen by the input, see :mod:`grokmath.functions.readings`): an argument with a free SymPy symbol gives a
SymPy expression; ``digits=n`` gives a :class:`~grokmath.certified.Certified`, or an object array of them; numbers alone
give float64, a Python float or an array.

Method and error bounds: :mod:`grokmath.functions.marcum_certified` (proved, docs/proofs/marcum.md) and
:mod:`grokmath.functions.marcum_float64` (measured, not proved). The smaller one of P and Q is always computed directly,
never by subtraction. Sources: J. I. Marcum, IRE Trans. IT-6 (1960) 59; DLMF 8.1, 10.25.
"""

from __future__ import annotations

from typing import Any

from grokmath.exact import Exact
from grokmath.functions.readings import Argument, read
from grokmath.parameters import NONNEGATIVE, POSITIVE, domain_error

__all__ = ["log_marcum_p", "log_marcum_q", "marcum_p", "marcum_q"]


def marcum_q(a: Any, b: Any, m: Any = 1, *, digits: int | None = None) -> Any:
    """The generalized Marcum Q function Q_m(a, b), m > 0, a >= 0, b >= 0.

    Where Q is below 10**-(10**9) the certified reading raises :class:`~grokmath.parameters.DomainError`; use
    :func:`log_marcum_q` there.

    >>> import grokmath as gm
    >>> print(gm.marcum_q(1, 2, digits=30))
    0.269012060035909996678516959220
    >>> gm.marcum_q(3, "7/2", m="5/2", digits=20).digits
    20
    >>> round(gm.marcum_q(1.0, 2.0), 12)
    0.269012060036
    >>> from sympy import Symbol
    >>> gm.marcum_q(1, Symbol("b", positive=True), 2)
    marcumq(2, 1, b)
    """
    return _read("marcum_q", a, b, m, digits)


def marcum_p(a: Any, b: Any, m: Any = 1, *, digits: int | None = None) -> Any:
    """The complement P_m(a, b) = 1 - Q_m(a, b), without cancellation where it is small.

    >>> import grokmath as gm
    >>> print(gm.marcum_p(20, 1, digits=20))
    1.8680666576614974025e-81
    >>> gm.marcum_p(20.0, 0.0)
    0.0
    """
    return _read("marcum_p", a, b, m, digits)


def log_marcum_q(a: Any, b: Any, m: Any = 1, *, digits: int | None = None) -> Any:
    """The natural logarithm of Q_m(a, b), to full relative accuracy also where Q is nearly 1 or far below any double.

    >>> import grokmath as gm
    >>> print(gm.log_marcum_q(1, 10**6, digits=20))
    -499999000008.32669269
    >>> gm.log_marcum_q(30.0, 1.0) == -gm.marcum_p(30.0, 1.0)
    True
    """
    return _read("log_marcum_q", a, b, m, digits)


def log_marcum_p(a: Any, b: Any, m: Any = 1, *, digits: int | None = None) -> Any:
    """The natural logarithm of P_m(a, b) = 1 - Q_m(a, b); in float64 it is -inf at b = 0.

    >>> import grokmath as gm
    >>> print(gm.log_marcum_p(10**4, 1, m="1/2", digits=20))
    -49990010.629178910183
    """
    return _read("log_marcum_p", a, b, m, digits)


def _read(function: str, a: Any, b: Any, m: Any, digits: int | None) -> Any:
    def symbolic(a: Any, b: Any, m: Any) -> Any:
        return _symbolic(function, m, a, b)

    def certified(a: Exact, b: Exact, m: Exact, digits: int) -> Any:
        return _certified(function, m, a, b, digits)

    def float64(a: Any, b: Any, m: Any) -> Any:
        import numpy as np

        from grokmath.functions import marcum_float64

        least = np.finfo(np.float64).tiny
        if (np.asarray(m) < least).any():
            raise domain_error(function, "m", float(np.min(m)), f"m >= {least:.3g} in float64", "ask for digits")
        return getattr(marcum_float64, function)(m, a, b)

    arguments = [Argument("a", a, NONNEGATIVE), Argument("b", b, NONNEGATIVE), Argument("m", m, POSITIVE)]
    return read(function, arguments, digits, symbolic=symbolic, certified=certified, float64=float64)


def _symbolic(function: str, m: Any, a: Any, b: Any) -> Any:
    """The defining SymPy expression; b = 0 and a = 0 by their closed forms."""
    import sympy
    from sympy.functions.special.bessel import marcumq

    if b == 0:
        q, p = sympy.S.One, sympy.S.Zero
    elif a == 0:
        q, p = (gamma(m, b**2 / 2) / sympy.gamma(m) for gamma in (sympy.uppergamma, sympy.lowergamma))
    else:
        q = marcumq(m, a, b)
        p = 1 - q
    value = q if function.endswith("q") else p
    if not function.startswith("log"):
        return value
    return sympy.log(value) if value != 0 else -sympy.oo


def _certified(function: str, m: Exact, a: Exact, b: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, ball, certify, working_precision
    from grokmath.functions import marcum_certified as kernels

    log, kernel = function.startswith("log"), getattr(kernels, f"{function}_ball")
    if b == 0:
        if function == "log_marcum_p":
            remedy = "P is 0 there and has no logarithm: choose b > 0"
            raise domain_error(function, "b", 0, "a number > 0", remedy)
        return Certified.from_exact({"marcum_q": 1, "marcum_p": 0, "log_marcum_q": 0}[function], digits)
    with working_precision(64):
        guard = kernels.guard_bits(ball(m), ball(a), ball(b), log=log)
    return certify(
        lambda: kernel(ball(m), ball(a), ball(b)),
        digits,
        function=function,
        method="Poisson mixture or saddle-circle rule",
        log_form=None if log else f"log_{function}",
        guard=guard,
    )
