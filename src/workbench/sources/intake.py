"""The door of the room: a source file in, the canonical tables of one study out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs

from workbench.calendar import end_of_day, last_complete_month
from workbench.errors import refusal
from workbench.parameters import NotebookParameters, Source, find_source, read_source
from workbench.sources import contracts, databases, engines, files, identity, mapping
from workbench.sources.canonical import AVAILABLE_AT, IDENTITIES, TABLES
from workbench.sources.embedded import give_back
from workbench.sources.engine_errors import refused
from workbench.sources.engines import Engine
from workbench.sources.files.formats import Format
from workbench.sources.quarantine import quarantined_rows
from workbench.sources.staging import USED, quoted, stage
from workbench.sources.totals import ControlTotals, check_control, check_rows, control_totals, visible_sql

CAST_HINT = "Cast text with try_cast(column AS DOUBLE) or try_strptime(column, '%d/%m/%Y')."
# A text column is a numeric attribute when at least this share of its filled cells are numbers.
NUMERIC_SHARE = 0.99
LARGE_BYTES = 100_000_000  # of files, from which on their tables are kept on disk


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
    formats : mapping of str to tuple of Format
        By table read from text files: how each column was understood.
    control : Decimal or None
        The revenue that agrees with the source's control figure; None if it gives none.
    orphans : mapping of str to int
        By table the customers whom the table of customers does not have; empty where that is not mapped.
    linked : int
        Ids in the tables that `identities` give to a person with another id.
    mapped : mapping of str to tuple of str
        By table the canonical columns that the source fills; empty for tables made by hand.
    """

    as_of: date
    latest: date | None
    totals: Mapping[str, ControlTotals]
    tables: Mapping[str, Any]
    attribute_names: Mapping[str, tuple[str, ...]]
    formats: Mapping[str, tuple[Format, ...]] = field(default_factory=dict)
    control: Decimal | None = None
    orphans: Mapping[str, int] = field(default_factory=dict)
    linked: int = 0
    mapped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    engine: Engine = field(default_factory=lambda: Engine("duckdb", None))  # tables made by hand have none

    def get(self, table: str) -> Any:
        """The canonical table as an Ibis table, or None if it is not mapped."""
        return self.tables.get(table)

    def digest(self, *tables: str) -> str | None:
        """Tells these tables, as of this day, from any others; None where they were made by hand.

        A table that is not mapped adds nothing.
        """
        if self.engine.con is None:
            return None
        there = [table for table in tables if table in self.tables]
        found = [f"{table} {self.engine.digest(f'canonical_{table}')}" for table in there]
        return "; ".join([str(self.as_of), *found])

    def quarantined(self) -> pd.DataFrame:
        """The quarantined rows of all tables, under pseudonyms: see `sources.quarantine`."""
        return quarantined_rows(self.engine, list(self.totals))

    def columns(self, table: str) -> list[str]:
        """The columns of a canonical table that the source fills; all of a table made by hand."""
        there = list(self.get(table).columns)
        if table not in self.mapped:
            return there
        own = {*self.mapped[table], *self.attributes(table)}
        return [name for name in there if name in own]

    def attributes(self, table: str) -> list[str]:
        """The names of the table's attribute columns."""
        return list(self.attribute_names.get(table, ()))


