"""Levi, Beck, Bar Sinai, "Grokking in Linear Estimators" (arXiv 2310.16441), equation by equation."""

from __future__ import annotations

from grokmath.ledger.levi2023.appendix_b import RECORDS as APPENDIX_B
from grokmath.ledger.levi2023.appendix_c_e import RECORDS as APPENDIX_C_E
from grokmath.ledger.levi2023.appendix_f_g import RECORDS as APPENDIX_F_G
from grokmath.ledger.levi2023.section_3_1 import RECORDS as SECTION_3_1
from grokmath.ledger.levi2023.section_3_1_times import RECORDS as SECTION_3_1_TIMES
from grokmath.ledger.levi2023.section_3_3 import RECORDS as SECTION_3_3
from grokmath.ledger.levi2023.section_4 import RECORDS as SECTION_4
from grokmath.ledger.record import Record

RECORDS: tuple[Record, ...] = (
    *SECTION_3_1,
    *SECTION_3_1_TIMES,
    *SECTION_3_3,
    *SECTION_4,
    *APPENDIX_B,
    *APPENDIX_C_E,
    *APPENDIX_F_G,
)
"""Every numbered equation (1)-(44) and the claims made in the text, in the order of the paper."""
