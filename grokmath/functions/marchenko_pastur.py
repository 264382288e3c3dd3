"""The Marchenko-Pastur law: what the eigenvalues of the training covariance follow when dimension and sample are large.

References: V. A. Marchenko and L. A. Pastur, Math. USSR Sbornik 1 (1967) 457-483; Levi, Beck and Bar Sinai, "Grokking
in Linear Estimators", eq. (6); Z. Bai and J. W. Silverstein, Spectral Analysis of Large Dimensional Random Matrices,
ch. 3.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from grokmath.functions.readings import Argument, plain, read, sympy_number
from grokmath.parameters import (
    ASPECT_RATIO,
    NONNEGATIVE,
    REAL,
    array_argument,
    domain_error,
    exact,
    is_array,
    is_symbolic,
    shown,
)

if TYPE_CHECKING:
    from grokmath.certified import Certified
    from grokmath.exact import Exact
    from grokmath.functions.marchenko_pastur_float64 import MarchenkoPasturFloat64

__all__ = ["MAX_MOMENT", "MarchenkoPastur"]

MAX_MOMENT = 100_000
"""Largest order of a moment, either way."""

_EXACT_MOMENT_BITS = 100_000
"""Rational moments up to about this size are computed exactly."""

_SMALLEST_FLOAT_RATIO = Fraction(1, 10**300)


class MarchenkoPastur:
    """The Marchenko-Pastur law of ratio lam = d_in/N_tr, with mean 1.

    Definition: for 0 < lam <= 1e6, nu has the density sqrt((nu_+ - x)(x - nu_-))/(2 pi lam x) on nu_- < x < nu_+,
    nu_-+ = (1 -+ sqrt(lam))**2, and for lam > 1 the atom 1 - 1/lam at 0. It is the limit law of the eigenvalues of
    X^T X/N_tr for d_in x N_tr data X of unit variance.

    ``lam`` is an exact number ("0.9", "9/10", Fraction, Decimal, int, SymPy rationals and real algebraic numbers; a
    float means its shortest decimal) or a SymPy symbol or expression. Every method has three readings: a SymPy
    expression where an argument or lam has a free symbol; with ``digits=n`` a :class:`Certified` number with n proved
    digits (an object array for arrays); else float64, for lam >= 1e-300, with x taken as the binary number it is.
    Outside the domain :class:`DomainError` is raised.

    Accuracy: ``digits`` are proved by ball arithmetic on closed forms; float64 is measured, not proved: 1e-14 relative
    (see docs/marchenko_pastur.md for each method).

    >>> from grokmath import MarchenkoPastur
    >>> law = MarchenkoPastur("1/2")
    >>> print(law.cdf(1, digits=30))
    0.576004215103868562020195129072
    >>> law.pdf(1.0)
    0.42108439934779235
    >>> MarchenkoPastur(2.5).atom, MarchenkoPastur(4).support
    (3/5, (1, 9))
    """

    def __init__(self, lam: Any) -> None:
        self.lam: Any = lam if is_symbolic(lam) else exact(lam, "lam", "MarchenkoPastur", ASPECT_RATIO)

    def __repr__(self) -> str:
        return f"MarchenkoPastur(lam={shown(str(self.lam))})"

    @property
    def atom(self) -> Any:
        """P(nu = 0) = max(0, 1 - 1/lam), an exact SymPy number or an expression in lam."""
        return self._expression("atom")()

    @property
    def support(self) -> tuple[Any, Any]:
        """The edges ((1 - sqrt(lam))**2, (1 + sqrt(lam))**2) of the density, exact SymPy numbers or expressions in lam.

        The atom at 0 that the law has for lam > 1 lies outside of it.
        """
        edges: tuple[Any, Any] = self._expression("edges")()
        return edges

    def pdf(self, x: Any, *, digits: int | None = None) -> Any:
        """The density at a real x: 0 outside the support and at its edges; the atom is not part of it.

        At lam = 1 the density diverges at x = 0: the value is infinite there (with ``digits``: a :class:`DomainError`).

        >>> from grokmath import MarchenkoPastur
        >>> print(MarchenkoPastur("0.9").pdf("1e-2", digits=20))
        2.9537907343843167777
        """
        return self._read("pdf", x, digits, self._certified_pdf)

    def cdf(self, x: Any, *, digits: int | None = None) -> Any:
        """P(nu <= x) at a real x, the atom included, with full relative accuracy near the lower edge.

        Method: an antiderivative of the density in two angles (inverse tangents), with ``digits`` at a precision that
        covers its cancellation; float64 by Gauss quadrature where it would cancel.

        >>> from grokmath import MarchenkoPastur
        >>> print(MarchenkoPastur(2).cdf(0, digits=5), MarchenkoPastur(1).cdf("1e-20", digits=20))
        0.50000 6.3661977236758134308e-11
        """
        return self._read("cdf", x, digits, self._certified_cdf)

    def sf(self, x: Any, *, digits: int | None = None) -> Any:
        """P(nu > x) = 1 - cdf(x) at a real x, with full relative accuracy near the upper edge.

        >>> from grokmath import MarchenkoPastur
        >>> print(MarchenkoPastur(1).sf("3.999999", digits=20))
        5.3051651676172555439e-11
        """
        return self._read("sf", x, digits, self._certified_sf)

    def moment(self, k: Any, *, digits: int | None = None) -> Any:
        """E[nu**k] for an integer k with |k| <= 100,000; for k < 0 only where it is finite, that is for lam < 1.

        E[nu**k] = sum_{j<k} binom(k, j) binom(k-1, j)/(j+1) lam**j (Narayana polynomials) for k >= 1, and
        E[nu**-k] = E[nu**(k-1)]/(1 - lam)**(2k-1), because nu -> (1-lam)**2/nu maps the support to itself. Positive
        terms, no truncation. In float64 a moment beyond 1.8e308 is inf. For a symbol lam the form at k < 0 holds for
        lam < 1 only.

        >>> from grokmath import MarchenkoPastur
        >>> MarchenkoPastur("1/2").moment(3), MarchenkoPastur("1/2").moment(-2, digits=3).exact
        (2.75, Fraction(8, 1))
        """
        if is_array(k):
            import numpy as np

            orders = array_argument(k, "k", "MarchenkoPastur.moment", "integers")
            values = np.empty(orders.shape, dtype=np.float64 if digits is None and self._numeric else object)
            for index in np.ndindex(orders.shape):
                values[index] = self.moment(orders[index], digits=digits)
            return values
        order = self._order(k)
        return read(
            "MarchenkoPastur.moment",
            [],
            digits,
            symbolic=lambda: self._expression("moment")(order),
            certified=lambda n: self._certified_moment(order, n),
            float64=lambda: self._float64_moment(order),
            parameters=[self.lam],
        )

    def stieltjes(self, z: Any, *, digits: int | None = None) -> Any:
        """The Stieltjes transform m(z) = E[1/(nu - z)] (this sign: m(z) ~ -1/z at infinity), atom included.

        ``z`` is complex, or real and not inside the support of the density; at an edge the value is the finite limit;
        not 0 where lam >= 1. A complex z gives a complex number (with ``digits`` a :class:`CertifiedComplex`).

        m is the root of lam z m**2 + (z + lam - 1) m + 1 = 0 with
        m = 2/(1 - lam - z - sqrt(z - nu_-) sqrt(z - nu_+)), computed in the form that does not cancel.

        >>> from grokmath import MarchenkoPastur
        >>> print(MarchenkoPastur("1/2").stieltjes("-1/10", digits=20))
        1.4833147735478827712
        >>> print(MarchenkoPastur("1/2").stieltjes(1 + 2j, digits=10))
        -0.009051189409 + 0.4509913848*I
        """
        return read(
            "MarchenkoPastur.stieltjes",
            [Argument("z", z, REAL, is_complex=True)],
            digits,
            symbolic=self._expression("stieltjes"),
            certified=self._certified_stieltjes,
            float64=self._float64_stieltjes,
            parameters=[self.lam],
        )

    def laplace(self, s: Any, *, digits: int | None = None) -> Any:
        """The Laplace transform G(s) = E[exp(-s nu)], s >= 0: the generalization loss at s = 4 eta t.

        G = (1 - 1/lam) Q_1(sqrt(2 lam s), sqrt(2 s)) + exp(-(1+lam) s) [I_0(x)/lam + I_1(x)/sqrt(lam)],
        x = 2 sqrt(lam) s, with Marcum's Q and the modified Bessel functions.

        >>> from grokmath import MarchenkoPastur
        >>> print(MarchenkoPastur("1/2").laplace(8, digits=20))
        0.048861865941753593036
        """
        return read(
            "MarchenkoPastur.laplace",
            [Argument("s", s, NONNEGATIVE)],
            digits,
            symbolic=self._expression("laplace"),
            certified=self._certified_laplace,
            float64=lambda points: self._laplace_float64.gen_loss(points),
            parameters=[self.lam],
        )

    def rvs(self, size: Any = None, *, rng: Any = None) -> Any:
        """Independent draws of nu, the atom included: a float for ``size`` None, else an array of that shape.

        ``rng`` is an int, a ``SeedSequence`` or a ``Generator`` (None: fresh entropy). The same seed gives the same
        values with the same version of NumPy. Method: nu = nu_- + 4 sqrt(lam) y, y drawn by rejection from Beta(1/2,
        3/2) where lam is near 1 and from Beta(3/2, 3/2) elsewhere; exact, with at least 38 % accepted.

        >>> from grokmath import MarchenkoPastur
        >>> x = MarchenkoPastur("5/2").rvs(1000, rng=1)
        >>> x.shape, bool((x == MarchenkoPastur("5/2").rvs(1000, rng=1)).all())
        ((1000,), True)
        """
        if not self._numeric:
            exact(self.lam, "lam", "MarchenkoPastur.rvs")
        from grokmath.functions.marchenko_pastur_sampling import draw

        return draw(self._float64, size, rng)

    @property
    def _numeric(self) -> bool:
        return not is_symbolic(self.lam)

    def _expression(self, name: str) -> Callable[..., Any]:
        """The symbolic form of that name, at this law's lam; SymPy is imported when it is called."""

        def form(*arguments: Any) -> Any:
            from grokmath.functions import marchenko_pastur_symbolic

            lam = sympy_number(self.lam) if self._numeric else self.lam
            return getattr(marchenko_pastur_symbolic, name)(*arguments, lam)

        return form

    # The readings of the density and the distribution function.

    def _read(self, name: str, x: Any, digits: int | None, certified: Callable[..., Certified]) -> Any:
        return read(
            f"MarchenkoPastur.{name}",
            [Argument("x", x, REAL)],
            digits,
            symbolic=self._expression(name),
            certified=certified,
            float64=lambda points: plain(getattr(self._float64, name)(points)),
            parameters=[self.lam],
        )

    def _certified_pdf(self, x: Exact, digits: int) -> Certified:
        from grokmath.certified import Certified, certify
        from grokmath.functions import marchenko_pastur_certified as kernels

        name = "MarchenkoPastur.pdf"
        if self.lam == 1 and x == 0:
            raise domain_error(name, "x", 0, "x other than 0 for lam = 1", "the density is infinite there")
        if kernels.place(x, self.lam) != kernels.INSIDE:
            return Certified.from_exact(0, digits)
        return certify(lambda: kernels.pdf_ball(x, self.lam), digits, function=name, method="closed form")

    def _certified_cdf(self, x: Exact, digits: int) -> Certified:
        return self._certified_distribution("cdf", x, digits)

    def _certified_sf(self, x: Exact, digits: int) -> Certified:
        return self._certified_distribution("sf", x, digits)

    def _certified_distribution(self, name: str, x: Exact, digits: int) -> Certified:
        from grokmath.certified import Certified, certify
        from grokmath.exact import ball
        from grokmath.functions import marchenko_pastur_certified as kernels

        lam, lower = self.lam, name == "cdf"
        place = kernels.place(x, lam)
        if place == kernels.INSIDE:
            atom = (lam - 1) / lam if lower and lam > 1 else Fraction(0)
            kernel = kernels.cdf_ball if lower else kernels.sf_ball
            return certify(
                lambda: kernel(x, lam) + ball(atom),
                digits,
                function=f"MarchenkoPastur.{name}",
                method="closed form",
                guard=kernels.bits_lost(x, lam),
            )
        if place == kernels.ABOVE or x < 0:
            return Certified.from_exact(int((place == kernels.ABOVE) == lower), digits)
        atom = (lam - 1) / lam if lam > 1 else Fraction(0)
        return Certified.from_exact(atom if lower else 1 - atom, digits)

    # The readings of the moments.

    def _order(self, k: Any) -> int:
        """The order of a moment, checked."""
        wanted = f"an integer with |k| <= {MAX_MOMENT}"
        if isinstance(k, bool) or not isinstance(k, numbers.Integral) or abs(int(k)) > MAX_MOMENT:
            raise domain_error("MarchenkoPastur.moment", "k", k, wanted, "choose a whole number in this range")
        if int(k) < 0 and self._numeric and self.lam >= 1:
            raise domain_error(
                "MarchenkoPastur.moment", "k", k, "k >= 0 for lam >= 1", "the moment is infinite: choose lam < 1"
            )
        return int(k)

    def _certified_moment(self, k: int, digits: int) -> Certified:
        from grokmath.certified import Certified, certify
        from grokmath.functions import marchenko_pastur_certified as kernels

        lam = self.lam
        if isinstance(lam, Fraction) and abs(k) * (lam.numerator.bit_length() + lam.denominator.bit_length()) < (
            _EXACT_MOMENT_BITS
        ):
            value = kernels.moment_exact(k if k >= 0 else -k - 1, lam)
            return Certified.from_exact(value if k >= 0 else value / (1 - lam) ** (-2 * k - 1), digits)
        return certify(lambda: self._moment_ball(k), digits, function="MarchenkoPastur.moment", method="Narayana sum")

    def _moment_ball(self, k: int) -> Any:
        from grokmath.functions import marchenko_pastur_certified as kernels

        return kernels.moment_ball(k, self.lam) if k >= 0 else kernels.inverse_moment_ball(-k, self.lam)

    def _float64_moment(self, k: int) -> float:
        from grokmath.exact import working_precision
        from grokmath.functions.double_double import nearest_double

        bits = 128
        while True:
            with working_precision(bits):
                value = self._moment_ball(k)
                if value.rel_accuracy_bits() >= 60:
                    return nearest_double(value)
            bits *= 2

    # The readings of the two transforms.

    def _certified_stieltjes(self, z: tuple[Exact, Exact], digits: int) -> Any:
        from grokmath.certified import certify
        from grokmath.certified_complex import certify_complex
        from grokmath.functions import marchenko_pastur_certified as kernels

        name, method = "MarchenkoPastur.stieltjes", "root of the quadratic"
        x, y = z
        if y != 0:
            return certify_complex(lambda: kernels.stieltjes_acb(z, self.lam), digits, function=name, method=method)
        if kernels.place(x, self.lam) == kernels.INSIDE or (x == 0 and self.lam >= 1):
            raise self._on_the_spectrum(x)
        return certify(lambda: kernels.stieltjes_ball(x, self.lam), digits, function=name, method=method)

    def _float64_stieltjes(self, z: Any) -> Any:
        import numpy as np

        value = self._float64.stieltjes(z)
        if np.isnan(value).any():
            raise self._on_the_spectrum(np.asarray(z)[np.isnan(value)].flat[0].item())
        return plain(value)

    def _on_the_spectrum(self, z: Any) -> Exception:
        wanted = "a complex number, or a real one off the spectrum"
        remedy = "the transform has a cut on the support and, for lam > 1, a pole at 0: move z off the real axis"
        return domain_error("MarchenkoPastur.stieltjes", "z", z, wanted, remedy)

    def _certified_laplace(self, s: Exact, digits: int) -> Certified:
        from grokmath.certified import Certified, certify
        from grokmath.exact import ball
        from grokmath.functions.laplace_certified import laplace_ball
        from grokmath.functions.marchenko_pastur_certified import log2

        if s == 0:
            return Certified.from_exact(1, digits)
        return certify(
            lambda: laplace_ball(ball(s), self.lam),
            digits,
            function="MarchenkoPastur.laplace",
            log_form="LinearTeacherStudent.log_gen_loss",
            guard=max(0, log2(s) + 2 * log2(1 - self.lam)) if self.lam < 1 else 0,  # the bits of the exponent
        )

    @cached_property
    def _float64(self) -> MarchenkoPasturFloat64:
        from grokmath.functions.marchenko_pastur_float64 import MarchenkoPasturFloat64

        if self.lam < _SMALLEST_FLOAT_RATIO:
            wanted = "1e-300 <= lam in float64"
            raise domain_error("MarchenkoPastur", "lam", str(self.lam), wanted, "ask for digits to go below")
        return MarchenkoPasturFloat64(self.lam)

    @cached_property
    def _laplace_float64(self) -> Any:
        from grokmath.functions.laplace_float64 import LaplaceFloat64

        return LaplaceFloat64(self.lam)
