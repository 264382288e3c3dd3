"""A small kernel that checks derivations.

A :class:`Fact` is made by the rules of this package and by nothing else; a rule makes one only after it has proved
the step, and raises :class:`RefusedStep` otherwise. A derivation is the graph of facts that leads to its last one.
What each rule checks and why that is enough is written in docs/proof_rules.md.
"""

from __future__ import annotations

from grokmath.proof.beta import beta_integral
from grokmath.proof.composition import limit_along
from grokmath.proof.continuity import limit_through
from grokmath.proof.counting import cite_wendel
from grokmath.proof.crossings import (
    crossing_diverges,
    crossing_inverse,
    crossing_limit,
    crossing_order,
    crossing_time,
    delay_decreases,
    delay_of_late_forms,
)
from grokmath.proof.densities import limit_by_densities, stirling
from grokmath.proof.domain import Domain, RefusedStep, where
from grokmath.proof.domination import dominated, limit_by_domination
from grokmath.proof.equations import by_coefficients, by_derivative, by_linear_equation
from grokmath.proof.expansions import Expanded, expansion, expansion_through
from grokmath.proof.facts import Asymptotic, Fact, Tends, Together, at_most, counts, equation, steps, together
from grokmath.proof.finite_values import by_values
from grokmath.proof.flows import by_flow, define_by_flow
from grokmath.proof.gamma_laws import complete_gamma, lower_gamma, upper_gamma
from grokmath.proof.gaussian import gaussian_mean, gaussian_probability, joint_gaussian_probability, normal_density
from grokmath.proof.gaussian_matrices import gaussian_moment
from grokmath.proof.improper import change_variable_by_limits, fundamental_by_limits
from grokmath.proof.inequalities import (
    above_tangent,
    at_most_by_balls,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    at_most_by_sign,
    at_most_by_squares,
)
from grokmath.proof.integer_ranges import by_integers
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
from grokmath.proof.lambert import lambert_inverse, lambert_log
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
from grokmath.proof.log_moments import log_gamma_integral
from grokmath.proof.margins import cite_largest_margin
from grokmath.proof.matrices import (
    define_of_matrices,
    flow_solution,
    gradient_flow,
    instantiate_matrices,
    matrix_rewrite,
    spectral_sum,
)
from grokmath.proof.matrix_flows import combine_matrices, dual_spectrum, linear_flow
from grokmath.proof.matrix_terms import (
    Expm,
    FullRankMatrix,
    GaussianMean,
    Gradient,
    HessianTrace,
    Largest,
    Mean,
    OrthogonalMatrix,
    Path,
    SampleSum,
    SpectralSum,
    SymmetricMatrix,
    TimeDerivative,
    UnitVector,
    square,
)
from grokmath.proof.min_max import cite_gaussian_min_max
from grokmath.proof.minimizers import cite_inseparable_minimizer
from grokmath.proof.paths import limit_by_derivative, limit_on_path, positive_integral
from grokmath.proof.power_series import Expansion, combine_series, defining_series, equal_series
from grokmath.proof.rendering import render
from grokmath.proof.rewriting import by_cases, chain, combine, define, define_by_equation, instantiate, rewrite
from grokmath.proof.sample_inequalities import (
    at_values,
    cauchy_schwarz,
    define_largest,
    equal_by_order,
    sum_over_samples,
    unfolded,
)
from grokmath.proof.scripts import run_in_package
from grokmath.proof.separators import cite_soudry
from grokmath.proof.spectra import cite_marchenko_pastur_by_limit
from grokmath.proof.spectral_mean import cite_bai_silverstein
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
    "Expanded",
    "Expansion",
    "Expm",
    "Fact",
    "FullRankMatrix",
    "GaussianMean",
    "Gradient",
    "HessianTrace",
    "Largest",
    "Mean",
    "OrthogonalMatrix",
    "Path",
    "RefusedStep",
    "SampleSum",
    "SpectralSum",
    "SymmetricMatrix",
    "Tends",
    "TimeDerivative",
    "Together",
    "UnitVector",
    "above_tangent",
    "asymptotic",
    "at_most",
    "at_most_by_balls",
    "at_most_by_monotone_function",
    "at_most_by_monotonicity",
    "at_most_by_sign",
    "at_most_by_squares",
    "at_values",
    "beta_integral",
    "by_cases",
    "by_coefficients",
    "by_derivative",
    "by_flow",
    "by_integers",
    "by_linear_equation",
    "by_parts",
    "by_values",
    "cauchy_schwarz",
    "chain",
    "change_variable",
    "change_variable_by_limits",
    "cite_bai_silverstein",
    "cite_gaussian_min_max",
    "cite_inseparable_minimizer",
    "cite_largest_margin",
    "cite_marchenko_pastur",
    "cite_marchenko_pastur_by_limit",
    "cite_soudry",
    "cite_wendel",
    "combine",
    "combine_matrices",
    "combine_series",
    "complete_gamma",
    "counts",
    "crossing_diverges",
    "crossing_inverse",
    "crossing_limit",
    "crossing_order",
    "crossing_time",
    "define",
    "define_by_equation",
    "define_by_flow",
    "define_largest",
    "define_of_matrices",
    "defining_series",
    "delay_decreases",
    "delay_of_late_forms",
    "derivative_of_equal",
    "differentiate",
    "dominated",
    "dual_spectrum",
    "end_point",
    "equal_by_order",
    "equal_series",
    "equation",
    "expansion",
    "expansion_through",
    "flow_solution",
    "fundamental",
    "fundamental_by_limits",
    "gamma_integral",
    "gaussian_mean",
    "gaussian_moment",
    "gaussian_probability",
    "gradient_flow",
    "instantiate",
    "instantiate_matrices",
    "integral_at_most",
    "integral_limit",
    "joint_gaussian_probability",
    "lambert_inverse",
    "lambert_log",
    "limit_along",
    "limit_at_infinity",
    "limit_by_continuity",
    "limit_by_densities",
    "limit_by_derivative",
    "limit_by_domination",
    "limit_by_squeeze",
    "limit_of_equal",
    "limit_of_sum",
    "limit_on_path",
    "limit_through",
    "linear_flow",
    "linearity",
    "log_gamma_integral",
    "lower_gamma",
    "marcum_definition",
    "matrix_rewrite",
    "mean_square",
    "normal_density",
    "numerical",
    "positive_integral",
    "render",
    "rescaled",
    "rewrite",
    "run_in_package",
    "spectral_sum",
    "split",
    "square",
    "steps",
    "stirling",
    "sum_over_samples",
    "symmetric",
    "together",
    "under_integral",
    "unfolded",
    "unique_limit",
    "upper_gamma",
    "where",
]
