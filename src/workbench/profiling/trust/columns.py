"""How well each column is filled, computed where the data lie."""

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from workbench.sources import TABLES, Canonical


def column_profile(data: Canonical) -> pd.DataFrame:
    """How each mapped column is filled; one pass of the engine per table.

    Returns
    -------
    pandas.DataFrame
        table, column, kind, filled (share of rows), distinct, low, high. The ends are given for numbers and
        times only: the smallest text of a column may be a customer's.
    """
    rows = [row for table in data.totals for row in _profile_of(table, data)]
    return pd.DataFrame(rows, columns=["table", "column", "kind", "filled", "distinct", "low", "high"])


def _profile_of(name: str, data: Canonical) -> list[dict[str, Any]]:
    table: ir.Table = data.get(name)
    kinds: dict[str, str] = {column: about.kind for column, about in TABLES[name].columns.items()}
    kinds |= dict.fromkeys(data.attributes(name), "attribute")
    asked: dict[str, Any] = {"n": table.count()}
    for column in table.columns:
        asked[f"filled {column}"] = table[column].count()
        asked[f"distinct {column}"] = table[column].nunique()
        if not table[column].type().is_string() and not table[column].type().is_boolean():
            asked[f"low {column}"] = table[column].min()
            asked[f"high {column}"] = table[column].max()
    answer: Mapping[str, Any] = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    rows = [_profile_row(name, column, kinds[column], answer) for column in table.columns]
    return [row for row in rows if row["distinct"] > 0]


def _profile_row(table: str, column: str, kind: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    filled, n = answer[f"filled {column}"], answer["n"]
    return {
        "table": table,
        "column": column,
        "kind": kind,
        "filled": filled / n if n else None,
        "distinct": answer[f"distinct {column}"],
        "low": _written(answer.get(f"low {column}")),
        "high": _written(answer.get(f"high {column}")),
    }


def _written(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if hasattr(value, "year") else f"{value:,.2f}"
