"""A small kernel that checks derivations.

A :class:`Fact` is made by the rules of this package and by nothing else; a rule makes one only after it has proved
the step, and raises :class:`RefusedStep` otherwise. A derivation is the graph of facts that leads to its last one.
What each rule checks and why that is enough is written in docs/proof_rules.md.
"""

from __future__ import annotations

from grokmath.proof.domain import Domain, RefusedStep, where
from grokmath.proof.equations import by_coefficients, by_derivative, by_linear_equation
from grokmath.proof.facts import Asymptotic, Fact, Tends, Together, at_most, counts, equation, steps, together
from grokmath.proof.inequalities import (
    above_tangent,
    at_most_by_balls,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    at_most_by_sign,
    at_most_by_squares,
)
from grokmath.proof.integrals import (
    by_parts,
    change_variable,
    end_point,
    fundamental,
    integral_at_most,
    integral_limit,
    linearity,
    split,
    symmetric,
    under_integral,
)
from grokmath.proof.limits import (
    asymptotic,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    rescaled,
    unique_limit,
)
from grokmath.proof.rendering import render
from grokmath.proof.rewriting import by_cases, chain, combine, define, define_by_equation, instantiate, rewrite
from grokmath.proof.terms import derivative_of_equal, differentiate
from grokmath.proof.theorems import (
    THEOREMS,
    cite_marchenko_pastur,
    gamma_integral,
    marcum_definition,
    mean_square,
    numerical,
)

__all__ = [
    "THEOREMS",
    "Asymptotic",
    "Domain",
    "Fact",
    "RefusedStep",
    "Tends",
    "Together",
    "above_tangent",
    "asymptotic",
    "at_most",
    "at_most_by_balls",
    "at_most_by_monotone_function",
    "at_most_by_monotonicity",
    "at_most_by_sign",
    "at_most_by_squares",
    "by_cases",
    "by_coefficients",
    "by_derivative",
    "by_linear_equation",
    "by_parts",
    "chain",
    "change_variable",
    "cite_marchenko_pastur",
    "combine",
    "counts",
    "define",
    "define_by_equation",
    "derivative_of_equal",
    "differentiate",
    "end_point",
    "equation",
    "fundamental",
    "gamma_integral",
    "instantiate",
    "integral_at_most",
    "integral_limit",
    "limit_at_infinity",
    "limit_by_continuity",
    "limit_by_squeeze",
    "limit_of_equal",
    "limit_of_sum",
    "linearity",
    "marcum_definition",
    "mean_square",
    "numerical",
    "render",
    "rescaled",
    "rewrite",
    "split",
    "steps",
    "symmetric",
    "together",
    "under_integral",
    "unique_limit",
    "where",
]
