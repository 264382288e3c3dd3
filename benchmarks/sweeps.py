"""Phase diagrams: whole arrays of grokking times in float64, in units of one certified grokking time."""

from __future__ import annotations

import time

import numpy as np
from timing import cold

from grokmath import LinearTeacherStudent, grokking_times


def main(size: int = 200) -> None:
    """Print seconds of CPU time for size x size points, and what a point costs against a certified one."""
    lam = np.linspace(0.01, 1.2, size)
    decay = np.geomspace(1e-6, 1e-2, size)
    outputs = np.arange(1, size + 1)
    one = cold(lambda: LinearTeacherStudent("0.9", weight_decay="1e-3").grokking_time("1e-3"), repeats=3)
    for name, knobs in (
        ("weight decay x d_out", {"lam": 0.9, "weight_decay": decay[:, None], "d_out": outputs}),
        ("lam x weight decay", {"lam": lam[:, None], "weight_decay": decay}),
        ("lam x d_out", {"lam": lam[:, None], "d_out": outputs}),
    ):
        start = time.process_time()
        grokking_times(eps=1e-3, **knobs)
        taken = time.process_time() - start
        share = one * size**2 / taken
        print(f"{name:22} {size} x {size}: {taken:5.1f} s; a certified time costs as much as {share:.0f} points")


if __name__ == "__main__":
    main()
