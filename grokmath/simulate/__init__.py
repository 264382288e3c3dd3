"""Thin NumPy training runs, for validation: the theory stands beside each simulated curve, with a z-score."""

from grokmath.simulate.regression_runs import RegressionRun, regression

__all__ = ["RegressionRun", "regression"]
