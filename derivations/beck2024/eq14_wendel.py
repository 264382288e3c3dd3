"""(14): Wendel's probability, and its form as a binomial tail, I_{1/2}(N - d, d).

The count of the separable orientations is cited. That the sum of binomials is the mass of the beta law of parameters
N - d and d below 1/2 is proved at each pair (N, d) that the ledger names: the density is a polynomial there, and so is
its antiderivative.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, chain, cite_wendel, combine, equation, fundamental, render, rewrite, together

ID = "beck2024:14"
TITLE = "The probability that points are separable from the origin"

PAIRS = ((4, 2), (10, 3), (20, 10), (40, 30), (100, 40), (100, 50), (100, 60))
P = sp.Function("P_separable")
u = sp.Symbol("u", real=True)
n = sp.Symbol("n", positive=True, integer=True)


def below_half(p: int, q: int) -> Fact:
    """I_{1/2}(p, q) as a number, for integers p, q >= 1."""
    f = u ** (p - 1) * (1 - u) ** (q - 1)
    terms = (sp.Rational((-1) ** j * sp.binomial(q - 1, j), p + j) * u ** (p + j) for j in range(q))
    mass = fundamental(sp.Integral(f, (u, 0, sp.Rational(1, 2))), sp.Add(*terms), note="the powers multiplied out")
    factor = sp.gamma(p + q) / (sp.gamma(p) * sp.gamma(q))
    return combine(equation(factor * mass.lhs, factor * mass.rhs), [(factor, mass)])


@cache
def pair(N: int, d: int) -> Fact:
    """I_{1/2}(N - d, d), from the smaller side, is the probability."""
    known = cite_wendel(P(sp.Integer(N), sp.Integer(d)))
    p, q = N - d, d
    if p >= q:
        value = below_half(p, q)
        tail = value.lhs
        number = combine(equation(tail, known.lhs), [(1, value), (-1, known)], note="the same number")
    else:
        value = below_half(q, p)
        tail = 1 - value.lhs
        number = combine(equation(tail, known.lhs), [(-1, value), (-1, known)], note="the same number")
    return chain(number, known)


@cache
def in_the_plane() -> Fact:
    """d = 2: 2 N/2^N."""
    known = cite_wendel(P(n, sp.Integer(2)))
    return chain(known, rewrite(known.rhs, 2 * n / 2**n))


@cache
def derivation() -> Fact:
    """(14) at each of the pairs, and for all N in the plane."""
    return together(*(pair(N, d) for N, d in PAIRS), in_the_plane())


DERIVES = {"beck2024:14": derivation}

if __name__ == "__main__":
    print(render(pair(4, 2), TITLE))
    print(render(in_the_plane()))
