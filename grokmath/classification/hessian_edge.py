"""The least eigenvalue of the loss's Hessian at the inseparable minimiser, and the exponent with which S relaxes.

At S_inf the Hessian of the exponential loss without its bias is (1/N) sum D_i x_i x_i^T with D = e^u = w/gamma. Taking
the weights D_i as independent of the Gaussian x_i, its spectrum is of Marchenko and Pastur's generalised kind, and its
lower edge, at sigma = 1, is

    lambda_min = max over x > 0 of -lam/x + E[D/(1 + x D)].

With x = gamma Y the maximum lies where E[q**2] = lam, q = Y w/(1 + Y w), and there lambda_min = (E[q] - lam)/(gamma Y).
The left side of that equation increases in Y from 0 and exceeds lam for large Y, so that Y is unique; Y > 1 because
q**2 at Y = 1 lies below w/(1 + w), whose mean is lam. The independence is heuristic (as is the minimiser's own law);
the equations are solved with proved digits.
"""

from __future__ import annotations

from flint import arb

from grokmath.classification.minimizer_norm import InseparableMinimizer
from grokmath.classification.output_moments import Integrand, output_moments
from grokmath.exact import ball
from grokmath.roots import DecreasingRoot, Start


class HessianEdge:
    """lambda_min at sigma = 1 for one minimiser, enclosed to the working precision on demand."""

    def __init__(self, minimizer: InseparableMinimizer, function: str = "hessian_edge") -> None:
        self._minimizer = minimizer
        self._root = DecreasingRoot(lambda Y: 1 - self._moments(Y)[1] / ball(minimizer.lam), self._start, function)

    def enclose(self) -> arb:
        """A ball for lambda_min at flint's precision."""
        Y = self._root.enclose()
        first, _ = self._moments(Y)
        return (first - ball(self._minimizer.lam)) * (-self._minimizer.enclose().log_gamma).exp() / Y

    def relaxation_rate(self) -> arb:
        """lambda_min over the minimal loss: the exponent theta at sigma = 1."""
        return self.enclose() / self._minimizer.minimal_loss()

    def _start(self) -> Start:
        Y = 1 / ball(self._minimizer.lam).sqrt() + arb(0.8)
        return Start(Y, -1 / Y)

    def _moments(self, Y: arb) -> list[arb]:
        """E[q] and E[q**2]. On the strip |q| <= min(1, Y |w|) over the denominators, so |q (1 + w)| and |q**2 (1 + w)|
        <= (Y + 1) |w| over them; for small R, where q**2 is about (Y w)**2, another bound of that is the sharper one.
        """
        point = self._minimizer.enclose()
        squared = (Y + 1, 0, 0) if point.norm > 1 else (0, Y * Y, Y * Y)
        return output_moments(
            point.norm,
            point.log_gamma,
            [
                Integrand(lambda w: Y * w * (1 + w) / (1 + Y * w), (Y + 1, 0, 0), Y, 1),
                Integrand(lambda w: (Y * w / (1 + Y * w)) ** 2 * (1 + w), squared, Y, 2),
            ],
        )
