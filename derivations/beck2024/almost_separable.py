"""Almost separable data, (19)-(26), for two groups of points of any number and dimension.

x_i, i <= n, are the points of the first group (n = d in the paper) and y_j, j <= m, the others (m = N - d), the rows of
X and Y; no bias. The loss is a mean of exp(S.x): it lies above its tangents (exp does), and at its minimum the weights
exp(S.x)/sum represent the origin. With |x_i - y_j| <= D, |S.x_i - S.y_j| <= |S| D by Cauchy and Schwarz, so that every
weight of the one group is at least exp(-|S| D) times one of the other; summed over both,

    (m/n) exp(-|S| D) <= sum_j exp(S.y_j)/sum_i exp(S.x_i) = w/(1 - w) < eps/(1 - eps),

w the share of the others in all weights and eps > w. For the logistic loss the weights are l'(f) = 1/(1 + exp(-f)), and
l'(f - u) >= exp(-u) l'(f) for u >= 0 takes the place of exp. Late times, (60): the others weigh at most (m/n) exp(G) of
what the support vectors weigh, G the largest S.(y_j - x_i).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    Gradient,
    SampleSum,
    UnitVector,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    at_values,
    cauchy_schwarz,
    chain,
    combine,
    define_largest,
    define_of_matrices,
    equal_by_order,
    matrix_rewrite,
    render,
    rewrite,
    run_in_package,
    square,
    sum_over_samples,
    together,
    unfolded,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import appendix_d, late_separable

ID = "beck2024:26"
TITLE = "Almost separable data, for two groups of any size"

d, n, m = sp.symbols("d n m", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True, positive=True)
X, Y = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("Y", m, d)
S, V = sp.MatrixSymbol("S", d, 1), sp.MatrixSymbol("V", d, 1)
x_i, y_j = X.T * UnitVector(n, i), Y.T * UnitVector(m, j)
a, c, r, q, D, u, v, k, p, A, B = sp.symbols("a c r q D u v k p A B", real=True)
b = bias = sp.Symbol("b", real=True)
slack, eta = sp.symbols("slack eta", positive=True)
length = sp.sqrt(square(S))
apart = sp.sqrt(square(x_i - y_j))
Diameter = sp.Function("D")(X, Y)
EACH, PAIRS = where(j <= m), where(i <= n, j <= m)
eps = (B + slack * A) / (A + B)
below_one = where(slack < 1)
some = where(A > 0, B > 0)
many = where(A > 0, B > 0, k > 0, p > 0, k * sp.exp(-u) * A <= p * B)
"""A and B, positive, are the sums of the weights; k = m, p = n and u = |S| D."""


def output(sample: sp.Expr) -> sp.Expr:
    """S.x."""
    return sp.Trace(S.T * sample)


def over_group(term: sp.Expr) -> sp.Sum:
    """The sum over the first group."""
    return sp.Sum(term, (i, 1, n))


def over_others(term: sp.Expr) -> sp.Sum:
    """The sum over the other points."""
    return sp.Sum(term, (j, 1, m))


def _divided(order: Fact, by: sp.Expr) -> Fact:
    """p/k <= q/k from p <= q, for an integer k > 0."""
    strict = isinstance(order.statement, sp.StrictLessThan)
    scaled = combine(
        at_most(a / k, b / k, strict=strict),
        [(1 / k, at_most_by_sign(a, b, strict=strict, domain=where(k > 0, a < b if strict else a <= b)))],
        domain=where(k > 0, a < b if strict else a <= b),
    )
    return at_values(scaled, {a: order.lhs, b: order.rhs, k: by}, using=[order])


# the loss and its minimum


@cache
def model() -> Fact:
    """(19): the exponential loss of the points x_i."""
    return define_of_matrices(sp.Function("L")(S, X), over_group(sp.exp(output(x_i))) / n, note="exp(S.x), no bias")


@cache
def gradient() -> Fact:
    """(20): the gradient of the loss."""
    pull = SampleSum(sp.exp(output(x_i)) * x_i, i, n) / n
    return matrix_rewrite(Gradient(model().rhs, S), pull, note="the gradient of the loss")


@cache
def tangents() -> Fact:
    """(19): L(S) + V.grad L(S) <= L(S + V) for all S and V, so that (20) is the condition for the minimum."""
    tangent = combine(at_most(sp.exp(a) * (1 + v), sp.exp(a + v)), [(sp.exp(a), above_tangent(v))])
    along = sp.Trace(V.T * x_i)
    each = at_values(tangent, {a: output(x_i), v: along}, domain=where(i <= n))
    total = _divided(sum_over_samples(each, i, n), n)
    below = model().rhs + sp.Trace(V.T * gradient().lhs)
    written = model().rhs + sp.Trace(V.T * gradient().rhs)
    first = matrix_rewrite(below, written, using=[gradient(), model()])
    return chain(first, matrix_rewrite(written, total.lhs), total)


@cache
def stationary() -> Fact:
    """(20): N times the gradient is the sum of exp(S.x_i) x_i: where it vanishes, the weights represent the origin."""
    pull = SampleSum(sp.exp(output(x_i)) * x_i, i, n)
    return chain(
        matrix_rewrite(pull, n * gradient().rhs),
        matrix_rewrite(n * gradient().rhs, n * gradient().lhs, using=[gradient(), model()]),
    )


@cache
def weighted_mean() -> Fact:
    """(21): for every V, the mean of V.x_i with the weights exp(S.x_i)/sum is V.grad L over L."""
    along = over_group(sp.exp(output(x_i)) * sp.Trace(V.T * x_i))
    pull, loss = sp.Trace(V.T * gradient().lhs), model().rhs
    written = sp.Trace(V.T * gradient().rhs)
    same = chain(matrix_rewrite(along, n * written), matrix_rewrite(n * written, n * pull, using=[gradient(), model()]))
    total = positive("exponential")[0]
    order = []
    for low, high in ((a, k * c), (k * c, a)):
        near = where(low <= high, k > 0, q > 0)
        known = at_most_by_sign(low, high, domain=near)
        lemma = combine(at_most(low / (k * q), high / (k * q)), [(1 / (k * q), known)], domain=near)
        order.append(at_values(lemma, {a: along, c: pull, k: n, q: loss}, using=[same, total]))
    return equal_by_order(*order)


@cache
def representation() -> Fact:
    """(22): the outputs weighed by a_i sum to S.(X.T a) for every S, hence to 0 where a represents the origin."""
    weights = sp.MatrixSymbol("A", n, 1)
    each = sp.Trace(weights.T * UnitVector(n, i)) * output(x_i)
    return matrix_rewrite(over_group(each), sp.Trace(S.T * X.T * weights))


# Jensen's inequality


@cache
def jensen() -> Fact:
    """(24): exp at the mean is at most the mean of exp, by the tangent at the mean output C."""
    middle = SampleSum(y_j, j, m) / m
    C = sp.Function("C")(S, Y)
    mean = define_of_matrices(C, output(middle), note="the output at the mean of the points y_j")
    tangent = combine(at_most(sp.exp(c) * (1 + b - c), sp.exp(b)), [(sp.exp(c), above_tangent(b - c))])
    each = at_values(tangent, {b: output(y_j), c: C}, domain=EACH)
    total = _divided(sum_over_samples(each, j, m), m)
    linear = sp.exp(C) * (1 - C) + sp.exp(C) * over_others(output(y_j)) / m
    known = matrix_rewrite(over_others(output(y_j)), m * C, using=[mean])
    at_mean = matrix_rewrite(linear, sp.exp(C) * (1 - C) + sp.exp(C) * C, using=[known])
    whole = chain(matrix_rewrite(sp.exp(C), at_mean.rhs), _turned(at_mean), matrix_rewrite(linear, total.lhs), total)
    return unfolded(whole, [mean])


def _turned(fact: Fact) -> Fact:
    """B = A from A = B."""
    return matrix_rewrite(fact.rhs, fact.lhs, using=[fact])


# the two groups


@cache
def diameter() -> tuple[Fact, Fact]:
    """D: the largest distance of a point of the one group from one of the other."""
    size = cauchy_schwarz(x_i - y_j, x_i - y_j, domain=PAIRS)[1]
    return define_largest(Diameter, apart, (i, n), (j, m), using=[size], note="the largest |x_i - y_j|")


@cache
def closeness() -> Fact:
    """S.x_i - |S| D <= S.y_j for each pair."""
    product, of_weights, of_points = cauchy_schwarz(S, x_i - y_j, domain=PAIRS)
    near = where(a - b <= r * q, q <= D, r >= 0)
    longer = at_most_by_sign(q, D, domain=near)
    bounded = combine(
        at_most(a - r * D, b), [(r, longer), (1, at_most_by_sign(a - b, r * q, domain=near))], domain=near
    )
    values = {a: output(x_i), b: output(y_j), r: length, q: apart, D: Diameter}
    return at_values(bounded, values, domain=PAIRS, using=[product, of_weights, of_points, diameter()[1]])


@cache
def positive(weight: str) -> tuple[Fact, Fact]:
    """0 < the sums of the weights over the two groups."""
    form = WEIGHTS[weight]
    above = at_most_by_sign(0, form(a), strict=True)
    one = at_values(above, {a: FIELDS[weight](x_i)}, domain=where(i <= n))
    other = at_values(above, {a: FIELDS[weight](y_j)}, domain=EACH)
    return sum_over_samples(one, i, n), sum_over_samples(other, j, m)


def _sigmoid(f: sp.Expr) -> sp.Expr:
    """l'(f) for l(f) = log(1 + exp f)."""
    return 1 / (1 + sp.exp(-f))


