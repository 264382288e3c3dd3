"""Thin NumPy training runs, for validation: the theory stands beside each simulated curve, with a z-score."""

from grokmath.simulate.modular_runs import ModularRun, modular
from grokmath.simulate.regression_runs import RegressionRun, regression
from grokmath.simulate.two_layer_runs import TwoLayerRun, two_layer

__all__ = ["ModularRun", "RegressionRun", "TwoLayerRun", "modular", "regression", "two_layer"]
