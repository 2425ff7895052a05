"""What a notebook hands on: metrics, checks, findings and row-level tables.

Notebooks meet only through these files. The last call of a notebook is `save`; its file
``results/<notebook>.json`` is at the same time the mark that the notebook came to its end.
"""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
from scipy.stats import binomtest

from workbench.language import metric_entry, say

OUT_VARIABLE = "WORKBENCH_OUT"
SIGNIFICANT_DIGITS = 10  # sums of floats differ in the last digits with the order of threads


@dataclass(frozen=True)
class Missing:
    """Stands where a result could not be computed; `code` and `values` name the message that says why."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The reason in the current language."""
        return say(self.code, **self.values)


@dataclass(frozen=True)
class Metric:
    """One figure of the metric dictionary.

    Attributes
    ----------
    value : float or None
        None when it could not be computed; `reason` then says why. A value that is not finite (0 / 0 of too
        small a base) becomes None.
    n : int or None
        Number of units the figure rests on.
    numerator, denominator : float or None
        Of a rate.
    low, high : float or None
        Ends of the 95 % interval.
    """

    name: str
    value: float | None
    n: int | None = None
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        metric_entry(self.name)
        if self.value is not None and not math.isfinite(self.value):
            object.__setattr__(self, "value", None)
            object.__setattr__(self, "reason", self.reason or say("results.not_defined"))
        if self.value is None and not self.reason:
            raise ValueError(f"metric {self.name}: a value that is missing needs a reason")


def rate(name: str, numerator: int, denominator: int) -> Metric:
    """The metric numerator / denominator with its 95 % Wilson interval.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927), 209-212. Assumes independent units; clustered units make the interval too narrow.
    """
    if denominator == 0:
        return Metric(name, None, n=0, numerator=0, denominator=0, reason=say("results.no_denominator"))
    interval = binomtest(numerator, denominator).proportion_ci(method="wilson")
    return Metric(
        name,
        numerator / denominator,
        n=denominator,
        numerator=numerator,
        denominator=denominator,
        low=float(interval.low),
        high=float(interval.high),
    )


@dataclass(frozen=True)
class Check:
    """Whether something the figures rest on holds. Its words are the message ``check.<name>``."""

    name: str
    passed: bool
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """The finding of the check in the current language."""
        return say(f"check.{self.name}", **self.values)


@dataclass(frozen=True)
class Finding:
    """A sentence worth the first page: a message code and the figures that fill it."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in the current language."""
        return say(self.code, **self.values)


@dataclass(frozen=True)
class Results:
    """All figures of one notebook."""

    notebook: str
    as_of: date
    metrics: tuple[Metric, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()


def out_folder() -> Path:
    """Where this process hands on: the run's staging folder, or the analyst's drafts outside a run."""
    given = os.environ.get(OUT_VARIABLE)
    return Path(given) if given else platformdirs.user_cache_path("workbench") / "draft"


def save(results: Results, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the tables, then the figures, each by one rename, into `out_folder`.

    It then holds ``tables/<name>.parquet`` and ``results/<notebook>.json``. Nothing is returned, because a
    notebook shows what its last line returns.
    """
    out = out_folder()
    for name, table in tables.items():
        path = out / "tables" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path.with_suffix(".part"), index=False)
        path.with_suffix(".part").replace(path)
    path = out / "results" / f"{results.notebook}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(dumps(results), encoding="utf-8")
    path.with_suffix(".part").replace(path)


def dumps(results: Results) -> str:
    """`results` as JSON: keys in a fixed order, floats cut to SIGNIFICANT_DIGITS."""
    content = {
        "notebook": results.notebook,
        "as_of": results.as_of.isoformat(),
        "metrics": [_metric(metric) for metric in results.metrics],
        "checks": [
            {"name": c.name, "passed": bool(c.passed), "detail": c.detail, "values": _plain(c.values)}
            for c in results.checks
        ],
        "findings": [{"code": f.code, "values": _plain(f.values)} for f in results.findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def loads(text: str) -> Results:
    """The inverse of `dumps`."""
    raw = json.loads(text)
    metrics = (Metric(**{k: v for k, v in m.items() if k != "unit"}) for m in raw["metrics"])
    checks = (Check(c["name"], c["passed"], c["values"]) for c in raw["checks"])
    findings = (Finding(f["code"], f["values"]) for f in raw["findings"])
    as_of = date.fromisoformat(raw["as_of"])
    return Results(raw["notebook"], as_of, tuple(metrics), tuple(checks), tuple(findings))


def _metric(metric: Metric) -> dict[str, Any]:
    optional = {
        key: _plain(getattr(metric, key))
        for key in ("numerator", "denominator", "low", "high", "reason")
        if getattr(metric, key) is not None
    }
    unit = metric_entry(metric.name).unit
    return {
        "name": metric.name,
        "value": _plain(metric.value),
        "unit": unit,
        "n": _plain(metric.n),
    } | optional


def _plain(value: Any) -> Any:
    """`value` as JSON can hold it: scalars unwrapped, numbers rounded, what is missing null, dates text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    return value
