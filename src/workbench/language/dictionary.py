"""The metric dictionary (口径): what each metric means, in both languages, and its unit."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from workbench.language.catalogue import current


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
    folder = resources.files("workbench.language") / "metrics"
    found: dict[str, dict[str, object]] = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        found |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


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
