"""The metric dictionary (口径): what each metric means, in both languages, and its unit."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache

from workbench.language.catalogue import current
from workbench.own_yaml import read_own_folder

VERSION_LENGTH = 12  # hexadecimal digits


@dataclass(frozen=True)
class MetricEntry:
    """One entry of the dictionary, in one language.

    Attributes
    ----------
    better : str
        ``higher``, ``lower`` or ``none``: which direction is good news.
    """

    name: str
    unit: str
    better: str
    label: str
    definition: str


@cache
def entries() -> dict[str, dict[str, object]]:
    """All entries as written, by metric name."""
    return read_own_folder("workbench.language", "metrics")


def definition_version(name: str) -> str:
    """A short hash of the entry of metric `name`: it changes when its unit, direction or words do."""
    text = json.dumps(entries()[name], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_LENGTH]


def metric_entry(name: str) -> MetricEntry:
    """The entry of metric `name` in the current language.

    Raises
    ------
    KeyError
        If the dictionary does not hold the metric: results refuse such a metric when they are made.
    """
    raw = entries()[name]
    words = raw[current().language]
    assert isinstance(words, dict)
    return MetricEntry(name, str(raw["unit"]), str(raw["better"]), words["label"], words["definition"])
