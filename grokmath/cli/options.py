"""The options of ``grokmath table`` by model, as data, so that help costs no import of the models."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["MODELS", "Option"]


class Option(NamedTuple):
    """An option: its name, its default as text, its help, and whether it is a grid."""

    name: str
    default: str
    help: str
    is_grid: bool = False

    @property
    def metavar(self) -> str:
        """What stands for the value in a usage line."""
        return "GRID" if self.is_grid else self.name.upper()


MODELS: dict[str, tuple[Option, ...]] = {
    "regression": (
        Option("lam", "0.1:0.9:0.1,1,1.0001", "aspect ratios d_in/N_tr", True),
        Option("eps", "1e-3,1e-6,1e-12", "tolerances of the squared error", True),
        Option("eta", "0.01", "learning rate"),
        Option("accuracy", "erf(sqrt(2))", "accuracy that defines the times; the default is a loss of eps/4"),
    ),
    "two-point": (
        Option("lam", "0.1:0.4:0.1,0.45,0.475,0.5", "aspect ratios d/N, 0 to 1", True),
        Option("sigma", "1", "standard deviations of the features", True),
        Option("eps", "1e-2,1e-4,1e-8", "levels that the losses reach", True),
        Option("eta", "1", "learning rate"),
        Option("S0", "0", "initial weight"),
        Option("b0", "0", "initial bias"),
    ),
    "logistic": (
        Option("lam", "0.1:0.4:0.1,0.45,0.475,0.49", "aspect ratios d/N", True),
        Option("sigma", "10", "standard deviations of the features", True),
        Option("eps", "1e-2,1e-6", "levels of the criterion", True),
        Option("eta", "1", "learning rate"),
        Option("criterion", "exponential", "exponential, accuracy or cross-entropy"),
    ),
}
"""The models and their parameters, those with a grid first."""
