"""Connect, map, check: from a company's files to canonical tables. The only room that holds a connection."""

from workbench.sources.canonical import TABLES
from workbench.sources.embedded import give_back
from workbench.sources.identity import known_as
from workbench.sources.intake import Canonical, describe_inputs, load, resolve, with_zone
from workbench.sources.questions import answer
from workbench.sources.statement import statement
from workbench.sources.totals import ControlTotals, Step, Totals

__all__ = [
    "TABLES",
    "Canonical",
    "ControlTotals",
    "Step",
    "Totals",
    "answer",
    "describe_inputs",
    "give_back",
    "known_as",
    "load",
    "resolve",
    "statement",
    "with_zone",
]
