"""``assert_identity`` and ``assert_asymptotic``: statements of one's own, tried at drawn exact points."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.asymptotics import AsymptoticResult, IdentityResult, check_asymptotic
from grokmath.asymptotics.formula import Environment, Side, checked, enclose, to_sympy
from grokmath.asymptotics.identity import compare, printed
from grokmath.certified import LOG2_10
from grokmath.evaluation import evaluate
from grokmath.exact import working_precision
from grokmath.parameters import DomainError, GrokmathError, UnsupportedExpression, digits_argument, domain_error, exact
from grokmath.testing.counterexamples import NotDecided, Refuted, failing_test, point_text
from grokmath.testing.search import Judgement, Point, Search, as_strategies, exact_part

__all__ = ["assert_asymptotic", "assert_identity"]

_ALIKE = 30
"""Two values whose print begins with so many equal characters are printed to all digits."""


def assert_identity(
    lhs: Side,
    rhs: Side,
    given: Mapping[Any, Any],
    digits: int = 60,
    *,
    examples: Sequence[Mapping[Any, Any]] = (),
    max_examples: int = 100,
    seed: int | None = None,
) -> IdentityResult:
    """Assert lhs = rhs to ``digits`` significant digits, at points that Hypothesis draws.

    ``lhs`` and ``rhs`` are SymPy expressions in the vocabulary of :func:`grokmath.evaluate`, exact numbers, or
    callables that take the parameters and ``digits`` by keyword and return a Certified number (or an expression).
    ``given`` maps each parameter's name or symbol to a Hypothesis strategy or to a domain: an open interval (low,
    high), a list of exact values, one exact value. Callables may also be given models, from
    :func:`linear_models` or :func:`two_point_models`. ``examples`` are complete points that are tried first.

    At each point both sides are enclosed at rising precision. If the enclosures are disjoint anywhere the identity is
    disproved: it raises :class:`Refuted` with the simplest such point that shrinking finds, and a test that fails
    there. If nowhere, but at some point the digits do not come to agree within ten times the precision that they take,
    or a side has no value: :class:`NotDecided`, with the digits that were reached. Both are ``AssertionError``. Else it
    returns how many distinct points were tried and to how many digits both sides agree. (Digits of 0 cannot be counted:
    for a sum that is 0, bring terms to the other side.)

    ``max_examples`` points are drawn, the same ones in every run unless ``seed`` is given. Raises
    :class:`UnsupportedExpression` and :class:`DomainError` for bad use, :class:`DomainError` also where the strategies
    yield no point.

    >>> import sympy
    >>> from grokmath.testing import assert_identity, rationals
    >>> x = sympy.Symbol("x", positive=True)
    >>> result = assert_identity(sympy.erf(x), 1 - sympy.erfc(x), {x: rationals("1e-3", 10)}, max_examples=20)
    >>> result.holds, result.digits >= 60, result.points > 10
    (True, True, True)
    """
    name = "assert_identity"
    n = digits_argument(digits, name)
    sides = {"lhs": lhs, "rhs": rhs}
    strategies = as_strategies(given, name)
    points = _prepared(name, sides, list(strategies), examples, max_examples)

    def judge(point: Point) -> Judgement:
        values, others = exact_part(point)
        bound = [_bound(side, others) for side in sides.values()]
        found = compare(bound[0], bound[1], values, n)
        left, right = found.witness.left, found.witness.right
        if found.state == "refuted" and left[:_ALIKE] == right[:_ALIKE]:
            with working_precision(int(n * LOG2_10) + 64):
                left, right = (printed(enclose(side, Environment(values), n), n + 15) for side in bound)
        lines = [f"lhs = {left}", f"rhs = {right}"]
        if found.state == "undecided":
            lines.append(f"{min(found.digits, n)} of {n} digits were reached")
            lines += [why for side, text in zip(bound, sides, strict=True) if (why := _why(side, text, values, n))]
        return Judgement(found.state, found.digits, "\n    ".join(lines))

    search = Search(judge)
    failure = search.failure(name, strategies, points, max_examples, seed)
    if failure is None:
        results = search.seen.values()
        return IdentityResult("holds", len(results), min(result.digits for result in results))
    options = {} if n == 60 else {"digits": n}
    code = failing_test(name, sides, (), failure.point, options)
    raise _failed("the identity", failure.point, failure.judgement, len(search.seen), code)


def assert_asymptotic(
    exact_value: Side,
    claimed: Side,
    var: Any,
    point: Any,
    given: Mapping[Any, Any],
    *,
    digits: int = 60,
    examples: Sequence[Mapping[Any, Any]] = (),
    max_examples: int = 10,
    seed: int | None = None,
    **options: Any,
) -> AsymptoticResult:
    """Assert claimed/exact_value -> 1 as ``var`` tends to ``point`` (``sympy.oo`` or an exact number).

    ``given`` holds the other parameters, as in :func:`assert_identity`, and so do the sides, ``examples``,
    ``max_examples``, ``seed`` and what is raised. ``options`` go to :func:`grokmath.asymptotics.check_asymptotic`,
    which judges each point: ``order``, ``constant`` (of the error), ``start``, ``levels``, ``side``, ``kind``,
    ``tolerance``. It measures limit, order and constant by extrapolation: evidence, no proof, on either side. Returns
    the measurements of the points that were tried.

    >>> import sympy
    >>> from grokmath.testing import aspect_ratios, assert_asymptotic
    >>> from grokmath import LinearTeacherStudent
    >>> gamma, lam = sympy.symbols("gamma lam", positive=True)
    >>> def limit(lam, gamma, digits):
    ...     return LinearTeacherStudent(lam, weight_decay=gamma).gen_limit(digits=digits)
    >>> claimed = gamma**2 / (8 * (1 - lam) ** 3)
    >>> result = assert_asymptotic(limit, claimed, gamma, 0, {lam: ("1/10", "9/10")}, order=1, max_examples=3)
    >>> result.state, len(result.measurements)
    ('holds', 3)
    """
    name = "assert_asymptotic"
    n = digits_argument(digits, name)
    known = set(inspect.signature(check_asymptotic).parameters) - {"points", "critical", "digits", "domain"}
    for option in options:
        if option not in known:
            raise domain_error(name, option, options[option], "an option of check_asymptotic", "see its arguments")
    sides = {"exact": exact_value, "claimed": claimed}
    strategies = as_strategies(given, name)
    if str(var) in strategies:
        raise DomainError(f"{name}: {var} is the variable of the limit and stands in given too; leave it out of given")
    tried = _prepared(name, sides, [*strategies, str(var)], examples, max_examples, missing=str(var))
    measured: list[Any] = []

    def judge(where: Point) -> Judgement:
        values, others = exact_part(where)
        first, second = (_bound(side, others) for side in sides.values())
        domain = {key: [to_sympy(value)] for key, value in values.items()}
        result = check_asymptotic(first, second, var, point, domain, points=1, digits=n, **options)
        measured.extend(result.measurements if result.state == "holds" else ())
        return Judgement(result.state, n, result.table().replace("\n", "\n    "))

    search = Search(judge)
    failure = search.failure(name, strategies, tried, max_examples, seed)
    if failure is None:
        shown = None if options.get("constant") is None else str(options["constant"])
        toward = "oo" if point == sympy.oo else str(point)
        kind = options.get("kind", "relative")
        return AsymptoticResult("holds", str(var), toward, tuple(measured), shown, kind)
    shown_options = {**({} if n == 60 else {"digits": n}), **options}
    code = failing_test(name, sides, (var, point), failure.point, shown_options)
    raise _failed("the asymptotic statement", failure.point, failure.judgement, len(search.seen), code)


def _prepared(
    function: str,
    sides: Mapping[str, Side],
    names: list[str],
    examples: Sequence[Mapping[Any, Any]],
    max_examples: int,
    missing: str | None = None,
) -> list[Point]:
    """The examples as points; bad use is refused here, before anything is drawn."""
    checked(*sides.values())
    if isinstance(max_examples, bool) or not isinstance(max_examples, int) or max_examples < 1:
        raise domain_error(function, "max_examples", max_examples, "an integer >= 1", "say how many points to draw")
    for text, side in sides.items():
        if isinstance(side, sympy.Basic):
            unknown = sorted({str(symbol) for symbol in side.free_symbols} - set(names))
            if unknown:
                raise UnsupportedExpression(
                    f"{function}: {text} has the symbol(s) {', '.join(unknown)}; name them in given"
                )
        elif callable(side):
            _check_call(function, text, side, names)
    points = []
    for example in examples:
        point = {
            str(key): value if hasattr(value, "lam") else exact(value, str(key), function)
            for key, value in example.items()
        }
        if set(point) != set(names) - {missing}:
            raise DomainError(f"{function}: the example {_listed(point)} is not complete (needed: {_listed(names)})")
        points.append(point)
    return points


def _listed(names: Any) -> str:
    """Names in one line."""
    return ", ".join(sorted(names)) or "no parameters"


def _check_call(function: str, text: str, side: Callable[..., Any], names: list[str]) -> None:
    try:
        signature = inspect.signature(side)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(**dict.fromkeys([*names, "digits"]))
    except TypeError as error:
        raise DomainError(
            f"{function}: {text} cannot be called with the keywords {', '.join([*names, 'digits'])}: {error}; "
            "let it take every parameter of given, and digits, or **others"
        ) from None


def _bound(side: Side, others: Point) -> Side:
    """A callable that has what is no number; expressions as they are."""
    return partial(side, **others) if others and callable(side) and not isinstance(side, sympy.Basic) else side


def _why(side: Side, text: str, values: Mapping[str, Any], digits: int) -> str:
    """What the side itself says when it is asked for the digits."""
    try:
        if isinstance(side, sympy.Basic) and not side.atoms(AppliedUndef):
            evaluate(side.xreplace({symbol: to_sympy(values[symbol.name]) for symbol in side.free_symbols}), digits)
        elif callable(side) and not isinstance(side, sympy.Basic):
            side(**values, digits=digits)
    except (GrokmathError, ZeroDivisionError) as error:
        return f"{text}: {error}"
    return ""


def _failed(what: str, point: Point, judgement: Judgement, tried: int, code: str) -> Refuted:
    refuted = judgement.state == "refuted"
    verdict = "is refuted" if refuted else "is undecided, which does not pass,"
    message = (
        f"{what} {verdict} at {point_text(point)}:\n    {judgement.evidence}\n"
        f"(points tried: {tried}) A test that fails there:\n\n{code}"
    )
    return (Refuted if refuted else NotDecided)(message, point, code)
