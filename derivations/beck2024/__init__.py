"""Derivations for Beck, Levi and Bar Sinai, "Grokking at the Edge of Linear Separability" (arXiv 2410.04489)."""