def load(p: NotebookParameters, *, undated_as_of: date | None = None, today: date | None = None) -> Canonical:
    """The canonical tables that a notebook's parameters ask for.

    Parameters
    ----------
    undated_as_of : date, optional
        The as-of date for a source that holds no dates, where `p` gives none.
    today : date, optional
        Later days are taken for slips when the latest day of the data is looked for.

    Raises
    ------
    WorkbenchError
        If the source breaks a rule, disagrees with its control figure, or holds no dates and `p.as_of` is not
        given.
    """
    source = resolve(read_source(find_source(p.source)))
    mapping.check_names(source)
    engine = engines.connect(source, p.timezone)
    with refused(str(source.path), "the engine", "one that answers to the end", "Run it again."):
        attributes, formats = _stage_all(engine, source, p.timezone)
        staged = [t for t in source.tables if t != IDENTITIES]
        latest = _latest(engine, staged, today)
        as_of = p.as_of or (last_complete_month(latest) if latest else undated_as_of)
        if as_of is None:
            where = str(source.path)
            raise refusal(where, "as_of", "given for a source without dates", "nothing", "Give a date.")
        people = [f"staged_{t}" for t in staged if "customer_id" in TABLES[t].columns]
        linked = identity.create_pseudonyms(engine, source, people, identify=p.identify)
        control = check_control(engine, source)
        totals = {table: control_totals(engine, source, table, as_of) for table in staged}
        tables, names = {}, {}
        for table in staged:
            late = AVAILABLE_AT in source.tables[table].columns
            tables[table], names[table] = _visible(engine, table, attributes[table], as_of, late=late)
        unknown = contracts.orphans(tables)
    give_back()
    mapped = {table: tuple(source.tables[table].columns) for table in staged}
    return Canonical(as_of, latest, totals, tables, names, formats, control, unknown, linked, mapped, engine)


def resolve(source: Source) -> Source:
    """`source`, or in place of an embedded demo the source file of that demo, written at the first call."""
    if source.demo is None:
        return source
    from workbench import demo  # only who asks for the demo company waits for it

    wanted = source.demo
    name = f"{demo.DEMO_VERSION}-{wanted.customers}-{wanted.seed}-{wanted.language}"
    folder = platformdirs.user_cache_path("workbench") / "demo" / name
    if not (folder / "source.yml").is_file():
        demo.write_company(folder, customers=wanted.customers, seed=wanted.seed, language=wanted.language)
    return read_source(folder / "source.yml")


def describe_inputs(source: Source, data: Canonical) -> list[dict[str, Any]]:
    """Each input: table, name, rows (None for each of several files), and what tells its content.

    That is bytes and sha256 for a file; for a table in a database a digest of its staged rows.
    """
    described: list[dict[str, Any]] = []
    for table, about in source.tables.items():
        rows = data.totals[table].whole.rows["in"] if table in data.totals else None
        if data.engine.kind != "duckdb" or data.engine.store is not None:
            digest = data.engine.digest(f"staged_{table}")
            described.append({"table": table, "name": about.from_, "rows": rows, "digest": digest})
            continue
        paths = files.paths_of(source, table)
        described += [
            {
                "table": table,
                "name": path.name,
                "rows": rows if len(paths) == 1 else None,
                "bytes": path.stat().st_size,
                "sha256": _sha256(path),
            }
            for path in paths
        ]
    return described


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


def _stage_all(
    engine: Engine, source: Source, timezone: str
) -> tuple[dict[str, list[str]], dict[str, tuple[Format, ...]]]:
    """Stage every table; the attribute columns of each, and how the columns of its files were understood."""
    attributes: dict[str, list[str]] = {}
    formats: dict[str, tuple[Format, ...]] = {}
    from_files = engine.kind == "duckdb" and engine.store is None
    if from_files and files.bytes_of(source) >= LARGE_BYTES:
        engine.to_disk()
    for table in source.tables:
        columns_of = files.columns_of if from_files else databases.columns_of
        raw = columns_of(engine.con if from_files else engine, source, table)
        mapped = mapping.parsed(source, table, raw)
        attributes[table] = list(mapped.attributes)
        engine.widen(sum(map(len, attributes.values())))
        if from_files:
            texts = mapping.text_columns(table, mapped, raw)
            read = files.read_raw(engine.con, source, table, texts, mapping.read_columns(mapped))
            name, formats[table] = read.name, read.formats
        else:
            name = databases.raw_table(engine, source, table)
        where = f"{source.path}: tables.{table}"
        rule = "expressions that fit the types of the table's columns"
        with refused(where, "the mapping", rule, CAST_HINT):
            stage(engine, table, name, mapped, timezone)
        if from_files:
            files.forget(engine.con, read)
        elif engine.store is not None:
            engine.drop(name)
        check_rows(engine, source, table)
    return attributes, formats


