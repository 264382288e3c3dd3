"""Certified L_gen against mpmath.quad and Arb's integrator on the angle form with the exponential factored out.

With x = 2 sqrt(lam) s and nu = (1 - sqrt lam)^2 + 4 sqrt(lam) sin^2(theta/2), for lam <= 1,

    L_gen e^{a s} = (2/pi) integral_0^pi sin^2(theta)/nu exp(-2 x sin^2(theta/2)) d theta   (lam > 1: plus the plateau).

Both integrators work to an absolute tolerance, so a run that misses the digits is repeated at higher settings until it
has them; the run that had them is the one that counts. Usage: python benchmarks/certified_loss.py [--digits 50]
[--ours-only]
"""

from __future__ import annotations

import argparse
import time
from decimal import Decimal, localcontext
from fractions import Fraction

import mpmath
from flint import acb, arb
from timing import cold, geometric_mean

from grokmath import Certified, LinearTeacherStudent
from grokmath.exact import ball, working_precision

ASPECT_RATIOS = ("0.001", "0.1", "0.5", "0.9", "0.99", "0.999", "1", "1.001", "2.5", "1000")
ALL_TIMES = tuple(f"1e{k}" for k in range(-6, 13))
COMPARED_TIMES = ("0.1", "1", "10", "100", "1e4")


def ours(lam: str, s: str, digits: int) -> Certified:
    """The public call, model built anew."""
    return LinearTeacherStudent(lam=lam, eta="1/4").gen_loss(s, digits=digits)


def agrees(value: Decimal, reference: Certified, digits: int) -> bool:
    """Whether the value is within two units of the last digit asked for."""
    with localcontext() as context:
        context.prec = digits + 30
        truth = reference.to_decimal()
        return abs(value - truth) <= 2 * abs(truth) * Decimal(10) ** (1 - digits)


def by_mpmath(lam: str, s: str, digits: int, reference: Certified) -> float:
    """Seconds of the first mpmath.quad run that has the digits."""
    extra, degree = 10, 5
    context = mpmath.MPContext()
    while True:
        context.dps = digits + extra
        ratio, time_ = (Fraction(text) for text in (lam, s))
        start = time.process_time()
        lam_, s_ = (context.mpf(q.numerator) / q.denominator for q in (ratio, time_))
        root = context.sqrt(lam_)
        edge = ((1 - lam_) / (1 + root)) ** 2

        def integrand(theta, root=root, edge=edge, s_=s_):
            half = context.sin(theta / 2) ** 2
            return context.sin(theta) ** 2 * context.exp(-4 * root * s_ * half) / (edge + 4 * root * half)

        value = 2 / context.pi * context.exp(-edge * s_) * context.quad(integrand, [0, context.pi], maxdegree=degree)
        if lam_ > 1:
            value += 1 - 1 / lam_
        seconds = time.process_time() - start
        if agrees(Decimal(context.nstr(value, digits + 5)), reference, digits):
            return seconds
        extra, degree = extra + 10, degree + 1
        if degree > 16:
            return float("inf")


def by_arb(lam: str, s: str, digits: int, reference: Certified) -> float:
    """Seconds of the first acb.integral run that has the digits."""
    bits = int(digits * 3.33) + 20
    while True:
        start = time.process_time()
        with working_precision(bits):
            lam_, s_ = ball(Fraction(lam)), ball(Fraction(s))
            root = lam_.sqrt()
            edge = ((1 - lam_) / (1 + root)) ** 2

            def integrand(theta, analytic, root=root, edge=edge, s_=s_):
                half = (theta / 2).sin() ** 2
                return theta.sin() ** 2 * (-4 * root * s_ * half).exp() / (edge + 4 * root * half)

            if Fraction(lam) == 1:

                def integrand(theta, analytic, s_=s_):
                    half = theta / 2
                    return half.cos() ** 2 * (-4 * s_ * half.sin() ** 2).exp()

            value = 2 / arb.pi() * (-edge * s_).exp() * acb.integral(integrand, 0, arb.pi()).real
            if Fraction(lam) > 1:
                value += 1 - 1 / lam_
            good = value.is_finite() and value.rel_accuracy_bits() > digits * 3.33
        seconds = time.process_time() - start
        if good:
            return seconds
        bits *= 2
        if bits > 10**5:
            return float("inf")


def main() -> None:
    """Print the cost at every point, and the geometric means of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digits", type=int, default=50)
    parser.add_argument("--lam", default=",".join(ASPECT_RATIOS), help="aspect ratios, separated by commas")
    parser.add_argument("--ours-only", action="store_true")
    options = parser.parse_args()
    digits, aspect_ratios = options.digits, options.lam.split(",")
    print(f"certified L_gen at {digits} digits, milliseconds, caches cleared before each call")
    print("lam".rjust(8), *(s.rjust(7) for s in ALL_TIMES))
    worst = 0.0
    for lam in aspect_ratios:
        row = []
        for s in ALL_TIMES:
            try:
                row.append(cold(lambda lam=lam, s=s: ours(lam, s, digits)))
            except ValueError:  # below 10^-(10^9): only the logarithm can be printed
                row.append(cold(lambda lam=lam, s=s: LinearTeacherStudent(lam, "1/4").log_gen_loss(s, digits=digits)))
        worst = max(worst, *row)
        print(lam.rjust(8), *(f"{1e3 * seconds:7.3f}" for seconds in row))
    print(f"worst: {1e3 * worst:.3f} ms")
    if options.ours_only:
        return
    ratios: dict[str, list[float]] = {"mpmath.quad": [], "acb.integral": []}
    for lam in aspect_ratios:
        for s in COMPARED_TIMES:
            reference = ours(lam, s, digits)
            base = cold(lambda lam=lam, s=s: ours(lam, s, digits))
            others = (by_mpmath(lam, s, digits, reference), by_arb(lam, s, digits, reference))
            print(f"lam={lam:>6} s={s:>4} ours {1e3 * base:.3f} ms", end="")
            for name, seconds in zip(ratios, others, strict=True):
                ratios[name].append(seconds / base)
                print(f"  {name} {seconds / base:8.0f}x", end="")
            print(flush=True)
    for name, values in ratios.items():
        print(f"geometric mean over {len(values)} points: {geometric_mean(values):.0f} times faster than {name}")


if __name__ == "__main__":
    main()
