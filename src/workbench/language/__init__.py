"""Every word a reader sees: message catalogues, the metric dictionary, and how numbers are written."""

from workbench.language.catalogue import LANGUAGES, current, say, speaking, use
from workbench.language.dictionary import MetricEntry, metric_entry
from workbench.language.numbers import write_number

__all__ = [
    "LANGUAGES",
    "MetricEntry",
    "current",
    "metric_entry",
    "say",
    "speaking",
    "use",
    "write_number",
]
