"""No result depends on the caller's precision, and every call leaves mpmath's and flint's as it found them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import mpmath
import pytest
import sympy
from flint import ctx

import grokmath as gm

CALLS: dict[str, Callable[[int], object]] = {
    "gen_loss": lambda n: gm.LinearTeacherStudent("0.9").gen_loss("250", digits=n),
    "late gen_loss": lambda n: gm.LinearTeacherStudent("0.9").gen_loss("1e9", digits=n),
    "train_loss": lambda n: gm.LinearTeacherStudent("2.5").train_loss("250", digits=n),
    "gen_accuracy": lambda n: gm.LinearTeacherStudent("1").gen_accuracy("250", eps="1e-3", digits=n),
    "grokking_time": lambda n: gm.LinearTeacherStudent("0.9").grokking_time("1e-3", digits=n).delta,
    "uniform": lambda n: gm.LinearTeacherStudent("0.9").grokking_time("1e-3", method="uniform", digits=n).delta,
    "marcum_q": lambda n: gm.marcum_q("1.5", 20, m="2.5", digits=n),
    "log_marcum_p": lambda n: gm.log_marcum_p(20, "1.5", m="2.5", digits=n),
    "lambert_w": lambda n: gm.lambert_w("-0.3", -1, digits=n),
    "cdf": lambda n: gm.MarchenkoPastur("0.3").cdf("1.1", digits=n),
    "evaluate": lambda n: gm.evaluate(sympy.erfc(sympy.sqrt(3)) + sympy.besseli(1, 2), digits=n),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_caller_s_precision_changes_nothing_and_is_not_changed(name):
    seen = set()
    for dps, bits in ((3, 20), (15, 53), (400, 3000)):
        mpmath.mp.dps, ctx.prec = dps, bits
        seen.add(str(CALLS[name](40)))
        assert (mpmath.mp.dps, ctx.prec) == (dps, bits)
    mpmath.mp.dps, ctx.prec = 17, 61
    assert len(seen) == 1


@pytest.mark.parametrize("name", CALLS)
def test_an_interrupt_in_the_middle_leaves_the_precision_and_the_lock(name):
    def interrupt(signum, frame):
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    hits = 0
    try:
        for k in range(16):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-4 * 1.5**k)
                CALLS[name](4000)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                hits += 1
            assert ctx.prec == 61
            assert mpmath.mp.dps == 17
    finally:
        signal.signal(signal.SIGALRM, old)
    assert hits >= 1
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(CALLS[name](10)))
    thread.start()
    thread.join(30)
    assert done


@pytest.mark.parametrize("name", ["gen_loss", "marcum_q", "grokking_time"])
def test_two_threads_at_different_digits(name):
    expected = {n: str(CALLS[name](n)) for n in (15, 120)}
    wrong = []

    def work(digits: int) -> None:
        for _ in range(15):
            if str(CALLS[name](digits)) != expected[digits]:
                wrong.append(digits)

    threads = [threading.Thread(target=work, args=(n,)) for n in (15, 120, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_errors_leave_the_precision_too():
    for bad in (
        lambda: gm.LinearTeacherStudent("0.5").gen_loss(-1, digits=10),
        lambda: gm.LinearTeacherStudent("0.25").gen_loss("1e300", digits=10),
        lambda: gm.evaluate(sympy.log(6) - sympy.log(2) - sympy.log(3), digits=10),
    ):
        with pytest.raises(gm.GrokmathError):
            bad()
        assert ctx.prec == 61
