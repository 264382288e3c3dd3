"""A kit for property tests of formulas in this field: Hypothesis strategies, and assertions that shrink and explain.

Needs Hypothesis (the extra ``testing``). The strategies draw exact parameters of each model by regime, critical points
and their neighbours with noticeable probability, and shrink towards simple numbers. :func:`assert_identity` and
:func:`assert_asymptotic` try a statement of one's own on them with proved enclosures of both sides, and give the
simplest counterexample as a test ready to paste. See docs/testing.md.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401
except ImportError as error:  # pragma: no cover - tested in a fresh interpreter
    raise ImportError("grokmath.testing needs Hypothesis: pip install 'grokmath[testing]'") from error

from grokmath.testing.assertions import assert_asymptotic, assert_identity
from grokmath.testing.counterexamples import NotDecided, Refuted
from grokmath.testing.matrices import data_matrices
from grokmath.testing.models import linear_models, two_point_models
from grokmath.testing.parameters import (
    aspect_ratios,
    digit_counts,
    initial_scales,
    label_noises,
    learning_rates,
    output_counts,
    thresholds,
    times,
    weight_decays,
)
from grokmath.testing.rationals import rationals

__all__ = [
    "NotDecided",
    "Refuted",
    "aspect_ratios",
    "assert_asymptotic",
    "assert_identity",
    "data_matrices",
    "digit_counts",
    "initial_scales",
    "label_noises",
    "learning_rates",
    "linear_models",
    "output_counts",
    "rationals",
    "thresholds",
    "times",
    "two_point_models",
    "weight_decays",
]
