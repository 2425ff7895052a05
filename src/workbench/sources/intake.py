"""The door of the room: a source file in, the canonical tables of one study out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import platformdirs
from ibis.backends.duckdb import Backend
from ibis.common.exceptions import IbisError
from sqlglot.errors import SqlglotError

from workbench import demo
from workbench.calendar import end_of_day, last_complete_month
from workbench.errors import refusal
from workbench.parameters import NotebookParameters, Source, find_source, read_source
from workbench.sources import files, identity, mapping
from workbench.sources.canonical import ESSENTIAL, TABLES
from workbench.sources.mapping import QUARANTINED, USED
from workbench.sources.totals import ControlTotals, control_totals, visible_sql

ATTRIBUTE = "attribute: "
# A text column is a numeric attribute when at least this share of its filled cells are numbers.
NUMERIC_SHARE = 0.99


@dataclass(frozen=True)
class Canonical:
    """The canonical tables of one study, cut to its as-of date.

    Attributes
    ----------
    as_of : date
        Last day the tables hold.
    latest : date or None
        Last day the source holds; None if it holds no dates.
    totals : mapping of str to ControlTotals
        By table.
    """

    as_of: date
    latest: date | None
    totals: Mapping[str, ControlTotals]
    tables: Mapping[str, Any]
    attribute_names: Mapping[str, tuple[str, ...]]

    def get(self, table: str) -> Any:
        """The canonical table as an Ibis table, or None if it is not mapped."""
        return self.tables.get(table)

    def attributes(self, table: str) -> list[str]:
        """The names of the table's attribute columns."""
        return list(self.attribute_names.get(table, ()))


def load(p: NotebookParameters, *, undated_as_of: date | None = None) -> Canonical:
    """The canonical tables that a notebook's parameters ask for.

    Parameters
    ----------
    undated_as_of : date, optional
        The as-of date for a source that holds no dates, where `p` gives none.

    Raises
    ------
    WorkbenchError
        If the source breaks a rule, or holds no dates and `p.as_of` is not given.
    """
    source = resolve(read_source(find_source(p.source)))
    con, staged, attributes = _stage_all(source, p.timezone)
    latest = _latest(con, staged)
    as_of = p.as_of or (last_complete_month(latest) if latest else undated_as_of)
    if as_of is None:
        raise refusal(
            str(source.path), "as_of", "given for a source without dates", "nothing", "Give a date."
        )
    identity.create_pseudonyms(
        con, [name for t, name in staged.items() if "customer_id" in TABLES[t].columns], identify=p.identify
    )
    totals = {table: control_totals(con, table, as_of) for table in staged}
    tables, names = {}, {}
    for table in staged:
        tables[table], names[table] = _visible(con, table, attributes[table], as_of)
    return Canonical(as_of, latest, totals, tables, names)


def resolve(source: Source) -> Source:
    """`source`, or in place of an embedded demo the source file of that demo, written at the first call."""
    if source.demo is None:
        return source
    wanted = source.demo
    name = f"{demo.DEMO_VERSION}-{wanted.customers}-{wanted.seed}-{wanted.language}"
    folder = platformdirs.user_cache_path("workbench") / "demo" / name
    if not (folder / "source.yml").is_file():
        demo.write_company(folder, customers=wanted.customers, seed=wanted.seed, language=wanted.language)
    return read_source(folder / "source.yml")


