"""The options of ``grokmath table`` by model, as data, so that help costs no import of the models."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FIXED", "KNOBS", "MODELS", "SWEEPS", "Option"]


class Option(NamedTuple):
    """An option: its name, its default as text, its help, and whether it is a grid."""

    name: str
    default: str
    help: str
    is_grid: bool = False

    @property
    def metavar(self) -> str:
        """What stands for the value in a usage line."""
        return "GRID" if self.is_grid else self.name.rpartition("_")[2].upper()


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

KNOBS: tuple[Option, ...] = (
    Option("d_out", "1", "numbers of outputs", True),
    Option("weight_decay", "0", "weight decays gamma", True),
    Option("init_scale", "1", "scales alpha of the initial weights", True),
    Option("label_noise", "0", "standard deviations of the labels' noise", True),
    Option("decay_convention", "paper", "paper, decoupled or summed"),
)
"""What the regression model takes besides; with one of them the table has a column for each, and no closed forms."""

SWEEPS = {
    "lam": MODELS["regression"][0].default,
    "eps": "1e-1,1e-2,1e-3,1e-6,1e-9,1e-12",
    "d_out": "1,2,5,10,20,26,50,100,200,500,1000,1100",
    "weight_decay": "0,1e-5,1e-4,5e-4,1e-3,1.5e-3,1.6e-3,2e-3",
    "init_scale": "0,0.5,1,2,5,10",
    "label_noise": "0,0.001,0.002,0.005,0.0052,0.0054,0.01",
}
"""The grids of ``--vary``; the other parameters stay at lam = 0.9, eps = 1e-3 and the knobs' defaults."""

FIXED = {"lam": "0.9", "eps": "1e-3"}
"""What lam and eps are while another parameter varies."""
