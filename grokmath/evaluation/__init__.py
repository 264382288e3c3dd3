"""Certified values of closed SymPy expressions.

:mod:`~grokmath.evaluation.balls` is the vocabulary and the walk along an expression's tree, at one precision;
:mod:`~grokmath.evaluation.value` raises the precision until the digits are proved.
"""

from grokmath.evaluation.balls import KNOWN, Number, Unresolved, enclosure, vocabulary
from grokmath.evaluation.value import evaluate

__all__ = ["KNOWN", "Number", "Unresolved", "enclosure", "evaluate", "vocabulary"]
