"""The two-point model: a certified weight(t) of 50 digits against SciPy's stiff solver at its ten.

The nodes of the quadrature rules are made once per process and are warm here, as they are from the second call on.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.integrate import solve_ivp
from timing import paired_ratio

from grokmath import TwoPointModel


def solver(lam: float, t: float) -> float:
    """S(t) by solve_ivp at rtol 1e-10: dS/dt = (1/2) e^b (e^{-S} - (1 - 2 lam) e^{(1 - 2 lam) S}), and b."""
    a = 1 - 2 * lam

    def field(_: float, state: np.ndarray) -> list[float]:
        pull, push = np.exp(state[1] - state[0]), np.exp(state[1] + a * state[0])
        return [(pull - a * push) / 2, -(pull + push) / 2]

    return float(solve_ivp(field, (0, t), [0.0, 0.0], method="LSODA", rtol=1e-10, atol=1e-12).y[0, -1])


def main() -> None:
    """Print milliseconds and ratios."""
    for lam in ("0.1", "0.3", "0.45", "1/2", "0.7", "1"):
        for t in ("10", "1e4", "1e8"):
            model = TwoPointModel(lam)
            value = float(model.weight(t))
            number = float(Fraction(lam))
            exact, _, ratio = paired_ratio(
                lambda lam=lam, t=t: TwoPointModel(lam).weight(t, digits=50),
                lambda number=number, t=t: solver(number, float(t)),
                repeats=9,
            )
            error = abs(solver(number, float(t)) / value - 1)
            speed = f"{1 / ratio:5.1f} times faster than LSODA (whose error is {error:.0e})"
            print(f"lam={lam:>5} t={t:>4}  {1e3 * exact:5.2f} ms, {speed}")


if __name__ == "__main__":
    main()
