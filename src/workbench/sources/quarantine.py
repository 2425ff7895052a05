"""The rows that were kept apart: where they stand in the files, why, whose, when and how much."""

import pandas as pd

from workbench.sources.canonical import TABLES
from workbench.sources.engines import Engine
from workbench.sources.staging import QUARANTINED

# More tell nobody more, and of a large source they would fill the archive. The counts are always whole.
MOST_ROWS = 10_000
COLUMNS = ("table", "row", "reason", "customer_id", "at", "amount")


def quarantined_rows(engine: Engine, tables: list[str]) -> pd.DataFrame:
    """Up to MOST_ROWS quarantined rows of each table.

    Returns
    -------
    pandas.DataFrame
        table, row (place in the files from 1; missing for a database), reason (``rule:column``), customer_id
        (pseudonym), at (first time of the table), amount (currency). What could not be read is missing.
    """
    found = [(table, *row) for table in tables for row in engine.rows(_query(table))]
    frame = pd.DataFrame(found, columns=COLUMNS)
    return frame.assign(
        row=frame.row.astype("Int64"),
        at=pd.to_datetime(frame["at"]).astype("datetime64[us]"),
        amount=frame.amount.astype("float64"),
    )


def _query(table: str) -> str:
    columns, times = TABLES[table].columns, TABLES[table].times
    customer, join = "CAST(NULL AS VARCHAR)", ""
    if "customer_id" in columns:
        customer, join = "p.customer_id", "LEFT JOIN pseudonyms p ON p.raw_id = s.customer_id"
    moment = f"s.{times[0]}" if times else "CAST(NULL AS TIMESTAMP)"
    amount = "s.amount" if "amount" in columns else "CAST(NULL AS DECIMAL(18, 4))"
    return (
        f"SELECT s._row, s._reason, {customer}, {moment}, {amount} FROM staged_{table} s {join} "
        f"WHERE s._status = '{QUARANTINED}' ORDER BY s._row, s._reason, {moment}, {amount} LIMIT {MOST_ROWS}"
    )
