"""Thin NumPy training runs, for validation: the theory stands beside each simulated curve, with a z-score."""

from grokmath.simulate.classification_runs import ClassificationRun, classification
from grokmath.simulate.modular_runs import ModularRun, modular
from grokmath.simulate.regression_runs import RegressionRun, regression
from grokmath.simulate.two_layer_runs import TwoLayerRun, two_layer
from grokmath.simulate.two_point_runs import TwoPointRun, two_point

__all__ = [
    "ClassificationRun",
    "ModularRun",
    "RegressionRun",
    "TwoLayerRun",
    "TwoPointRun",
    "classification",
    "modular",
    "regression",
    "two_layer",
    "two_point",
]
