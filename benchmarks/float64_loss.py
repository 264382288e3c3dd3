"""float64 L_gen over 10^6 points against scipy.special.ive(1, x) on the same points, and its error there."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.special import ive
from timing import fastest

from grokmath import LinearTeacherStudent

ASPECT_RATIOS = ("0.001", "0.1", "0.5", "0.9", "0.99", "0.999", "1", "1.001", "2.5", "1000")


def main(points: int = 10**6, checked: int = 200) -> None:
    """Print the ratio of times and the largest relative error at a sample of the points, for each aspect ratio."""
    rng = np.random.default_rng(20231)
    for lam in ASPECT_RATIOS:
        model = LinearTeacherStudent(lam, eta="1/4")
        s = 10.0 ** rng.uniform(-6, 8, points)
        x = 2 * np.sqrt(float(Fraction(lam))) * s
        ratio = fastest(lambda model=model, s=s: model.gen_loss(s)) / fastest(lambda x=x: ive(1, x))
        worst = 0.0
        for point, value in zip(s[:checked], model.gen_loss(s[:checked]), strict=True):
            if value > 1e-300:
                truth = model.gen_loss(Fraction(point), digits=25)
                worst = max(worst, abs(float((truth - Fraction(float(value))) / truth)))
        print(f"lam={lam:>6}  time / ive: {ratio:.2f}   largest relative error of {checked}: {worst:.1e}", flush=True)


if __name__ == "__main__":
    main()
