"""A search for false moments of Gaussian matrices and false sums over samples, by exact cubature and random data."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp

from grokmath.proof import (
    Domain,
    RefusedStep,
    UnitVector,
    above_tangent,
    at_values,
    cauchy_schwarz,
    gaussian_moment,
    sum_over_samples,
)
from grokmath.proof.gaussian_matrices import _averaged
from grokmath.proof.matrix_forms import Matrices
from grokmath.proof.matrix_words import Word

N, d, i = (sp.Symbol(name, integer=True, positive=True) for name in "Ndi")
v, a = sp.Symbol("v", positive=True), sp.Symbol("a", real=True)
X, A, B, C = (
    sp.MatrixSymbol(name, *shape) for name, shape in zip("XABC", ((N, d), (d, d), (N, N), (d, N)), strict=True)
)
SIZES = {N: 3, d: 2}
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
"""Exact for each entry to degree 9, more than the 8 that a moment may have."""


def number(expr: Any, at: dict[Any, Any]) -> Any:
    """The value of scalars and matrices, for many values of the matrices at once."""
    if expr in at:
        return at[expr]
    if expr.is_Number:
        return float(expr)
    if isinstance(expr, UnitVector):
        return np.eye(SIZES[expr.args[0]])[:, [at[expr.args[1]] - 1]]
    if isinstance(expr, sp.Sum):
        f, (index, _, last) = expr.function, expr.limits[0]
        return sum(number(f, {**at, index: k}) for k in range(1, SIZES[last] + 1))
    parts = [number(part, at) for part in expr.args]
    if isinstance(expr, sp.Trace):
        return np.trace(parts[0], axis1=-2, axis2=-1)
    if isinstance(expr, sp.Transpose):
        return np.swapaxes(parts[0], -2, -1)
    if isinstance(expr, sp.MatMul):
        whole: Any = None
        for part in parts:
            whole = part if whole is None else whole @ part
        return whole
    if expr.is_Add or expr.is_Mul:
        return sum(parts) if expr.is_Add else np.prod(np.broadcast_arrays(*parts), axis=0)
    return np.exp(parts[0]) if isinstance(expr, sp.exp) else parts[0] ** parts[1]


def chain_of(dice: random.Random, factors: list[Any]) -> Any:
    """The trace of a random product."""
    while True:
        word = [dice.choice(factors)]
        for _ in range(dice.randint(0, 5)):
            word.append(dice.choice([part for part in factors if part.shape[0] == word[-1].shape[1]]))
        if word[0].shape[0] == word[-1].shape[1]:
            return sp.Trace(sp.MatMul(*word) if len(word) > 1 else word[0])


def number_made_of(dice: random.Random, factors: list[Any]) -> Any:
    one, other = chain_of(dice, factors), chain_of(dice, factors)
    return dice.choice([one, one * other, one**2, one**2 * other, one + v * other, 3 - one * (one + other)])


def trace_of(word: Word) -> Any:
    parts = [letter.atom.T if letter.flip else letter.atom for letter in word]
    return sp.Trace(sp.MatMul(*parts) if len(parts) > 1 else parts[0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_random_moments_by_cubature(seed: int) -> None:
    dice, random_data = random.Random(seed), np.random.default_rng(seed)  # noqa: S311 - a search, no secret
    at = {s: random_data.normal(size=[SIZES[n] for n in s.shape]) for s in (A, B, C)} | {N: 3, d: 2, v: 0.7}
    grid = np.array(list(product(NODES, repeat=6))).reshape(-1, 3, 2) * np.sqrt(0.7)
    weights = np.array(list(product(WEIGHTS / WEIGHTS.sum(), repeat=6))).prod(axis=1)
    judged = 0
    for _ in range(120):
        argument = number_made_of(dice, [X, X.T, X, X.T, A, B, C, A.T, C.T])
        matrices = Matrices("search", Domain())
        try:
            mean = _averaged(matrices, matrices.form(argument), X, v)
        except RefusedStep:
            continue
        value = sp.Add(*(c * sp.Mul(*map(trace_of, traces)) for (traces, _), c in mean.terms.items()))
        fact = gaussian_moment(argument, X, v, value)
        values = np.broadcast_to(number(argument, {**at, X: grid}), weights.shape)
        assert np.isclose(weights @ values, number(fact.rhs, at), rtol=1e-8, atol=1e-8 * (weights @ abs(values))), fact
        judged += 1
    assert judged >= 60


@pytest.mark.slow
def test_random_sums_over_samples() -> None:
    dice, random_data = random.Random(0), np.random.default_rng(0)  # noqa: S311 - a search, no secret
    sample, judged = UnitVector(N, i), 0
    for _ in range(60):
        value = number_made_of(dice, [X, X.T, A, B, C, sample, sample.T, B.T])
        domain = Domain(((N - i, ">="),))
        facts = [at_values(above_tangent(a), {a: value}, domain=domain)]
        facts += cauchy_schwarz(X.T * sample, C * sample, domain=domain)
        for fact in (*facts, *(sum_over_samples(fact, i, N) for fact in facts)):
            at = {s: random_data.normal(size=[SIZES[n] for n in s.shape]) / 3 for s in (X, A, B, C)} | {
                N: 3,
                d: 2,
                v: 0.7,
            }
            for k in range(1, 4):
                left, right = (number(side, {**at, i: k}) for side in (fact.lhs, fact.rhs))
                assert left <= right + 1e-9 * (1 + abs(right)), fact
                judged += 1
    assert judged >= 600
