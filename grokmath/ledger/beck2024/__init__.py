"""Beck, Levi, Bar Sinai, "Grokking at the Edge of Linear Separability" (arXiv 2410.04489), equation by equation.

The text that the records are made from has lost its formulas. Each printed form is a reconstruction from the prose and
by derivation; ``reconstruction`` says how sure it is: "certain" (forced by the prose and verified), "likely" (content
forced, constants or symbols may differ) or "guess" (position known, content inferred).
"""

from __future__ import annotations

from grokmath.ledger.beck2024.appendix_a_d import RECORDS as APPENDIX_A_D
from grokmath.ledger.beck2024.appendix_e import RECORDS as APPENDIX_E
from grokmath.ledger.beck2024.appendix_f_j import RECORDS as APPENDIX_F_J
from grokmath.ledger.beck2024.section_3 import RECORDS as SECTION_3
from grokmath.ledger.record import Record

RECORDS: tuple[Record, ...] = (*SECTION_3, *APPENDIX_A_D, *APPENDIX_E, *APPENDIX_F_J)
"""Every numbered equation (1)-(69), the propositions, the theorem, the definition and the table, in order."""
