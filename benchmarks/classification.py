"""The classification side: certified ||S_inf|| against L_gen, and vectorised laws against scipy.special.log_ndtr."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr
from timing import cold_ratio, fastest

from grokmath import LinearTeacherStudent, LogisticModel, inverse_margin_law
from grokmath.classification.margin import limit_accuracy


def main(points: int = 10**6) -> None:
    """Print milliseconds and ratios."""
    for lam in ("0.001", "0.3", "0.45", "0.49", "0.4999"):
        norm, loss, ratio = cold_ratio(
            lambda lam=lam: LogisticModel(lam).minimizer_norm(digits=50),
            lambda: LinearTeacherStudent("0.9", eta="1/4").gen_loss(10, digits=50),
            repeats=5,
        )
        print(
            f"lam={lam:>6}  ||S_inf|| {1e3 * norm:6.1f} ms, {ratio:4.0f} times L_gen of {1e3 * loss:.2f} ms, 50 digits"
        )
    lam = np.random.default_rng(7).uniform(0.5, 2, points)
    base = fastest(lambda: log_ndtr(lam))
    for name, law in (("inverse_margin_law", inverse_margin_law), ("limit_accuracy", limit_accuracy)):
        taken = fastest(lambda law=law: law(lam))
        print(f"{name} at {points} points: {taken:.2f} s, {taken / base:.0f} times log_ndtr")


if __name__ == "__main__":
    main()
