"""Grokking in linear regression: Levi, Beck, Bar Sinai, "Grokking in Linear Estimators" (2023)."""