def _latest(engine: Engine, staged: list[str], today: date | None) -> date | None:
    """The last day on which anything happened that a study uses; customers' registrations do not count."""
    found = []
    until = (
        "" if today is None else f" AND {{}} < CAST('{end_of_day(today).isoformat(sep=' ')}' AS TIMESTAMP)"
    )
    for table in staged:
        for column in () if table == "customers" else TABLES[table].times:
            query = f"SELECT max({column}) FROM staged_{table} WHERE _status = '{USED}'{until.format(column)}"
            found += [row[0] for row in engine.rows(query)]
    days = [moment.date() for moment in found if moment is not None]
    return max(days) if days else None


def _visible(
    engine: Engine, table: str, attributes: list[str], as_of: date, *, late: bool
) -> tuple[Any, tuple[str, ...]]:
    """The used rows that a study as of `as_of` may see, under pseudonyms, kept as a table of its own.

    Only a table whose rows may come `late` has a column ``available_at``: features look at each cut-off anew
    there.
    """
    canonical, end = TABLES[table], end_of_day(as_of).isoformat(sep=" ")
    columns = {name: f"s.{name}" for name in canonical.columns if late or name != AVAILABLE_AT}
    for name in canonical.hidden_until:
        columns[name] = f"CASE WHEN s.{name} < CAST('{end}' AS TIMESTAMP) THEN s.{name} END"
    if table == "subscriptions":  # a contract that ends later has not ended yet
        ended = f"s.ended_at < CAST('{end}' AS TIMESTAMP)"
        columns["churned"] = (
            f"CASE WHEN s.ended_at IS NOT NULL THEN {ended} ELSE coalesce(s.churned, FALSE) END"
        )
    if table == "feedback":
        columns["feedback_id"] = "coalesce(s.feedback_id, concat('f', lpad(CAST(s._row AS VARCHAR), 9, '0')))"
    join, once = "", ""
    if "customer_id" in columns:
        columns["customer_id"], join = "p.customer_id", "LEFT JOIN pseudonyms p ON p.raw_id = s.customer_id"
    if canonical.key == "customer_id":  # of a person with several ids the row of her own id stays
        once = ", s._row, row_number() OVER (PARTITION BY p.customer_id ORDER BY p.own DESC, s._row) AS _once"
    where = f"_status = '{USED}' AND {visible_sql(table, as_of)}"
    # An attribute that is called as a canonical column is that column, whatever its capitals.
    names = tuple({c.casefold(): c for c in canonical.columns}.get(a.casefold(), a) for a in attributes)
    for number, name in enumerate(names):
        columns[name] = _attribute(engine, table, number, where)
    selected = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    query = f"SELECT {selected}{once} FROM staged_{table} s {join} WHERE {where}"
    if once:
        listed = ", ".join(quoted(name) for name in columns)
        query = f"SELECT {listed} FROM ({query}) AS s WHERE _once = 1"
    if engine.kind == "duckdb":  # the order of the files; databases have none
        by = ["customer_id"] if "customer_id" in columns and engine.is_large(f"staged_{table}") else []
        query += f" ORDER BY {', '.join([*by, 's._row'])}"  # a part of the customers is then read alone
    return engine.keep(f"canonical_{table}", query), names


def _attribute(engine: Engine, table: str, number: int, where: str) -> str:
    """SQL of an attribute: a number if nearly all filled cells that the study sees are numbers, else text."""
    text = f"nullif(trim(s._attribute_{number}), '')"
    counts = (
        f"SELECT count({text}) AS filled, count(TRY_CAST({text} AS DOUBLE)) AS numbers "
        f"FROM staged_{table} s WHERE {where}"
    )
    filled, numbers = engine.rows(counts)[0]
    return f"TRY_CAST({text} AS DOUBLE)" if filled and numbers >= NUMERIC_SHARE * filled else text


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