WEIGHTS = {"exponential": sp.exp, "logistic": _sigmoid}
FIELDS = {"exponential": output, "logistic": lambda sample: output(sample) + bias}
"""The weight of a point as a function of its output, and its output."""


@cache
def faded(weight: str) -> Fact:
    """exp(-u) h(a) <= h(b) where a - u <= b and u >= 0, for h = exp and for h = l'."""
    near = where(a - u <= b, u >= 0)
    order = at_most_by_sign(a - u, b, domain=near)
    if weight == "exponential":
        known = at_most_by_monotone_function(sp.exp, a - u, b, domain=near, using=[order])
        return combine(at_most(sp.exp(-u) * sp.exp(a), sp.exp(b)), [(1, known)], domain=near)
    later = at_most_by_monotone_function(sp.exp, -u - b, -a, domain=near, using=[order])
    fade = at_most_by_monotone_function(sp.exp, -u, sp.S.Zero, domain=near)
    low, high = _sigmoid(a), _sigmoid(b)
    return combine(at_most(sp.exp(-u) * low, high), [(low * high, later), (low * high, fade)], domain=near)


@cache
def by_pairs(weight: str) -> Fact:
    """m exp(-|S| D) times the sum over the first group is at most n times that over the others."""
    shift = bias if weight == "logistic" else sp.S.Zero
    size = cauchy_schwarz(S, S)[1]
    apart_size = cauchy_schwarz(x_i - y_j, x_i - y_j, domain=PAIRS)[1]
    not_negative = at_most_by_sign(0, D, domain=where(q <= D, q >= 0))
    far = at_values(not_negative, {q: apart, D: Diameter}, domain=PAIRS, using=[apart_size, diameter()[1]])
    values = {a: output(x_i) + shift, b: output(y_j) + shift, u: length * Diameter}
    pair = at_values(faded(weight), values, domain=PAIRS, using=[closeness(), size, far])
    return sum_over_samples(sum_over_samples(pair, i, n), j, m)


