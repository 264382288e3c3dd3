"""Exact random draws from the Marchenko-Pastur law.

On the support nu = nu_- + 4 sqrt(lam) y, 0 < y < 1, the density of y is proportional to sqrt(y (1-y))/nu. Since
4 sqrt(lam) y <= nu and nu_- <= nu, it is below a multiple of the Beta(1/2, 3/2) density and of the Beta(3/2, 3/2)
density; a proposal is accepted with probability 4 sqrt(lam) y/nu or nu_-/nu, which happens with probability r or (1 -
r)**2, r = min(sqrt(lam), 1/sqrt(lam)). The larger of the two is at least 0.38.
"""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grokmath.parameters import domain_error

if TYPE_CHECKING:
    from grokmath.functions.marchenko_pastur_float64 import MarchenkoPasturFloat64

__all__ = ["draw", "generator"]


def generator(rng: Any, function: str) -> np.random.Generator:
    """The Generator that ``rng`` is or seeds: an int >= 0, a SeedSequence, a Generator, or None for fresh entropy."""
    if rng is None or isinstance(rng, np.random.SeedSequence | np.random.Generator):
        return np.random.default_rng(rng)
    if isinstance(rng, numbers.Integral) and not isinstance(rng, bool) and int(rng) >= 0:
        return np.random.default_rng(int(rng))
    wanted = "an int >= 0, a SeedSequence, a Generator or None"
    raise domain_error(function, "rng", rng, wanted, "give a seed such as rng=1")


def draw(law: MarchenkoPasturFloat64, size: Any, rng: Any) -> Any:
    """A float for ``size`` None, else an array of that shape (an int or a tuple of ints)."""
    function = "MarchenkoPastur.rvs"
    random = generator(rng, function)
    shape = (size,) if isinstance(size, numbers.Integral) else () if size is None else size
    whole = isinstance(shape, tuple | list) and all(
        isinstance(n, numbers.Integral) and not isinstance(n, bool) and int(n) >= 0 for n in shape
    )
    if not whole:
        wanted = "None, an int >= 0 or a tuple of them"
        raise domain_error(function, "size", size, wanted, "give the shape of the sample")
    nu = np.zeros(tuple(int(n) for n in shape))
    flat = nu.reshape(-1)
    if law.atom > 0:
        on_support = random.random(flat.size) >= law.atom
        flat[on_support] = _on_support(law, int(on_support.sum()), random)
    else:
        flat[:] = _on_support(law, flat.size, random)
    return float(flat[0]) if size is None else nu


def _on_support(law: MarchenkoPasturFloat64, n: int, random: np.random.Generator) -> NDArray[np.float64]:
    hard_edge = law.root > (1 - law.root) ** 2
    rate = law.root if hard_edge else (1 - law.root) ** 2
    out = np.empty(n)
    done = 0
    while done < n:
        proposals = int((n - done) / rate * 1.1) + 8
        y = random.beta(0.5 if hard_edge else 1.5, 1.5, proposals)
        inner = law.width * y
        nu = law.low[0] + inner
        accepted = nu[random.random(proposals) * nu < (inner if hard_edge else law.low[0])][: n - done]
        out[done : done + accepted.size] = accepted
        done += accepted.size
    return out
