"""Derivations for Levi, Beck and Bar Sinai, "Grokking in Linear Estimators" (arXiv 2310.16441)."""
