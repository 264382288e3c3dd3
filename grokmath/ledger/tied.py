"""What the verdict "Proved" may not claim: which functions stand for the model by a theorem, and what is only measured.

A derivation that starts at an average over the Marchenko-Pastur law proves something about that average; that it is the
limit of a loss of the model is the theorem. The same holds of the other functions of the vocabulary named here, so a
record whose claims use one is at best "Proved given" the theorem. Of an asymptotic law a derivation proves the law: the
order and the constant of its error, where the record states them, are measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sympy

if TYPE_CHECKING:
    from grokmath.ledger.record import Claim

__all__ = ["THEOREM_OF", "measured", "sides", "tied"]

THEOREM_OF = {
    "MeanMP": "marchenko_pastur",
    "ExcessMP": "marchenko_pastur",
    "TrainTime": "marchenko_pastur",
    "GenTime": "marchenko_pastur",
    "Delay": "marchenko_pastur",
    "PositivePart": "gardner",
    "LargestMargin": "gardner",
    "MinimizerNorm": "minimizer_law",
    "PositiveFraction": "minimizer_law",
    "BetaHalf": "wendel",
}
"""By the name of the function, the key of the theorem of the closed list that ties it to the model."""


def sides(claim: Claim) -> list[Any]:
    """The expressions of a claim."""
    names = ("reference", "formula", "less", "more", "mean")
    return [sympy.S(getattr(claim, name)) for name in names if getattr(claim, name, None) is not None]


def tied(claims: Iterable[Claim]) -> tuple[str, ...]:
    """The keys of the theorems that tie the functions of the claims to the model, each once."""
    found: dict[str, None] = {}
    for claim in claims:
        for side in sides(claim):
            for part in sympy.preorder_traversal(side):
                key = THEOREM_OF.get(type(part).__name__)
                if key is not None:
                    found[key] = None
    return tuple(found)


def measured(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Which of "order" and "constant" of an error some claim states; no derivation proves them."""
    claims = list(claims)
    return tuple(name for name in ("order", "constant") if any(getattr(c, name, None) is not None for c in claims))
