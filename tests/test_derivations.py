"""The derivations: each reaches its statement from the model's definition, with the pinned numbers of cited and
numerical steps.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import mpmath
import pytest
import sympy as sp

from grokmath.proof import Asymptotic, RefusedStep, Tends, counts, render, rewrite, steps

ROOT = Path(__file__).parent.parent
FOLDERS = {paper: ROOT / "derivations" / paper for paper in ("levi2023", "beck2024")}
FOLDER = FOLDERS["levi2023"]
sys.path.insert(0, str(ROOT))

CITED = {
    "crossing_times": 0,
    "eq01_model": 0,
    "eq04_07_flow": 0,
    "eq11_critical": 0,
    "eq11_delay": 0,
    "finite_size_mean": 4,
    "busy_period": 0,
    "eq01_start": 0,
    "eq04_descent": 0,
    "eq08_finite_size": 6,
    "eq11_maximum": 0,
    "fig1_order": 0,
    "eq11_small_ratio": 0,
    "eq11_expansion": 0,
    "eq11_monotone_delay": 0,
    "eq12_loss": 0,
    "eq12_outputs": 0,
    "eq12_threshold": 0,
    "eq12_maximum": 0,
    "eq08_regularized": 0,
    "eq17_lazy": 0,
    "eq17_two_layers": 0,
    "eq25_first_correction": 0,
    "eq25_second_correction": 0,
    "eq25_series": 0,
    "eq25_iterated_logs": 0,
    "eq37_decay_means": 0,
    "bessel_integral": 0,
    "duality": 0,
    "eq05_08_losses": 1,
    "eq06_total_mass": 0,
    "eq08_gen_loss": 1,
    "eq11_start": 0,
    "eq14_closed_forms": 0,
    "eq15_both_plateaus": 0,
    "eq15_threshold": 0,
    "eq15_time": 0,
    "eq20_closed_slope": 2,
    "eq26_27_given_data": 0,
    "eq26_27_noisy_modes": 1,
    "eq27_noise_kernel": 0,
    "eq28_late_noise": 0,
    "modular_addition": 0,
    "prediction_condition": 0,
    "ridge_root": 0,
    "eq08_train_loss": 1,
    "eq09_accuracy": 0,
    "eq10_late_time_losses": 1,
    "eq14_weight_decay": 1,
    "eq15_plateaus": 1,
    "eq15_small_decay": 0,
    "eq20_slope": 2,
    "eq22_uniform_form": 1,
    "eq23_24_lambert": 0,
    "eq28_label_noise": 0,
    "marcum_derivatives": 0,
    "plateau": 1,
    "ridge_transform": 0,
}
CITED_OF_SECOND = {
    "flow_for_data": 0,
    "eq03_population_loss": 0,
    "eq09_separator": 0,
    "eq18_bias_bound": 0,
    "eq46_labels": 0,
    "eq04_accuracy": 0,
    "eq14_wendel": 8,
    "eq15_gaussian": 0,
    "eq16_step": 0,
    "eq10_bias": 0,
    "eq52_discriminative": 0,
    "gaussian_lemmas": 0,
    "margin_law": 0,
    "margin_series": 2,
    "minimizer_growth": 0,
    "minimizer_integrals": 0,
    "minimizer_law": 4,
    "minimizer_limits": 4,
    "minimizer_series": 0,
    "prop34_growth": 0,
    "thm1_separator": 2,
    "two_point": 0,
    "late_separable": 0,
    "prop31_converse": 0,
    "separable_offset": 0,
    "two_point_along": 0,
    "two_point_flow": 0,
    "two_point_solution": 0,
    "two_point_table": 0,
    "two_point_times": 0,
    "almost_separable": 0,
    "appendix_d": 0,
}
ALL = [("levi2023", name, n) for name, n in CITED.items()] + [
    ("beck2024", name, n) for name, n in CITED_OF_SECOND.items()
]
REACHED = {
    "levi2023:1-start",
    "levi2023:11-maximum",
    "levi2023:11-noise-dynamics",
    "levi2023:26",
    "levi2023:27",
    "levi2023:4-descent",
    "levi2023:5-sphere",
    "levi2023:8-size",
    "levi2023:8-busy-period",
    "levi2023:8-parameters",
    "levi2023:fig1",
    "levi2023:11-vanishes",
    "levi2023:11-small",
    "beck2024:2",
    "beck2024:7",
    "beck2024:8",
    "beck2024:10",
    "beck2024:10-bias",
    "beck2024:17",
    "beck2024:42",
    "beck2024:43",
    "beck2024:47",
    "beck2024:48",
    "beck2024:49",
    "beck2024:50",
    "beck2024:51",
    "levi2023:42-accuracy",
    "levi2023:11-start-unchanged",
    "levi2023:25-order",
    "levi2023:11-divergence",
    "levi2023:11",
    "levi2023:12-limit",
    "levi2023:12-maximum",
    "levi2023:8-regularized",
    "levi2023:12-gamma",
    "levi2023:12-accuracy",
    "levi2023:12-loss",
    "levi2023:5-condition",
    "levi2023:11-start-threshold",
    "levi2023:9-percent",
    "levi2023:11-uniform",
    "levi2023:10-regime",
    "levi2023:11-expansion",
    "levi2023:24-large",
    "levi2023:25",
    "levi2023:G-parameters",
    "levi2023:G-ratio",
    "levi2023:G-fraction",
    "levi2023:1",
    "levi2023:2",
    "levi2023:3",
    "levi2023:4",
    "levi2023:5",
    "levi2023:7",
    "levi2023:13",
    "levi2023:17-D",
    "levi2023:17-h",
    "levi2023:17-rate",
    "levi2023:17-lazy",
    "levi2023:17-start",
    "levi2023:18",
    "levi2023:18-start",
    "levi2023:29",
    "levi2023:30",
    "levi2023:31",
    "levi2023:32",
    "levi2023:34",
    "levi2023:36",
    "levi2023:37",
    "levi2023:39",
    "levi2023:40",
    "levi2023:41",
    "levi2023:41-hessian",
    "levi2023:42-loss",
    "levi2023:6",
    "levi2023:8-closed-gen",
    "levi2023:8-closed-train",
    "levi2023:8-plateau",
    "levi2023:8-vanish",
    "levi2023:9",
    "levi2023:9-threshold",
    "levi2023:9-variance",
    "levi2023:10-gen",
    "levi2023:10-train",
    "levi2023:11-start-loss",
    "levi2023:14",
    "levi2023:14-closed",
    "levi2023:15-below",
    "levi2023:15-gen",
    "levi2023:15-over",
    "levi2023:15-threshold",
    "levi2023:15-time",
    "levi2023:20",
    "levi2023:26-modes",
    "levi2023:27-closed",
    "levi2023:27-modes",
    "levi2023:28-bound",
    "levi2023:28-perfect",
    "levi2023:15-train",
    "levi2023:18-over",
    "levi2023:19",
    "levi2023:21",
    "levi2023:22",
    "levi2023:22-over",
    "levi2023:23",
    "levi2023:24",
    "levi2023:25-text",
    "levi2023:28",
    "levi2023:33",
    "levi2023:35",
    "levi2023:38",
    "beck2024:27",
    "beck2024:28",
    "beck2024:30",
    "beck2024:31",
    "beck2024:32",
    "beck2024:12",
    "beck2024:13",
    "beck2024:19",
    "beck2024:20",
    "beck2024:21",
    "beck2024:22",
    "beck2024:23",
    "beck2024:24",
    "beck2024:25",
    "beck2024:26",
    "beck2024:26-logistic",
    "beck2024:29",
    "beck2024:33",
    "beck2024:34",
    "beck2024:35",
    "beck2024:36",
    "beck2024:36-time",
    "beck2024:37",
    "beck2024:38",
    "beck2024:39",
    "beck2024:39-fixed",
    "beck2024:40",
    "beck2024:41",
    "beck2024:E4",
    "beck2024:E4-constant",
    "beck2024:60",
    "beck2024:61",
    "beck2024:62",
    "beck2024:63",
    "beck2024:64",
    "beck2024:65",
    "beck2024:66",
    "beck2024:67",
    "beck2024:68",
    "beck2024:69",
    "beck2024:prop3.1-converse",
    "beck2024:prop3.5",
    "beck2024:table1-critical",
    "beck2024:table1-inseparable",
    "beck2024:table1-separable",
    "beck2024:44",
    "beck2024:3",
    "beck2024:4",
    "beck2024:11-margin",
    "beck2024:14",
    "beck2024:15",
    "beck2024:16",
    "beck2024:52",
    "beck2024:53",
    "beck2024:54",
    "beck2024:55",
    "beck2024:56",
    "beck2024:57",
    "beck2024:58",
    "beck2024:59",
    "beck2024:prop3.1",
    "beck2024:prop3.2-inseparable",
    "beck2024:prop3.3",
    "beck2024:prop3.4",
    "beck2024:prop3.4-law",
    "beck2024:E1-fraction",
    "beck2024:9",
    "beck2024:18",
    "beck2024:45",
    "beck2024:46",
    "beck2024:thm1",
    "beck2024:prop3.2-separable",
}
"""The records whose claims a derivation reaches by structure."""
t, eta, lam, s = sp.symbols("t eta lam s", positive=True)
L_tr, L_gen = (sp.Function(name)(t, eta, lam) for name in ("L_tr", "L_gen"))


def module(name, paper="levi2023"):
    return importlib.import_module(f"derivations.{paper}.{name}")


def test_every_file_is_listed_here():
    for paper, names in (("levi2023", CITED), ("beck2024", CITED_OF_SECOND)):
        assert sorted(names) == sorted(path.stem for path in FOLDERS[paper].glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize(("paper", "name", "cited"), ALL)
def test_each_derivation_ends_and_counts_what_it_cites(paper, name, cited):
    part = module(name, paper)
    fact = part.derivation()
    tally = counts(fact)
    assert tally["numerical"] == 0
    assert tally["cited"] == cited
    assert tally["proved"] == len(steps(fact)) - tally["cited"] - tally["definition"]
    assert part.TITLE
    assert part.ID
    for derived in part.DERIVES.values():
        assert counts(derived())["numerical"] == 0
        assert counts(derived())["cited"] <= max(2, cited)
    assert render(fact, part.TITLE).rstrip().endswith(".")


def reaching():
    from grokmath.ledger import records
    from grokmath.ledger.derivations import entries, fact, reaches

    known = {record.id: record for record in records()}
    return {name for name in entries() if name in known and reaches(fact(name), known[name])}


def test_which_derivations_end_at_the_ledger_s_claims():
    assert reaching() == REACHED


def test_an_altered_claim_is_not_reached():
    """Another constant, another point of a limit, one claim more, a regime outside of what was proved: each is seen."""
    from dataclasses import replace

    from grokmath.ledger import find
    from grokmath.ledger.derivations import fact, reaches
    from grokmath.ledger.levi2023.forms import OVER

    def with_claims(record, *claims):
        return replace(record, printed=claims, corrected=())

    for name in ("levi2023:19", "levi2023:6", "beck2024:31", "levi2023:21", "levi2023:8-plateau"):
        record, last = find(name), fact(name)
        claims = record.claims
        assert reaches(last, with_claims(record, *claims))
        first = claims[0]
        assert not reaches(
            last, with_claims(record, replace(first, formula=first.formula * (1 + sp.Rational(1, 10**20))))
        )
        assert not reaches(last, with_claims(record, *claims, replace(first, reference=first.reference + 1)))
        assert not reaches(last, with_claims(record))
    mass = find("levi2023:6")
    assert not reaches(fact("levi2023:6"), with_claims(mass, replace(mass.claims[0], regimes=(OVER,))))
    late = find("levi2023:21")
    assert not reaches(fact("levi2023:21"), with_claims(late, replace(late.claims[0], point=sp.S.Zero)))


def test_several_facts_stay_several():
    from grokmath.proof import combine, together

    one, two = module("eq06_total_mass").under(), module("eq06_total_mass").over()
    both = together(one, two)
    assert str(both) == f"{one}; {two}"
    for wrong in (lambda: together(one), lambda: together(both, one)):
        with pytest.raises(RefusedStep):
            wrong()
    with pytest.raises(RefusedStep):
        combine(sp.Eq(lam, 1, evaluate=False), [(1, both)])


@pytest.mark.parametrize(
    "path", sorted(path for folder in FOLDERS.values() for path in folder.glob("*.py")), ids=lambda path: path.stem
)
def test_derivations_import_the_kernel_and_nothing_that_evaluates(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module in {"__future__", "functools", "collections.abc", "grokmath.proof"}
        if isinstance(node, ast.Attribute):
            assert node.attr not in {
                "evalf",
                "n",
                "subs",
                "simplify",
                "limit",
                "series",
                "integrate",
                "doit",
                "lambdify",
                "N",
            }


def test_a_derivation_runs_as_a_script():
    done = subprocess.run(
        [sys.executable, str(FOLDER / "eq08_train_loss.py")], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not done.stderr
    assert done.stdout.startswith("The train loss in closed form")
    assert "L_tr(t, eta, lam) = " in done.stdout


def test_what_is_reached():
    at = {s: 4 * eta * t}
    train = sp.exp(-(1 + lam) * s) * sp.besseli(1, 2 * sp.sqrt(lam) * s) / (sp.sqrt(lam) * s)
    assert module("eq08_train_loss").derivation().statement == sp.Eq(L_tr, train.subs(at), evaluate=False)
    gen = (1 - 1 / lam) * sp.marcumq(1, sp.sqrt(2 * lam * s), sp.sqrt(2 * s)) + sp.exp(-(1 + lam) * s) * (
        sp.besseli(0, 2 * sp.sqrt(lam) * s) / lam + sp.besseli(1, 2 * sp.sqrt(lam) * s) / sp.sqrt(lam)
    )
    assert module("eq08_gen_loss").derivation().statement == sp.Eq(L_gen, gen.subs(at), evaluate=False)
    assert module("eq20_slope").derivation().statement == sp.Eq(
        sp.Derivative(L_gen, t), -4 * eta * L_tr, evaluate=False
    )
    assert module("plateau").derivation().statement == Tends(L_gen, t, sp.oo, sp.Max(0, 1 - 1 / lam))
    late = sp.exp(-4 * eta * (1 - sp.sqrt(lam)) ** 2 * t) / (
        16 * sp.sqrt(sp.pi) * lam ** sp.Rational(3, 4) * (eta * t) ** sp.Rational(3, 2)
    )
    assert module("eq10_late_time_losses").derivation().statement == Asymptotic(L_tr, late, t, sp.oo)
    other = module("eq10_late_time_losses").gen_derivation().statement
    assert other == Asymptotic(L_gen - sp.Max(0, 1 - 1 / lam), late / (1 - sp.sqrt(lam)) ** 2, t, sp.oo)


def test_the_losses_agree_with_the_package():
    from grokmath.functions.laplace_symbolic import laplace_expression, train_expression

    gen, train = module("eq08_gen_loss").closed_form, module("eq08_train_loss").closed_form
    assert rewrite(gen, laplace_expression(s, lam))
    assert rewrite(train, train_expression(s, lam))


def test_bounds_hold_where_they_are_evaluated():
    """A check of the kernel from outside: every bound that it proved, at points, in ball arithmetic."""
    from grokmath import evaluate

    late, uniform = module("eq10_late_time_losses"), module("eq22_uniform_form")
    gen = module("eq08_gen_loss").closed_form
    points = [(sp.Rational(1, 2), 3), (sp.Rational(9, 10), sp.Rational(1, 5)), (sp.Rational(5, 2), 20), (1, 7)]
    for ratio, time in points:
        at = {lam: sp.S(ratio), s: sp.S(time)}
        train = evaluate(late.L.subs(at), 30)
        for order in (1, 2):
            below, above = late.train_bounds(order)
            assert evaluate(below.lhs.subs(at), 30) < train < evaluate(above.rhs.subs(at), 30)
        rest = gen.subs(at) - sp.Max(0, 1 - 1 / at[lam])
        below, above = uniform.bounds()
        assert below.rhs == above.lhs
        assert evaluate(below.lhs.subs(at), 30) < evaluate(rest, 30) < evaluate(above.rhs.subs(at), 30)


def test_proved_integrals_agree_with_quadrature():
    """Lemmas that the kernel proved, against mpmath's quadrature of their left sides, to 12 digits."""
    context = mpmath.MPContext()
    ridge, plateaus = module("ridge_transform"), module("eq15_plateaus")
    p, q, lam_, decay = ridge.p, ridge.q, plateaus.lam, plateaus.gamma
    cases = [
        (module("bessel_integral").derivation(), {sp.Symbol("x", positive=True): sp.Rational(7, 3)}),
        (ridge.busy_period(), {p: sp.Integer(2), q: sp.Rational(1, 3)}),
        (plateaus.first_moment(), {p: sp.Integer(3), lam_: sp.Rational(5, 2)}),
        (plateaus.second_moment(), {p: sp.Rational(3, 2), lam_: sp.Rational(1, 2)}),
        (module("eq06_total_mass").under(), {lam_: sp.Rational(1, 3)}),
        (module("eq28_late_noise").inverse_mean(), {lam_: sp.Rational(1, 3)}),
        (module("eq15_both_plateaus").train_value(), {lam_: sp.Rational(1, 2), decay: sp.Rational(1, 5)}),
        (module("eq15_both_plateaus").train_value(), {lam_: sp.Rational(5, 2), decay: sp.Rational(1, 5)}),
    ]
    for fact, at in cases:
        integral = fact.lhs.xreplace(at)
        variable, *ends = integral.limits[0]
        integrand = sp.lambdify(variable, integral.function, "mpmath")
        ends = [context.inf if end == sp.oo else context.mpf(sp.N(end, 20)) for end in ends]
        value = context.mpf(sp.N(fact.rhs.xreplace(at), 20))
        assert abs(context.quad(lambda x, f=integrand: context.mpf(mpmath.re(f(x))), ends) / value - 1) < 1e-12


def test_mutated_statements_are_not_reached():
    """The last step of a derivation with its constant off by 10^-20."""
    known = module("eq08_train_loss").transform()
    wrong = known.rhs * (1 + sp.Rational(1, 10**20))
    with pytest.raises(RefusedStep):
        rewrite(known.lhs, wrong, using=[known])


def test_the_catalogue_names_every_derivation_once():
    from derivations import catalogue

    found = catalogue("levi2023")
    assert {
        "levi2023:8-size",
        "lemma:gen_loss",
        "levi2023:8-closed-gen",
        "levi2023:21",
        "levi2023:22",
        "levi2023:24",
    } <= set(found)
    assert found["levi2023:20"] is module("eq20_closed_slope").derivation
    assert sum(len(module(name).DERIVES) for name in CITED) == len(found)
