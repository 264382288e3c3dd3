"""Strategies for whole models, every knob included."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from grokmath.classification.two_point import TwoPointModel
from grokmath.parameters import domain_error
from grokmath.regression.knobs import CONVENTIONS
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.testing.parameters import (
    aspect_ratios,
    fixed_or,
    initial_scales,
    label_noises,
    learning_rates,
    output_counts,
    weight_decays,
)
from grokmath.testing.rationals import between, rationals

__all__ = ["linear_models", "two_point_models"]


def linear_models(regime: str = "any", **parameters: Any) -> st.SearchStrategy[LinearTeacherStudent]:
    """:class:`grokmath.LinearTeacherStudent` with all its knobs, each at its default now and then.

    ``regime`` is that of :func:`aspect_ratios`. ``parameters`` replace what a parameter of the model is drawn from, by
    one value or a strategy: ``linear_models("under", eta="1/4", label_noise=0)``.

    >>> from grokmath.testing import linear_models
    >>> from hypothesis import find
    >>> find(linear_models("over"), lambda model: model.knobs.noise > 0)
    LinearTeacherStudent(lam=2, eta=1, label_noise=1)
    """
    defaults: dict[str, st.SearchStrategy[Any]] = {
        "lam": aspect_ratios(regime),
        "eta": learning_rates(),
        "d_out": output_counts(),
        "weight_decay": st.one_of(st.just(Fraction(0)), weight_decays()),
        "init_scale": st.one_of(st.just(Fraction(1)), st.just(Fraction(0)), initial_scales()),
        "label_noise": st.one_of(st.just(Fraction(0)), label_noises()),
        "decay_convention": st.sampled_from(CONVENTIONS),
        "noise_model": st.just("exact"),
    }
    return _built("linear_models", LinearTeacherStudent, defaults, parameters)


def two_point_models(regime: str = "any", **parameters: Any) -> st.SearchStrategy[TwoPointModel]:
    """:class:`grokmath.TwoPointModel`: lam in [0, 1] by regime, the ends and their neighbours among them, any start.

    ``parameters`` as for :func:`linear_models`.

    >>> from grokmath.testing import two_point_models
    >>> from hypothesis import find
    >>> find(two_point_models("critical"), lambda model: model.S0 < 0)
    TwoPointModel(lam=0.5, eta=1, sigma=1, S0=-1, b0=0)
    """
    ratios = [aspect_ratios(regime, "classification", smallest="1e-12")]
    zero, one = st.just(Fraction(0)), st.just(Fraction(1))
    if regime in ("under", "any"):
        ratios.append(zero)
    if regime in ("over", "any"):
        ratios += [one, between(Fraction(1, 10**12), Fraction(1, 10)).map(lambda gap: 1 - gap)]
    defaults: dict[str, st.SearchStrategy[Any]] = {
        "lam": st.one_of(*ratios),
        "eta": learning_rates(),
        "sigma": between(Fraction(1, 10), Fraction(10)),
        "S0": st.one_of(zero, rationals(-3, 5)),
        "b0": st.one_of(zero, rationals(-3, 3)),
    }
    return _built("two_point_models", TwoPointModel, defaults, parameters)


def _built(
    function: str, model: type[Any], defaults: dict[str, st.SearchStrategy[Any]], parameters: dict[str, Any]
) -> st.SearchStrategy[Any]:
    for name, value in parameters.items():
        if name not in defaults:
            raise domain_error(function, name, value, ", ".join(defaults), "name parameters of the model")
    drawn = {name: fixed_or(parameters.get(name), default) for name, default in defaults.items()}
    return st.builds(model, **drawn)
