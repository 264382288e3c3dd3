"""Beck, Levi, Bar Sinai, "Grokking at the Edge of Linear Separability" (arXiv 2410.04489), equation by equation.

The text that the records are made from has lost its formulas. Each printed form is a reconstruction from the prose and
by derivation; ``reconstruction`` says how sure it is: "certain" (forced by the prose and verified), "likely" (content
forced, constants or symbols may differ) or "guess" (position known, content inferred).
"""

from __future__ import annotations

SECTIONS = ("section_3", "appendix_a_d", "appendix_e", "appendix_f_j")
"""The numbered equations (1)-(69), the propositions, the theorem, the definition and the table, in order: modules."""
