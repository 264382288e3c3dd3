"""What ``grokmath eval`` can compute, as data: one entry a quantity.

Parameters have the names that they have in Python and are handed on as the text that was typed, which the library reads
and checks; only integers are converted before.
"""

from grokmath.quantities.classification import CLASSIFICATION
from grokmath.quantities.functions import FUNCTIONS
from grokmath.quantities.quantity import Quantity, flag
from grokmath.quantities.regression import REGRESSION

__all__ = ["QUANTITIES", "WORDS", "Quantity", "flag"]

QUANTITIES: dict[str, Quantity] = {**REGRESSION, **FUNCTIONS, **CLASSIFICATION}
"""What ``grokmath eval`` knows; a new quantity is one entry."""

WORDS = frozenset({"method", "criterion", "decay_convention", "noise_model"})
"""Parameters that are no numbers."""
