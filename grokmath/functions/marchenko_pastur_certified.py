"""The Marchenko-Pastur law in ball arithmetic: closed forms at an exact ratio and an exact argument.

With the exact discriminant D = 4 lam - (x - 1 - lam)**2 = (nu_+ - x)(x - nu_-) no edge is ever subtracted from x: the
side of an edge on which x lies is the sign of an exact number, and D loses no digit however close x is to an edge. The
forms contain no truncation; certify raises the precision by what the distribution functions lose to cancellation.
"""

from __future__ import annotations

from fractions import Fraction

from flint import acb, arb, fmpq

from grokmath.exact import Exact, ball, sign

BELOW, INSIDE, ABOVE = -1, 0, 1


def discriminant(x: Exact, lam: Exact) -> Exact:
    """(nu_+ - x)(x - nu_-), exactly: positive inside the support of the density, 0 at its edges."""
    return 4 * lam - (x - 1 - lam) * (x - 1 - lam)


def place(x: Exact, lam: Exact) -> int:
    """BELOW, INSIDE or ABOVE the open support of the density; an edge counts as outside."""
    if sign(discriminant(x, lam)) > 0:
        return INSIDE
    return BELOW if x < 1 + lam else ABOVE


def pdf_ball(x: Exact, lam: Exact) -> arb:
    """The density sqrt(D)/(2 pi lam x) at a point inside the support."""
    return ball(discriminant(x, lam)).sqrt() / (2 * arb.pi() * ball(lam) * ball(x))


def cdf_ball(x: Exact, lam: Exact) -> arb:
    """The mass of the density on (nu_-, x), for x inside the support.

    With x = 1 + lam - 2 sqrt(lam) cos(phi) and (1-lam)**2/x = 1 + lam + 2 sqrt(lam) cos(chi), 0 < phi, chi < pi, it is
    ((1 + lam) phi + sqrt(D) - |1 - lam| chi)/(2 pi lam); its derivative is the density.
    """
    root = ball(discriminant(x, lam)).sqrt()
    gap = abs(1 - lam)
    phi = arb.atan2(root, ball(1 + lam - x))
    total = ball(1 + lam) * phi + root
    if sign(gap):
        total -= ball(gap) * arb.atan2(ball(gap) * root, ball((1 - lam) * (1 - lam) - (1 + lam) * x))
    return total / (2 * arb.pi() * ball(lam))


def sf_ball(x: Exact, lam: Exact) -> arb:
    """The mass of the density on (x, nu_+), for x inside the support: the same in the angles pi - phi, pi - chi."""
    root = ball(discriminant(x, lam)).sqrt()
    gap = abs(1 - lam)
    theta = arb.atan2(root, ball(x - 1 - lam))
    total = ball(1 + lam) * theta - root
    if sign(gap):
        total -= ball(gap) * arb.atan2(ball(gap) * root, ball((1 + lam) * x - (1 - lam) * (1 - lam)))
    return total / (2 * arb.pi() * ball(lam))


def bits_lost(x: Exact, lam: Exact) -> int:
    """About the bits that cdf_ball and sf_ball lose to cancellation: those of sin(phi)**2 = D/(4 lam) and of lam."""
    return max(0, log2(lam) + 2 - log2(discriminant(x, lam))) + max(0, -log2(lam))


def log2(x: Exact) -> int:
    """log2 |x| of a number other than 0, to within 2."""
    if isinstance(x, Fraction):
        return x.numerator.bit_length() - x.denominator.bit_length()
    mantissa, exponent = ball(x).mid().man_exp()
    return int(exponent) + int(abs(mantissa)).bit_length()


def moment_exact(k: int, lam: Fraction) -> Fraction:
    """E[nu**k], k >= 0, as the Narayana polynomial at a rational ratio: integer sums over a common denominator."""
    p, q = lam.numerator, lam.denominator
    total, term = 0, 1  # term = N_j p**j q**(k-1-j), N_j the Narayana numbers
    if k == 0:
        return Fraction(1)
    term = q ** (k - 1)
    for j in range(k):
        total += term
        term = term * p * (k - j) * (k - 1 - j) // (q * (j + 1) * (j + 2)) if j < k - 1 else 0
    return Fraction(total, q ** (k - 1))


def moment_ball(k: int, lam: Exact) -> arb:
    """E[nu**k], k >= 0, by the Narayana sum; its terms are positive, so that k rounding errors are all that is lost."""
    if k == 0:
        return arb(1)
    ratio, total, term = ball(lam), arb(0), arb(1)
    for j in range(k):
        total += term
        term *= ratio * fmpq((k - j) * (k - 1 - j), (j + 1) * (j + 2))
    return total


def inverse_moment_ball(k: int, lam: Exact) -> arb:
    """E[nu**-k] = E[nu**(k-1)]/(1 - lam)**(2 k - 1), for k >= 1 and lam < 1."""
    return moment_ball(k - 1, lam) / ball(1 - lam) ** (2 * k - 1)


def stieltjes_ball(z: Exact, lam: Exact) -> arb:
    """E[1/(nu - z)] at a real z outside the open support of the density (and other than 0 where lam >= 1).

    The root of lam z m**2 + (z + lam - 1) m + 1 = 0 that tends to 0 at infinity, in whichever of its two forms adds
    numbers of one sign.
    """
    b = 1 - lam - z
    root = ball(-discriminant(z, lam)).sqrt()
    if z < 1 + lam:
        root = -root
    if (b > 0) == (z >= 1 + lam):
        return (ball(b) + root) / (2 * ball(lam) * ball(z))
    return 2 / (ball(b) - root)


def stieltjes_acb(z: tuple[Exact, Exact], lam: Exact) -> acb:
    """E[1/(nu - z)] at z = x + i y, y != 0; the root is sqrt(z - nu_-) sqrt(z - nu_+), cut along the support."""
    x, y = z
    imaginary, root_lam = ball(y), ball(lam).sqrt()
    b = acb(ball(1 - lam - x), -imaginary)
    low = (ball(1 - lam) / (1 + root_lam)) ** 2
    high = (1 + root_lam) ** 2
    root = acb(ball(x) - low, imaginary).sqrt() * acb(ball(x) - high, imaginary).sqrt()
    if (b.conjugate() * root).real.mid() >= 0:  # both forms are true; this one does not cancel
        return (b + root) / (2 * ball(lam) * acb(ball(x), imaginary))
    return 2 / (b - root)
