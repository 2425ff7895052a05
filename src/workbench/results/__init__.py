"""What a notebook hands on: metrics, checks, findings and row-level tables.

Notebooks meet only through these files. The last call of a notebook is `save`; its file
``results/<notebook>.json`` is at the same time the mark that the notebook came to its end.
"""

from workbench.results.handing_on import EARLIER_VARIABLE, OUT_VARIABLE, earlier, left, out_folder, save
from workbench.results.records import Block, Check, Finding, Metric, Missing, Results, part, rate
from workbench.results.written import SIGNIFICANT_DIGITS, dumps, loads

__all__ = [
    "EARLIER_VARIABLE",
    "OUT_VARIABLE",
    "SIGNIFICANT_DIGITS",
    "Block",
    "Check",
    "Finding",
    "Metric",
    "Missing",
    "Results",
    "dumps",
    "earlier",
    "left",
    "loads",
    "out_folder",
    "part",
    "rate",
    "save",
]
