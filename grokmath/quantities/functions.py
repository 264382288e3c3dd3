"""The special functions of the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grokmath.quantities.quantity import Options, Quantity, function

_MARCUM: tuple[tuple[str, ...], Options] = ("a", "b"), {"m": "1"}
_BIVARIATE = ("h", "k", "rho")


def _law(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, **arguments: Any) -> Any:
        from grokmath.functions.marchenko_pastur import MarchenkoPastur

        return getattr(MarchenkoPastur(lam), reading)(**arguments)

    return compute


FUNCTIONS = {
    "marcum-q": Quantity(function("marcum_q"), *_MARCUM, "Marcum's Q_m(a, b)"),
    "marcum-p": Quantity(function("marcum_p"), *_MARCUM, "P_m(a, b) = 1 - Q_m(a, b), without cancellation"),
    "log-marcum-q": Quantity(function("log_marcum_q"), *_MARCUM, "natural logarithm of Q_m(a, b)"),
    "log-marcum-p": Quantity(function("log_marcum_p"), *_MARCUM, "natural logarithm of P_m(a, b)"),
    "lambert-w": Quantity(
        function("lambert_w"), ("x",), {"branch": "0"}, "Lambert's W_k(x), k the branch", integers=("branch",)
    ),
    "marchenko-pastur-pdf": Quantity(_law("pdf"), ("lam", "x"), {}, "density of the Marchenko-Pastur law at x"),
    "marchenko-pastur-cdf": Quantity(_law("cdf"), ("lam", "x"), {}, "distribution function, the atom at 0 included"),
    "marchenko-pastur-moment": Quantity(_law("moment"), ("lam", "k"), {}, "k-th moment", integers=("k",)),
    "owens-t": Quantity(function("owens_t"), ("h", "a"), {}, "Owen's T(h, a)"),
    "log-owens-t": Quantity(function("log_owens_t"), ("h", "a"), {}, "its natural logarithm, a > 0"),
    "bivariate-normal-cdf": Quantity(
        function("bivariate_normal_cdf"), _BIVARIATE, {}, "P(X <= h, Y <= k), standard normal with correlation rho"
    ),
    "log-bivariate-normal-cdf": Quantity(function("log_bivariate_normal_cdf"), _BIVARIATE, {}, "its natural logarithm"),
}
"""Entries of the registry."""