@cache
def sums(weight: str) -> tuple[sp.Sum, sp.Sum]:
    """The weights of the two groups."""
    form, field = WEIGHTS[weight], FIELDS[weight]
    return over_group(form(field(x_i))), over_others(form(field(y_j)))


def _of_sums(lemma: Fact, weight: str, known: tuple[Fact, ...]) -> Fact:
    """A statement about A, B, u and the numbers of points at the sums of the weights and |S| D."""
    one, other = sums(weight)
    used = {A: one, B: other, u: length * Diameter, k: m, p: n}
    spoken = set().union(*(e.free_symbols for e in (lemma.lhs, lemma.rhs, *(c for c, _ in lemma.domain.conditions))))
    values = {symbol: value for symbol, value in used.items() if symbol in spoken}
    sizes = [cauchy_schwarz(S, S)[1]] if u in spoken else []
    known_here = [*positive(weight), *sizes, *known]
    return at_values(lemma, values, domain=below_one if slack in spoken else where(), using=known_here)


@cache
def ratio_bound(weight: str = "exponential") -> Fact:
    """(25): (m/n) exp(-|S| D) <= the ratio of the weights of the others and of the first group."""
    known = at_most_by_sign(k * sp.exp(-u) * A, p * B, domain=many)
    lemma = combine(at_most(k / p * sp.exp(-u), B / A), [(1 / (p * A), known)], domain=many)
    return unfolded(_of_sums(lemma, weight, (by_pairs(weight),)), [diameter()[0]])


@cache
def weights_of_groups(weight: str = "exponential") -> Fact:
    """(23): the ratio is less than eps/(1 - eps) for every eps above the share of the others."""
    lemma = at_most_by_sign(B / A, eps / (1 - eps), strict=True, domain=some.with_(below_one))
    return _of_sums(lemma, weight, ())


@cache
def norm_bound(weight: str = "exponential") -> Fact:
    """(26): log((m/n) (1 - eps)/eps) < |S| D."""
    domain = many.with_(below_one)
    known = at_most_by_sign(k * sp.exp(-u) * A, p * B, domain=domain)
    odds = at_most_by_sign(B / A, eps / (1 - eps), strict=True, domain=domain)
    inverse = k * (1 - eps) / (p * eps)
    factor = sp.exp(u) * (1 - eps) / (p * eps * A)
    goal = at_most(inverse, sp.exp(u), strict=True)
    low = combine(goal, [(factor, known), (sp.exp(u) * (1 - eps) / eps, odds)], domain=domain)
    lemma = at_most_by_monotone_function(sp.log, inverse, sp.exp(u), strict=True, domain=domain, using=[low])
    lemma = chain(lemma, rewrite(lemma.rhs, u, domain=domain))
    return unfolded(_of_sums(lemma, weight, (by_pairs(weight),)), [diameter()[0]])


