"""Losses with weight decay and label noise in units of the plain L_gen at the same point, 50 digits."""

from __future__ import annotations

from timing import cold_ratio, geometric_mean

from grokmath import LinearTeacherStudent

TIMES = ("1", "30", "1e3", "1e6", "1e12")


def main() -> None:
    """Print milliseconds and ratios by lam; s = 4 eta t."""
    for lam in ("0.1", "0.5", "0.9", "0.999", "1", "1.5"):
        ratios, slowest = [], 0.0
        for s in TIMES:
            for decay in ("1e-30", "1e-10", "1e-3", "0.3"):
                for noise in ("0", "0.3"):
                    full = LinearTeacherStudent(lam, "1/4", weight_decay=decay, label_noise=noise)
                    plain = LinearTeacherStudent(lam, "1/4")
                    try:
                        taken, _, ratio = cold_ratio(
                            lambda full=full, s=s: full.log_gen_loss(s, digits=50),
                            lambda plain=plain, s=s: plain.log_gen_loss(s, digits=50),
                            repeats=5,
                        )
                    except ArithmeticError:  # a loss that is too small to have 50 digits of a logarithm here
                        continue
                    slowest = max(slowest, taken)
                    if noise == "0":
                        ratios.append(ratio)
        mean, largest = geometric_mean(ratios), max(ratios)
        print(
            f"lam={lam:>6}  weight decay: {mean:4.1f} times the plain loss (largest {largest:4.1f}); "
            f"slowest of all, noise included: {1e3 * slowest:.2f} ms"
        )


if __name__ == "__main__":
    main()
