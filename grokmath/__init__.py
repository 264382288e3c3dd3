"""grokmath: the theory of grokking in solvable linear models, symbolic, certified to any precision, and in float64.

The public surface is this page; every name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    # the regression paper: models, times, laws
    "LinearTeacherStudent": "regression.linear",
    "TwoLayerLinear": "regression.two_layer",
    "GrokkingTime": "regression.grokking_time",
    "FiniteSize": "regression.finite_size",
    "grokking_times": "regression.grokking_times",
    "critical_weight_decay": "regression.critical_values",
    "weight_decay_window": "regression.critical_values",
    "critical_label_noise": "regression.critical_values",
    "largest_label_noise": "regression.critical_values",
    "temporary_label_noise": "regression.critical_values_ratio",
    "critical_aspect_ratio": "regression.critical_values_ratio",
    "aspect_ratio_windows": "regression.critical_values_ratio",
    "largest_grokking_time": "regression.output_dimension",
    "d_out_met_at_once": "regression.output_dimension",
    "smallest_generalizing_d_out": "regression.output_dimension",
    "train_loss_series": "regression.asymptotic_series",
    "gen_loss_series": "regression.asymptotic_series",
    "train_series_coefficient": "regression.asymptotic_series",
    "gen_series_coefficient": "regression.asymptotic_series",
    "train_remainder_bounds": "regression.asymptotic_series",
    "gen_remainder_bounds": "regression.asymptotic_series",
    "grokking_time_coefficients": "regression.grokking_time_series",
    "modular_aspect_ratio": "regression.modular_addition",
    "modular_training_fraction": "regression.modular_addition",
    "fit_divergence": "regression.modular_addition",
    # the classification paper: models, data, laws
    "LogisticModel": "classification.logistic",
    "TwoPointModel": "classification.two_point",
    "separability": "classification.separability",
    "Separability": "classification.separability",
    "origin_in_hull": "classification.hull",
    "boundary_closeness": "classification.hull",
    "one_label_problem": "classification.reductions",
    "two_gaussians_problem": "classification.reductions",
    "unit_variance_problem": "classification.reductions",
    "perfect_generalization": "classification.perfect_generalization",
    "margin_law": "functions.gardner",
    "inverse_margin_law": "functions.gardner",
    "near_critical_margin": "functions.gardner",
    "near_critical_norm": "classification.critical",
    "norm_divergence_constant": "classification.critical",
    "critical_loss": "classification.critical",
    "critical_positive_fraction": "classification.critical",
    "wendel_probability": "functions.wendel",
    "wendel_complement": "functions.wendel",
    "log_wendel_probability": "functions.wendel",
    "wendel_probability_exact": "functions.wendel",
    "wendel_approximation_error": "functions.wendel",
    "separation_window": "functions.wendel",
    "population_loss": "functions.logistic_normal",
    "log_population_loss": "functions.logistic_normal",
    "population_exponential_loss": "functions.logistic_normal",
    "log_population_exponential_loss": "functions.logistic_normal",
    "population_accuracy": "functions.logistic_normal",
    "population_error": "functions.logistic_normal",
    "log_population_error": "functions.logistic_normal",
    "discriminative_accuracy": "classification.discriminative",
    "discriminative_error": "classification.discriminative",
    "log_discriminative_accuracy": "classification.discriminative",
    "log_discriminative_error": "classification.discriminative",
    # special functions of the field
    "marcum_q": "functions.marcum",
    "marcum_p": "functions.marcum",
    "log_marcum_q": "functions.marcum",
    "log_marcum_p": "functions.marcum",
    "MarchenkoPastur": "functions.marchenko_pastur",
    "lambert_w": "functions.lambert",
    "owens_t": "functions.bivariate_normal",
    "log_owens_t": "functions.bivariate_normal",
    "bivariate_normal_cdf": "functions.bivariate_normal",
    "log_bivariate_normal_cdf": "functions.bivariate_normal",
    # certified numbers, and checks of one's own formulas
    "evaluate": "evaluation",
    "check_identity": "asymptotics",
    "check_asymptotic": "asymptotics",
    "check_inequality": "asymptotics",
    "Regime": "asymptotics",
    "Range": "asymptotics",
    "Choice": "asymptotics",
    "Certified": "certified",
    "CertifiedComplex": "certified_complex",
    # exceptions
    "GrokmathError": "parameters",
    "DomainError": "parameters",
    "PrecisionError": "parameters",
    "Undecidable": "parameters",
    "UnsupportedExpression": "parameters",
}

_MODULES = ("figures", "simulate", "testing")
"""Rooms with a public surface of their own: ``grokmath.simulate.regression(...)``."""

__all__ = ["__version__", *_HOME, *_MODULES]

if TYPE_CHECKING:
    from grokmath import figures as figures
    from grokmath import simulate as simulate
    from grokmath import testing as testing
    from grokmath.asymptotics import Choice as Choice
    from grokmath.asymptotics import Range as Range
    from grokmath.asymptotics import Regime as Regime
    from grokmath.asymptotics import check_asymptotic as check_asymptotic
    from grokmath.asymptotics import check_identity as check_identity
    from grokmath.asymptotics import check_inequality as check_inequality
    from grokmath.certified import Certified as Certified
    from grokmath.certified_complex import CertifiedComplex as CertifiedComplex
    from grokmath.classification.critical import critical_loss as critical_loss
    from grokmath.classification.critical import critical_positive_fraction as critical_positive_fraction
    from grokmath.classification.critical import near_critical_norm as near_critical_norm
    from grokmath.classification.critical import norm_divergence_constant as norm_divergence_constant
    from grokmath.classification.discriminative import discriminative_accuracy as discriminative_accuracy
    from grokmath.classification.discriminative import discriminative_error as discriminative_error
    from grokmath.classification.discriminative import log_discriminative_accuracy as log_discriminative_accuracy
    from grokmath.classification.discriminative import log_discriminative_error as log_discriminative_error
    from grokmath.classification.hull import boundary_closeness as boundary_closeness
    from grokmath.classification.hull import origin_in_hull as origin_in_hull
    from grokmath.classification.logistic import LogisticModel as LogisticModel
    from grokmath.classification.perfect_generalization import perfect_generalization as perfect_generalization
    from grokmath.classification.reductions import one_label_problem as one_label_problem
    from grokmath.classification.reductions import two_gaussians_problem as two_gaussians_problem
    from grokmath.classification.reductions import unit_variance_problem as unit_variance_problem
    from grokmath.classification.separability import Separability as Separability
    from grokmath.classification.separability import separability as separability
    from grokmath.classification.two_point import TwoPointModel as TwoPointModel
    from grokmath.evaluation import evaluate as evaluate
    from grokmath.functions.bivariate_normal import bivariate_normal_cdf as bivariate_normal_cdf
    from grokmath.functions.bivariate_normal import log_bivariate_normal_cdf as log_bivariate_normal_cdf
    from grokmath.functions.bivariate_normal import log_owens_t as log_owens_t
    from grokmath.functions.bivariate_normal import owens_t as owens_t
    from grokmath.functions.gardner import inverse_margin_law as inverse_margin_law
    from grokmath.functions.gardner import margin_law as margin_law
    from grokmath.functions.gardner import near_critical_margin as near_critical_margin
    from grokmath.functions.lambert import lambert_w as lambert_w
    from grokmath.functions.logistic_normal import log_population_error as log_population_error
    from grokmath.functions.logistic_normal import log_population_exponential_loss as log_population_exponential_loss
    from grokmath.functions.logistic_normal import log_population_loss as log_population_loss
    from grokmath.functions.logistic_normal import population_accuracy as population_accuracy
    from grokmath.functions.logistic_normal import population_error as population_error
    from grokmath.functions.logistic_normal import population_exponential_loss as population_exponential_loss
    from grokmath.functions.logistic_normal import population_loss as population_loss
    from grokmath.functions.marchenko_pastur import MarchenkoPastur as MarchenkoPastur
    from grokmath.functions.marcum import log_marcum_p as log_marcum_p
    from grokmath.functions.marcum import log_marcum_q as log_marcum_q
    from grokmath.functions.marcum import marcum_p as marcum_p
    from grokmath.functions.marcum import marcum_q as marcum_q
    from grokmath.functions.wendel import log_wendel_probability as log_wendel_probability
    from grokmath.functions.wendel import separation_window as separation_window
    from grokmath.functions.wendel import wendel_approximation_error as wendel_approximation_error
    from grokmath.functions.wendel import wendel_complement as wendel_complement
    from grokmath.functions.wendel import wendel_probability as wendel_probability
    from grokmath.functions.wendel import wendel_probability_exact as wendel_probability_exact
    from grokmath.parameters import DomainError as DomainError
    from grokmath.parameters import GrokmathError as GrokmathError
    from grokmath.parameters import PrecisionError as PrecisionError
    from grokmath.parameters import Undecidable as Undecidable
    from grokmath.parameters import UnsupportedExpression as UnsupportedExpression
    from grokmath.regression.asymptotic_series import gen_loss_series as gen_loss_series
    from grokmath.regression.asymptotic_series import gen_remainder_bounds as gen_remainder_bounds
    from grokmath.regression.asymptotic_series import gen_series_coefficient as gen_series_coefficient
    from grokmath.regression.asymptotic_series import train_loss_series as train_loss_series
    from grokmath.regression.asymptotic_series import train_remainder_bounds as train_remainder_bounds
    from grokmath.regression.asymptotic_series import train_series_coefficient as train_series_coefficient
    from grokmath.regression.critical_values import critical_label_noise as critical_label_noise
    from grokmath.regression.critical_values import critical_weight_decay as critical_weight_decay
    from grokmath.regression.critical_values import largest_label_noise as largest_label_noise
    from grokmath.regression.critical_values import weight_decay_window as weight_decay_window
    from grokmath.regression.critical_values_ratio import aspect_ratio_windows as aspect_ratio_windows
    from grokmath.regression.critical_values_ratio import critical_aspect_ratio as critical_aspect_ratio
    from grokmath.regression.critical_values_ratio import temporary_label_noise as temporary_label_noise
    from grokmath.regression.finite_size import FiniteSize as FiniteSize
    from grokmath.regression.grokking_time import GrokkingTime as GrokkingTime
    from grokmath.regression.grokking_time_series import grokking_time_coefficients as grokking_time_coefficients
    from grokmath.regression.grokking_times import grokking_times as grokking_times
    from grokmath.regression.linear import LinearTeacherStudent as LinearTeacherStudent
    from grokmath.regression.modular_addition import fit_divergence as fit_divergence
    from grokmath.regression.modular_addition import modular_aspect_ratio as modular_aspect_ratio
    from grokmath.regression.modular_addition import modular_training_fraction as modular_training_fraction
    from grokmath.regression.output_dimension import d_out_met_at_once as d_out_met_at_once
    from grokmath.regression.output_dimension import largest_grokking_time as largest_grokking_time
    from grokmath.regression.output_dimension import smallest_generalizing_d_out as smallest_generalizing_d_out
    from grokmath.regression.two_layer import TwoLayerLinear as TwoLayerLinear


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"grokmath.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'grokmath' has no attribute {name!r}")
    value = getattr(import_module(f"grokmath.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
