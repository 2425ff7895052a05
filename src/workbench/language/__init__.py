"""Every word a reader sees: message catalogues, the metric dictionary, and how numbers are written."""

from workbench.language.catalogue import (
    LANGUAGES,
    Given,
    Said,
    again,
    current,
    is_message,
    say,
    speaking,
    use,
)
from workbench.language.dictionary import MetricEntry, definition_version, metric_entry
from workbench.language.numbers import shown_width, write_number

__all__ = [
    "LANGUAGES",
    "Given",
    "MetricEntry",
    "Said",
    "again",
    "current",
    "definition_version",
    "is_message",
    "metric_entry",
    "say",
    "shown_width",
    "speaking",
    "use",
    "write_number",
]
