"""Formulas of the linear model that the tests of the testing kit state, rightly and wrongly."""

from __future__ import annotations

import sympy

from grokmath import LinearTeacherStudent

lam, eta, eps, t, s, gamma = sympy.symbols("lam eta eps t s gamma", positive=True)
a, b, x, L = sympy.symbols("a b x L", positive=True)


def gen_loss(lam, t, digits):
    return LinearTeacherStudent(lam, eta="1/4").gen_loss(t, digits=digits)


def dual(lam, t, digits):
    return 1 - 1 / lam + gen_loss(1 / lam, lam * t, digits + 10) / lam


def train_plateau(lam, gamma, digits):
    return LinearTeacherStudent(lam, weight_decay=gamma).train_limit(digits=digits)


def delta(lam, eta, eps, digits):
    return LinearTeacherStudent(lam, eta).grokking_time(eps, digits=digits).delta
