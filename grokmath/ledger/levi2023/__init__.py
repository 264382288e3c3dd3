"""Levi, Beck, Bar Sinai, "Grokking in Linear Estimators" (arXiv 2310.16441), equation by equation."""

from __future__ import annotations

SECTIONS = (
    "section_3_1",
    "section_3_1_times",
    "section_3_3",
    "section_4",
    "appendix_b",
    "appendix_c_e",
    "appendix_f_g",
)
"""Every numbered equation (1)-(44) and the claims made in the text: the modules of records, in order of the paper."""