# late times, (60): the first group are the support vectors


@cache
def flow_of_both() -> Fact:
    """The flow of S in conformal time: the mean pull of both groups, each point with its weight exp(S.x)."""
    loss = define_of_matrices(
        sp.Function("L_both")(S, X, Y), (sums("exponential")[0] + sums("exponential")[1]) / (n + m), note="no bias"
    )
    pulls = SampleSum(sp.exp(output(x_i)) * x_i, i, n) + SampleSum(sp.exp(output(y_j)) * y_j, j, m)
    first = matrix_rewrite(-eta * Gradient(loss.rhs, S), -eta * Gradient(loss.lhs, S), using=[loss])
    return chain(first, matrix_rewrite(first.rhs, -eta / (n + m) * pulls, using=[loss]))


@cache
def driven() -> Fact:
    """The weights of the others are at most (m/n) exp(G) of those of the first group, G the largest S.(y_j - x_i)."""
    Gap = sp.Function("G")(S, X, Y)
    name, bound = define_largest(Gap, sp.Trace(S.T * (y_j - x_i)), (i, n), (j, m), note="the largest S.(y_j - x_i)")
    near = where(b - a <= u)
    above = at_most_by_monotone_function(sp.exp, b, u + a, domain=near, using=[at_most_by_sign(b - a, u, domain=near)])
    lemma = combine(at_most(sp.exp(b), sp.exp(u) * sp.exp(a)), [(1, above)], domain=near)
    pair = at_values(lemma, {a: output(x_i), b: output(y_j), u: Gap}, domain=PAIRS, using=[bound])
    total = sum_over_samples(sum_over_samples(pair, j, m), i, n)
    order = where(A > 0, k > 0, p > 0, p * B <= k * sp.exp(u) * A)
    known = at_most_by_sign(p * B, k * sp.exp(u) * A, domain=order)
    ratio = combine(at_most(B / A, k / p * sp.exp(u)), [(1 / (p * A), known)], domain=order)
    one, other = sums("exponential")
    values = {A: one, B: other, u: Gap, k: m, p: n}
    return unfolded(at_values(ratio, values, using=[positive("exponential")[0], total]), [name])


@cache
def loss_of_weights() -> Fact:
    """The weights of the logistic loss, N times (1), are l'(f) = 1/(1 + exp(-f)), f = S.x + b."""
    whole = define_of_matrices(
        sp.Function("L_logistic")(S, bias, X), over_group(sp.log(1 + sp.exp(output(x_i) + bias))), note="N times (1)"
    )
    pull = SampleSum(_sigmoid(output(x_i) + bias) * x_i, i, n)
    first = matrix_rewrite(Gradient(whole.rhs, S), Gradient(whole.lhs, S), using=[whole])
    return chain(first, matrix_rewrite(first.rhs, pull, using=[whole]))


@cache
def derivation() -> Fact:
    """(26): the bound for the weights of the loss, and its equality for the two points."""
    return together(appendix_d.bound_is_attained(), flow_of_both(), norm_bound())


@cache
def logistic() -> Fact:
    """The same bounds for the logistic loss."""
    return together(
        appendix_d.logistic(), loss_of_weights(), ratio_bound("logistic"), norm_bound("logistic"), note="weights l'(f)"
    )


@cache
def late_flow() -> Fact:
    """(60): for two points at lam = 3/4; and for any data how little the points beside the support vectors weigh."""
    return together(late_separable.flow_by_support_vectors(), flow_of_both(), driven())


DERIVES = {
    "beck2024:60": late_flow,
    "beck2024:19": lambda: together(appendix_d.least(), tangents()),
    "beck2024:20": lambda: together(appendix_d.derivation(), stationary()),
    "beck2024:21": lambda: together(*appendix_d.weights().statement.facts, weighted_mean()),
    "beck2024:22": lambda: together(appendix_d.representation(), representation()),
    "beck2024:23": lambda: together(appendix_d.ratio(), flow_of_both(), weights_of_groups()),
    "beck2024:24": lambda: together(appendix_d.jensen(), jensen()),
    "beck2024:25": lambda: together(appendix_d.diameter(), flow_of_both(), ratio_bound()),
    "beck2024:26": derivation,
    "beck2024:26-logistic": logistic,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(logistic()))
