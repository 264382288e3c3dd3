"""The kernel itself: who can make facts, what its files may call, what a derivation says of itself."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest
import sympy as sp

from grokmath import GrokmathError
from grokmath.proof import (
    THEOREMS,
    Domain,
    Fact,
    RefusedStep,
    at_most_by_sign,
    change_variable,
    cite_marchenko_pastur,
    counts,
    define,
    derivative_of_equal,
    differentiate,
    equation,
    gamma_integral,
    integral_at_most,
    integral_limit,
    limit_at_infinity,
    marcum_definition,
    numerical,
    render,
    rewrite,
    steps,
    where,
)

PACKAGE = Path(__file__).parent.parent / "grokmath" / "proof"
FORBIDDEN = {
    *("simplify", "equals", "nsimplify", "is_zero", "limit", "limit_seq", "series", "rsolve", "integrate", "summation"),
    *("doit", "evalf", "diff", "subs", "solve", "dsolve", "sympify", "lambdify", "expand_func", "hyperexpand"),
    *("gammasimp", "combsimp", "trigsimp"),
}
x, lam, s = sp.symbols("x lam s", positive=True)
nu = sp.Symbol("nu", nonnegative=True)
f = sp.Function("f")


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_no_rule_asks_sympy_to_discover(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            assert node.attr not in FORBIDDEN, f"line {node.lineno}: .{node.attr}"
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sympy"):
            assert {alias.name for alias in node.names} <= {"AppliedUndef"}
    assert len(path.read_text().splitlines()) <= 450


def test_facts_come_from_rules_only():
    fact = rewrite(x + x, 2 * x)
    with pytest.raises(RefusedStep):
        Fact(equation(1, 2), Domain(), "rewrite", "", (), "proved", frozenset(), object())
    with pytest.raises(RefusedStep):
        dataclasses.replace(fact, statement=equation(1, 2), token=None)
    with pytest.raises((ValueError, TypeError)):
        dataclasses.replace(fact, statement=equation(1, 2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.statement = equation(1, 2)
    assert issubclass(RefusedStep, GrokmathError)


def test_a_refusal_names_rule_step_and_rest():
    with pytest.raises(RefusedStep) as refused:
        rewrite((x + 1) ** 2, x**2 + 2 * x + 2)
    assert all(part in str(refused.value) for part in ("rewrite", "(x + 1)**2", "x**2 + 2*x + 2", "-1"))


def test_statements_are_not_evaluated_away():
    fact = rewrite(x, x)
    assert isinstance(fact.statement, sp.Eq)
    assert isinstance(at_most_by_sign(x, x + 1).statement, sp.Le)
    with pytest.raises(RefusedStep):
        rewrite(sp.zoo, sp.zoo)
    with pytest.raises(RefusedStep):
        rewrite(sp.oo, sp.oo)


def test_reserved_names_and_captured_variables_are_refused():
    y, w = sp.symbols("y w", positive=True)
    hidden = sp.Symbol("_x1", real=True)
    with pytest.raises(RefusedStep):
        rewrite(sp.Integral(hidden * y, (y, 0, 1)), sp.Integral(y * y, (y, 0, 1)))
    with pytest.raises(RefusedStep, match="reserved"):
        rewrite(hidden, hidden)
    with pytest.raises(RefusedStep):  # the old integrand already has the new variable
        change_variable(sp.Integral(w * y, (y, 0, 1)), w, w, 0, 1)
    with pytest.raises(RefusedStep):  # y is free in the second integral
        integral_at_most(sp.Integral(y**2, (y, 0, 1)), sp.Integral(y * w, (w, 0, 1)))
    with pytest.raises(RefusedStep):
        gamma_integral(sp.Rational(3, 2), w, w)
    with pytest.raises(RefusedStep):
        marcum_definition(y, w, w)
    with pytest.raises(RefusedStep):
        integral_limit(sp.Integral(sp.exp(-x * y), (y, 0, 1)), x, y)
    m = sp.Symbol("m", odd=True)
    with pytest.raises(RefusedStep):  # they have opposite signs
        rewrite((-1) ** ((m + 1) / 2), (-1) ** ((m - 1) / 2))


def test_derivatives_that_may_not_exist_are_not_spoken_of():
    slope = sp.Derivative(f(x), x)
    with pytest.raises(RefusedStep, match="exists"):
        at_most_by_sign(slope, slope + 1)
    with pytest.raises(RefusedStep, match="exists"):
        limit_at_infinity(sp.Derivative(f(lam), lam) / s, s)
    meaning = define(f(x), x**2)
    known = derivative_of_equal(meaning, differentiate(x**2, x))
    assert at_most_by_sign(slope, slope + 1, using=[known])


def test_a_domain_that_is_not_known_to_be_open_is_refused():
    with pytest.raises(RefusedStep, match="open"):
        differentiate(x**2, x, domain=Domain(((f(x), ">"),)))


def test_kinds_are_counted_over_the_whole_derivation():
    meaning = define(f(x), x**2)
    guess = numerical(equation(x**2, x**2), 60, 20, note="an example")
    average = cite_marchenko_pastur(sp.Function("g")(s, lam), sp.exp(-s * nu), nu, lam)
    last = rewrite(f(x), x * x, using=[meaning, guess, average])
    assert counts(last) == {"definition": 1, "proved": 1, "cited": 1, "numerical": 1}
    assert steps(last)[-1] is last
    assert len(steps(last)) == 4
    with pytest.raises(RefusedStep):
        numerical(equation(x, x), 60, 4)


def test_each_step_is_shown_once_with_its_premises():
    meaning = define(f(x), x**2, note="the square")
    last = rewrite(f(x) - x**2, 0, domain=where(x < 1), using=[meaning], note="50 % of_it")
    text = render(last, "A title")
    assert text.startswith("A title\n\n(1) f(x) = x**2\n    definition\n    the square")
    assert "(2) -x**2 + f(x) = 0   where x < 1\n    rewrite from (1)" in text
    assert text.endswith("Steps: 1 definition, 1 proved.\n")
    markdown = render(last, "A title", "markdown")
    assert markdown.startswith("# A title")
    assert "$$f{\\left(x \\right)} = x^{2}$$" in markdown
    latex = render(last, "A title", "latex")
    assert r"\section*{A title}" in latex
    assert r"50 \% of\_it" in latex
    assert latex.count(r"\begin{equation}") == 2
    with pytest.raises(ValueError, match="style"):
        render(last, style="html")


def test_domains_are_inequalities():
    assert str(where(lam < 1, x >= 2)) == "lam < 1, x >= 2"
    assert where(sp.true, lam > 0) == Domain()
    for bad in (sp.false, sp.Eq(x, lam), x):
        with pytest.raises(RefusedStep):
            where(bad)


def test_every_theorem_says_what_and_where():
    for theorem in THEOREMS.values():
        assert len(theorem.statement) > 80
        assert any(character.isdigit() for character in theorem.source)
