"""Results as JSON and back: the same bytes for the same figures."""

import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from workbench.language import Said, metric_entry
from workbench.results.records import Block, Check, Finding, Metric, Results

SIGNIFICANT_DIGITS = 10  # sums of floats differ in the last digits with the order of threads


def dumps(results: Results, tables: Mapping[str, int] | None = None) -> str:
    """`results` as JSON: keys in a fixed order, floats cut to SIGNIFICANT_DIGITS.

    `tables` are the rows of each table that is handed on with them (``<name>.csv`` for one that is CSV).
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
