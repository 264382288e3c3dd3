"""A certified grokking-time row (train, gen, delta) in units of one L_gen evaluation at its root, at 50 digits."""

from __future__ import annotations

from timing import cold_ratio

from grokmath import LinearTeacherStudent

ASPECT_RATIOS = ("0.001", "0.1", "0.3", "0.5", "0.7", "0.9", "0.99", "0.999", "1", "1.0001")
THRESHOLDS = ("1e-3", "1e-6", "1e-12")


def main(digits: int = 50) -> None:
    """Print each ratio and the worst."""
    worst = 0.0
    for lam in ASPECT_RATIOS:
        for eps in THRESHOLDS:
            model = LinearTeacherStudent(lam, eta="0.01")
            found = model.grokking_time(eps, digits=digits)
            if found.reason:
                continue
            root = found.gen.to_decimal()
            row, one, ratio = cold_ratio(
                lambda lam=lam, eps=eps: LinearTeacherStudent(lam, eta="0.01").grokking_time(eps, digits=digits),
                lambda lam=lam, root=root: LinearTeacherStudent(lam, eta="0.01").gen_loss(root, digits=digits),
            )
            worst = max(worst, ratio)
            print(f"lam={lam:>6} eps={eps:>5}  row {1e3 * row:6.3f} ms  L_gen {1e3 * one:6.3f} ms  ratio {ratio:5.1f}")
    print(f"worst ratio: {worst:.1f}")


if __name__ == "__main__":
    main()