def describe_inputs(source: Source) -> list[dict[str, Any]]:
    """Each input file: table, name, bytes, sha256."""
    return [
        {"table": table, "name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)}
        for table in source.tables
        for path in files.paths_of(source, table)
    ]


def with_zone(frame: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """`frame` with its wall-clock times carrying the study's time zone, for tables that leave the workbench.

    In the hour that a clock change repeats, the earlier instant is taken; a skipped one moves forward.
    """
    naive = [name for name in frame.columns if pd.api.types.is_datetime64_dtype(frame[name])]
    zoned = {
        name: frame[name].dt.tz_localize(timezone, ambiguous=True, nonexistent="shift_forward")
        for name in naive
    }
    return frame.assign(**zoned)


def _stage_all(source: Source, timezone: str) -> tuple[Backend, dict[str, str], dict[str, list[str]]]:
    for table in source.tables:
        mapping.check_names(source, table)
    if not set(source.tables) & set(ESSENTIAL):
        rule = f"at least one of {', '.join(ESSENTIAL)}"
        got = ", ".join(source.tables) or "none"
        raise refusal(f"{source.path}: tables", "the mapped tables", rule, got, "Map one of them.")
    con = files.connect(source)
    staged, attributes = {}, {}
    for table in source.tables:
        raw = files.columns_of(con, source, table)
        parsed = mapping.expressions(source, table, raw)
        attributes[table] = mapping.attribute_columns(source, table, parsed, raw)
        files.read_raw(con, source, table, mapping.text_columns(table, parsed, raw, attributes[table]))
        staged[table] = _staged(con, source, table, parsed, attributes[table], timezone)
        con.drop_table(f"raw_{table}")
        _check_bad_rows(con, source, table)
    return con, staged, attributes


def _staged(
    con: Backend, source: Source, table: str, parsed: Any, attributes: list[str], timezone: str
) -> str:
    try:
        return mapping.stage(con, table, parsed, attributes, timezone)
    except (duckdb.Error, IbisError, SqlglotError) as error:  # their words may quote a customer's values
        where = f"{source.path}: tables.{table}"
        got = f"one that the engine refuses ({type(error).__name__})"
        rule = "expressions that fit the types of the file's columns"
        hint = "Cast text with try_cast(column AS DOUBLE) or try_strptime(column, '%d/%m/%Y')."
        raise refusal(where, "the mapping", rule, got, hint) from None


def _check_bad_rows(con: Backend, source: Source, table: str) -> None:
    totals = control_totals(con, table, None)
    rows, bad = totals.whole.rows["in"], totals.whole.rows[QUARANTINED]
    if rows == 0:
        raise refusal(
            f"{source.path}: tables.{table}", "the table", "one with rows", "0 rows", "Check the file."
        )
    if bad > source.max_bad_rows * rows:
        reasons = "; ".join(f"{reason.replace(':', ' ')}: {n:,}" for reason, n in totals.reasons.items())
        raise refusal(
            f"{source.path}: tables.{table}",
            "rows that break the schema",
            f"at most {source.max_bad_rows:.1%} of {rows:,}",
            f"{bad:,} ({bad / rows:.1%}): {reasons}",
            "Correct the mapping, exclude them by `where`, or raise max_bad_rows.",
        )


def _latest(con: Backend, staged: Mapping[str, str]) -> date | None:
    """The last day on which anything happened that a study uses; customers' registrations do not count."""
    found = []
    for table, name in staged.items():
        for column in () if table == "customers" else TABLES[table].times:
            query = f"SELECT max({column}) AS latest FROM {name} WHERE _status = '{USED}'"
            found.append(con.sql(query).to_pyarrow().column(0)[0].as_py())
    days = [moment.date() for moment in found if moment is not None]
    return max(days) if days else None


def _visible(con: Backend, table: str, attributes: list[str], as_of: date) -> tuple[Any, tuple[str, ...]]:
    """The used rows that a study as of `as_of` may see, under pseudonyms, kept as a table of its own."""
    canonical, end = TABLES[table], end_of_day(as_of).isoformat(sep=" ")
    columns = {name: f"s.{name}" for name in canonical.columns}
    for name in canonical.hidden_until:
        columns[name] = f"CASE WHEN s.{name} < TIMESTAMP '{end}' THEN s.{name} END"
    if table == "subscriptions":  # a contract that ends later has not ended yet
        ended = f"s.ended_at < TIMESTAMP '{end}'"
        columns["churned"] = (
            f"CASE WHEN s.ended_at IS NOT NULL THEN {ended} ELSE coalesce(s.churned, FALSE) END"
        )
    if table == "feedback":
        columns["feedback_id"] = "coalesce(s.feedback_id, 'f' || lpad(CAST(s._row AS VARCHAR), 9, '0'))"
    join = ""
    if "customer_id" in columns:
        columns["customer_id"], join = "p.customer_id", "LEFT JOIN pseudonyms p ON p.raw_id = s.customer_id"
    where = f"_status = '{USED}' AND {visible_sql(table, as_of)}"
    # An attribute that is called as a canonical column is that column, whatever its capitals.
    names = tuple({c.casefold(): c for c in canonical.columns}.get(a.casefold(), a) for a in attributes)
    for name, attribute in zip(names, attributes, strict=True):
        columns[name] = _attribute(con, table, attribute, where)
    selected = ", ".join(f"{sql} AS {mapping.quoted(name)}" for name, sql in columns.items())
    query = f"SELECT {selected} FROM staged_{table} s {join} WHERE {where} ORDER BY s._row"
    created = con.create_table(table, con.sql(query, dialect="duckdb"), temp=True, overwrite=True)
    return created, names


def _attribute(con: Backend, table: str, name: str, where: str) -> str:
    """SQL of an attribute: a number if nearly all filled cells that the study sees are numbers, else text."""
    text = f"nullif(trim(s.{mapping.quoted(ATTRIBUTE + name)}), '')"
    counts = (
        f"SELECT count({text}) AS filled, count(TRY_CAST({text} AS DOUBLE)) AS numbers "
        f"FROM staged_{table} s WHERE {where}"
    )
    filled, numbers = (c[0].as_py() for c in con.sql(counts, dialect="duckdb").to_pyarrow().columns)
    return f"TRY_CAST({text} AS DOUBLE)" if filled and numbers >= NUMERIC_SHARE * filled else text


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
