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

from workbench.language import Said, again, is_message, metric_entry, say

OUT_VARIABLE = "WORKBENCH_OUT"
EARLIER_VARIABLE = "WORKBENCH_EARLIER"
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
    reason : str or None
        A message (what `say` gives): a page in another language says it again.
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

    @property
    def why(self) -> str:
        """Why the value is missing, in the current language; empty where there is nothing to explain."""
        return str(again(self.reason or ""))


def rate(name: str, numerator: int, denominator: int) -> Metric:
    """The metric numerator / denominator with its 95 % Wilson interval.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927), 209-212. Assumes independent units; clustered units make the interval too narrow.
    """
    if denominator == 0:
        return Metric(name, None, n=0, numerator=0, denominator=0, reason=say("results.no_denominator"))
    from scipy.stats import binomtest  # half a second, and who reads results computes no rate

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
    """Whether something the figures rest on holds. Its words are the message ``check.<name>``.

    Attributes
    ----------
    warns : bool
        Whether the figures can still be used where it does not hold.
    """

    name: str
    passed: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    warns: bool = False

    @property
    def level(self) -> str:
        """``pass``, ``warn`` or ``fail``."""
        return "pass" if self.passed else "warn" if self.warns else "fail"

    @property
    def detail(self) -> str:
        """The finding of the check in the current language."""
        return say(f"check.{self.name}", **self.values)

    @property
    def action(self) -> str:
        """What to do about it (message ``check.<name>.do``), in the current language; empty if it passed."""
        code = f"check.{self.name}.do"
        return "" if self.passed or not is_message(code) else say(code, **self.values)


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
class Block:
    """A small table that a notebook adds to the first page of its run, such as a ledger.

    Attributes
    ----------
    code : str
        Message of its title; it also names the block on the page.
    columns : tuple of (code, unit)
        Message of each head, and the unit of the metric dictionary its numbers are written in; an empty unit
        for text and dates.
    rows : tuple of tuples
        Plain values, one for each column; text that is to be read in both languages is what `say` gives.
    note : Finding or None
        One sentence below.
    """

    code: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    note: Finding | None = None

    def __post_init__(self) -> None:
        uneven = sum(1 for row in self.rows if len(row) != len(self.columns))
        if uneven:
            raise ValueError(
                f"block {self.code}: {uneven} of {len(self.rows)} rows have not {len(self.columns)} values"
            )


@dataclass(frozen=True)
class Results:
    """All figures of one notebook; `blocks` are what it adds to the first page of its run."""

    notebook: str
    as_of: date
    metrics: tuple[Metric, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    blocks: tuple[Block, ...] = ()


def out_folder() -> Path:
    """Where this process hands on: the run's staging folder, or the analyst's drafts outside a run."""
    given = os.environ.get(OUT_VARIABLE)
    return Path(given) if given else platformdirs.user_cache_path("workbench") / "draft"


def earlier(table: str) -> pd.DataFrame | None:
    """A table that the report of an earlier month has handed on; None where there is none, as outside a run.

    A notebook reads only those that its parameters model names in ``compares``: a run knows then what its
    outputs follow from.
    """
    given = os.environ.get(EARLIER_VARIABLE)
    path = Path(given or "") / f"{table}.parquet"
    return pd.read_parquet(path) if given and path.is_file() else None


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
    rows = {name: len(table) for name, table in tables.items()}
    path.with_suffix(".part").write_text(dumps(results, rows), encoding="utf-8")
    path.with_suffix(".part").replace(path)


def dumps(results: Results, tables: Mapping[str, int] | None = None) -> str:
    """`results` as JSON: keys in a fixed order, floats cut to SIGNIFICANT_DIGITS.

    `tables` are the rows of each table that is handed on with them.
    Where a text is a message, its code and values stand beside it (``why`` of a reason, ``words`` of values).
    """
    content = {
        "notebook": results.notebook,
        "as_of": results.as_of.isoformat(),
        "metrics": [_metric(metric) for metric in results.metrics],
        "checks": [
            {"name": c.name, "passed": bool(c.passed), "level": c.level, "detail": c.detail}
            | _values(c.values)
            for c in results.checks
        ],
        "findings": [_coded(f) for f in results.findings],
    }
    blocks: dict[str, Any] = {"blocks": [_block(block) for block in results.blocks]} if results.blocks else {}
    if tables:
        blocks["tables"] = dict(sorted(tables.items()))
    return json.dumps(content | blocks, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def loads(text: str) -> Results:
    """The inverse of `dumps`."""
    raw = json.loads(text)
    checks = (
        Check(c["name"], c["passed"], _read_values(c), warns=c.get("level") == "warn") for c in raw["checks"]
    )
    return Results(
        raw["notebook"],
        date.fromisoformat(raw["as_of"]),
        tuple(_read_metric(m) for m in raw["metrics"]),
        tuple(checks),
        tuple(_read_finding(f) for f in raw["findings"]),
        tuple(_read_block(b) for b in raw.get("blocks", ())),
    )


def _metric(metric: Metric) -> dict[str, Any]:
    optional = {
        key: _plain(getattr(metric, key))
        for key in ("numerator", "denominator", "low", "high", "reason")
        if getattr(metric, key) is not None
    }
    if isinstance(metric.reason, Said):
        optional["why"] = _coded(metric.reason)
    unit = metric_entry(metric.name).unit
    return {
        "name": metric.name,
        "value": _plain(metric.value),
        "unit": unit,
        "n": _plain(metric.n),
    } | optional


def _read_metric(raw: Mapping[str, Any]) -> Metric:
    own = {key: value for key, value in raw.items() if key not in ("unit", "why")}
    if "why" in raw:
        own["reason"] = _read_message(raw["reason"], raw["why"])
    return Metric(**own)


def _block(block: Block) -> dict[str, Any]:
    note = {} if block.note is None else {"note": _coded(block.note)}
    rows = [[_cell(value) for value in row] for row in block.rows]
    return {"code": block.code, "columns": [list(c) for c in block.columns], "rows": rows} | note


def _cell(value: Any) -> Any:
    return {"text": str(value)} | _coded(value) if isinstance(value, Said) else _plain(value)


def _read_block(raw: Mapping[str, Any]) -> Block:
    rows = tuple(
        tuple(_read_message(c["text"], c) if isinstance(c, dict) else c for c in row) for row in raw["rows"]
    )
    note = _read_finding(raw["note"]) if "note" in raw else None
    return Block(raw["code"], tuple((code, unit) for code, unit in raw["columns"]), rows, note)


def _coded(message: Said | Finding) -> dict[str, Any]:
    return {"code": message.code} | _values(message.values)


def _read_finding(raw: Mapping[str, Any]) -> Finding:
    return Finding(raw["code"], _read_values(raw))


def _read_message(text: str, raw: Mapping[str, Any]) -> Said:
    return Said(text, raw["code"], _read_values(raw))


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as they are read, and ``words``: how the messages among them can be said again."""
    words = {name: _coded(value) for name, value in values.items() if isinstance(value, Said)}
    return {"values": _plain(values)} | ({"words": words} if words else {})


def _read_values(raw: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(raw["values"])
    return values | {name: _read_message(values[name], word) for name, word in raw.get("words", {}).items()}


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
