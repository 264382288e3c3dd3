"""grokmath: the theory of grokking in solvable linear models, symbolic, certified to any precision, and in float64.

The public surface is this page; every name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    # models
    "LinearTeacherStudent": "regression.linear",
    "GrokkingTime": "regression.grokking_time",
    "LogisticModel": "classification.logistic",
    "TwoPointModel": "classification.two_point",
    "perfect_generalization": "classification.perfect_generalization",
    # special functions of the field
    "marcum_q": "functions.marcum",
    "marcum_p": "functions.marcum",
    "log_marcum_q": "functions.marcum",
    "log_marcum_p": "functions.marcum",
    "MarchenkoPastur": "functions.marchenko_pastur",
    "lambert_w": "functions.lambert",
    "wendel_probability": "functions.wendel",
    "wendel_complement": "functions.wendel",
    "log_wendel_probability": "functions.wendel",
    "separation_window": "functions.wendel",
    "population_loss": "functions.logistic_normal",
    "log_population_loss": "functions.logistic_normal",
    "population_exponential_loss": "functions.logistic_normal",
    "log_population_exponential_loss": "functions.logistic_normal",
    "population_accuracy": "functions.logistic_normal",
    "population_error": "functions.logistic_normal",
    "log_population_error": "functions.logistic_normal",
    "margin_law": "functions.gardner",
    "inverse_margin_law": "functions.gardner",
    "near_critical_margin": "functions.gardner",
    # certified numbers
    "evaluate": "evaluation",
    "Certified": "certified",
    "CertifiedComplex": "certified",
    # exceptions
    "GrokmathError": "parameters",
    "DomainError": "parameters",
    "PrecisionError": "parameters",
    "Undecidable": "parameters",
    "UnsupportedExpression": "parameters",
}

__all__ = ["__version__", *_HOME]

if TYPE_CHECKING:
    from grokmath.certified import Certified as Certified
    from grokmath.certified import CertifiedComplex as CertifiedComplex
    from grokmath.classification.logistic import LogisticModel as LogisticModel
    from grokmath.classification.perfect_generalization import perfect_generalization as perfect_generalization
    from grokmath.classification.two_point import TwoPointModel as TwoPointModel
    from grokmath.evaluation import evaluate as evaluate
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
    from grokmath.functions.wendel import wendel_complement as wendel_complement
    from grokmath.functions.wendel import wendel_probability as wendel_probability
    from grokmath.parameters import DomainError as DomainError
    from grokmath.parameters import GrokmathError as GrokmathError
    from grokmath.parameters import PrecisionError as PrecisionError
    from grokmath.parameters import Undecidable as Undecidable
    from grokmath.parameters import UnsupportedExpression as UnsupportedExpression
    from grokmath.regression.grokking_time import GrokkingTime as GrokkingTime
    from grokmath.regression.linear import LinearTeacherStudent as LinearTeacherStudent


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'grokmath' has no attribute {name!r}")
    value = getattr(import_module(f"grokmath.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
