"""The table behind Fig. 1 (right) of "Grokking in Linear Estimators": the grokking time against lam.

For two thresholds eps it prints, at eta = 0.01, the certified grokking time, the paper's leading formula (11), which
does not depend on eps, and the uniform form. What it shows: (11) overestimates everywhere, by 75 % at lam = 0.1 and
eps = 1e-3 and without bound as lam -> 1, where it diverges while the grokking time stays finite; the uniform form
follows it through lam = 1 to the last lam at which the model groks at all, 1/(1 - eps/4).

Run: python examples/grokking_time_against_lambda.py [--quick]
"""

from __future__ import annotations

import sys
from fractions import Fraction

from grokmath import LinearTeacherStudent

ETA = "0.01"
THRESHOLDS = ("1e-3", "1e-6")


def aspect_ratios(quick: bool) -> list[Fraction]:
    """lam from 0.05 to beyond 1, denser near 1."""
    step = Fraction(1, 5) if quick else Fraction(1, 20)
    below = [k * step for k in range(1, int(1 / step))]
    near = [Fraction(text) for text in ("0.99", "0.999", "1", "1.0001", "1.0002", "1.001")]
    return below + near


def main(quick: bool = False) -> None:
    """Print one block a threshold."""
    for eps in THRESHOLDS:
        print(f"eps = {eps}, eta = {ETA}")
        print(f"{'lam':>8} {'grokking time':>18} {'(11)':>14} {'(11) error':>11} {'uniform error':>14}")
        for lam in aspect_ratios(quick):
            model = LinearTeacherStudent(lam, eta=ETA)
            exact = model.grokking_time(eps, digits=12)
            if exact.reason:
                print(f"{float(lam):>8} {'never':>18}   {exact.reason}")
                continue
            leading, uniform = (model.grokking_time(eps, method=method, digits=20) for method in ("leading", "uniform"))
            cells = (
                ["", ""]
                if leading.delta is None
                else [f"{leading.delta:.6g}", f"{leading.delta / exact.delta - 1:+.1%}"]
            )
            error = float(uniform.delta / exact.delta - 1)
            print(f"{float(lam):>8} {exact.delta!s:>18} {cells[0]:>14} {cells[1]:>11} {error:>+14.1e}")
        print()


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
