"""The raw table: each column typed by what the mapping takes it for and by all of its cells."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.errors import WorkbenchError, nearest, refusal, unknown_name
from workbench.parameters import Source
from workbench.sources import mapping, uses
from workbench.sources.files import formats, loading
from workbench.sources.files.formats import Column, Decision, Format, Kind
from workbench.sources.files.headers import ROW, UNREAD, cleaned
from workbench.sources.files.loading import Loaded
from workbench.sources.files.shapes import quoted

# DuckDB's numbers and times; what is none of them and no text can be no canonical value.
TYPED_KINDS: dict[str, Kind] = {
    "TIMESTAMP": "time",
    "DATE": "time",
    "VARCHAR": "text",
    "BOOLEAN": "text",
    "TIME": "text",
    "INTERVAL": "text",
    "ENUM": "text",
    "UUID": "text",
}


@dataclass(frozen=True)
class Wanted:
    """What the mapping wants of the columns: by name, in the files' spelling."""

    uses: Mapping[str, formats.Use]
    required: frozenset[str]
    read: frozenset[str]


def wanted_of(
    source: Source,
    table: str,
    loaded: Loaded,
    text_columns: tuple[str, ...],
    read_columns: tuple[str, ...] | None,
) -> Wanted:
    """What the mapping of `table` wants of the loaded columns."""
    mapped = mapping.parsed(source, table, list(loaded.types))
    by_mapping = uses.uses_of(table, mapped)
    read = set(by_mapping) if read_columns is None else set(read_columns)
    texts: dict[str, formats.Use] = dict.fromkeys(text_columns, "text")
    return Wanted(
        by_mapping | texts, frozenset(uses.required_by(table, mapped)), frozenset(read | set(text_columns))
    )


def refuse_absent(source: Source, table: str, loaded: Loaded, wanted: Wanted) -> None:
    """Refuse a file without a column that decides which rows count; another missing column is NULL there."""
    for column, paths in loaded.absent.items():
        if column in wanted.required:
            where = f"{source.path}: tables.{table}.from"
            got = f"none in {len(paths)} of the files (first: '{paths[0].name}')"
            hint = "Name the column there as in the other files, or take the file out of the glob."
            raise refusal(where, f"the column '{column}'", "in every file of the table", got, hint)


def decisions(duck: Any, source: Source, table: str, loaded: Loaded, wanted: Wanted) -> dict[str, Decision]:
    """By column how it is read; columns that nothing reads stay as they are."""
    given = _given_formats(duck, source, table, loaded)
    least = formats.least_share(source.max_bad_rows)
    decided = {}
    for name, kind in list(loaded.types.items()):
        if name not in wanted.read and name not in given:
            continue
        use = wanted.uses.get(name, "")
        if _kind_of(kind) == "number" and (use == "time" or name in given):
            # Days as 20240131, or seconds: what they are is decided as of text.
            duck.execute(f"ALTER TABLE {loaded.name} ALTER COLUMN {quoted(name)} TYPE VARCHAR")
            kind = loaded.types[name] = loading.TEXT_TYPE
        if kind != loading.TEXT_TYPE:
            decided[name] = _typed(duck, source, table, loaded, name, use)
            continue
        column = Column(
            loaded.name,
            name,
            loaded.marks.get(name),
            use,
            "text" if use == "text" else given.get(name),
            least,
        )
        decided[name] = formats.decide(duck, column)
        if decided[name].problem is not None:
            raise _undecided(source, table, decided[name])
    return decided


def _given_formats(duck: Any, source: Source, table: str, loaded: Loaded) -> dict[str, str]:
    """What stands under ``formats:``, by the files' spelling of the column."""
    spelled = {name.casefold(): name for name in loaded.types}
    where = f"{source.path}: tables.{table}.formats"
    given = {}
    for name, format_ in source.tables[table].formats.items():
        if cleaned(name).casefold() not in spelled:
            raise unknown_name(where, "the column", name, loaded.types)
        if format_ not in formats.WORDS and not formats.is_time_format(duck, format_):
            near = nearest(format_, formats.WORDS)
            hint = f"Did you mean '{near}'?" if near else 'As in `formats: {day: "%d/%m/%Y"}`.'
            rule = f"a date format such as %d/%m/%Y, or one of {', '.join(formats.WORDS)}"
            raise refusal(where, f"the format of '{name}'", rule, f"'{format_}'", hint)
        given[spelled[cleaned(name).casefold()]] = format_
    return given


def _typed(duck: Any, source: Source, table: str, loaded: Loaded, name: str, use: formats.Use) -> Decision:
    """A column that the file types itself: a Parquet file's."""
    kind = loaded.types[name]
    if loading.NESTED.search(kind):
        where = f"{source.path}: tables.{table}.from"
        rule = "of numbers, times, truths or texts"
        raise refusal(where, f"the column '{name}'", rule, kind.partition("(")[0].lower(), "Map another one.")
    sql = f"CAST({quoted(name)} AS VARCHAR)" if use == "text" and kind != "BOOLEAN" else quoted(name)
    about = looked_at(duck, loaded, name)
    return Decision(replace(about, kind="text") if use == "text" else about, sql)


def looked_at(duck: Any, loaded: Loaded, name: str) -> Format:
    """How a column is written, by nothing but its own cells; what they leave open stands in ``choices``."""
    kind = loaded.types[name]
    if kind == loading.TEXT_TYPE:
        return formats.decide(duck, Column(loaded.name, name, loaded.marks.get(name), looking=True)).format
    filled = duck.execute(f"SELECT count({quoted(name)}) FROM {loaded.name}").fetchone()[0]
    return Format(name, _kind_of(kind), "typed", int(filled), int(filled), (f"type_{kind.lower()}",))


def _kind_of(sql_type: str) -> Kind:
    if loading.NESTED.search(sql_type):
        return "text"
    return next((kind for start, kind in TYPED_KINDS.items() if sql_type.startswith(start)), "number")


def create_typed(duck: Any, name: str, loaded: Loaded, decided: Mapping[str, Decision]) -> None:
    """The raw table, as a view: the files' rows are typed as they are read."""
    values = {column: decided[column].sql if column in decided else quoted(column) for column in loaded.types}
    places = {column: f"_value_{place}" for place, column in enumerate(values)}
    typed = [f"{sql} AS {places[column]}" for column, sql in values.items()]
    broken = [column for column, about in decided.items() if about.format.read < about.format.filled]
    unread = [
        f"{formats.unread_sql(decided[column], places[column])} AS _unread_{i}"
        for i, column in enumerate(broken)
    ]
    first = f"SELECT rowid + 1 AS {ROW}, {', '.join([*typed, *map(quoted, broken)])} FROM {loaded.name}"
    second = f"SELECT {', '.join([ROW, *places.values(), *unread])} FROM ({first})"
    marks = ", ".join(f"_unread_{i}" for i in range(len(broken)))
    listed = "CAST(NULL AS VARCHAR[])"
    if broken:
        filtered = f"list_filter([{marks}], lambda x: x IS NOT NULL)"
        listed = f"CASE WHEN coalesce({marks}, NULL) IS NOT NULL THEN {filtered} END"
    renamed = ", ".join(f"{place} AS {quoted(column)}" for column, place in places.items())
    query = f"SELECT {ROW}, {renamed}, {listed} AS {UNREAD} FROM ({second})"
    duck.execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS {query}")


def reported(decided: Mapping[str, Decision], loaded: Loaded) -> tuple[Format, ...]:
    """The formats, with the number of files that lack the column."""
    absent = {column: (f"absent_in_files={len(paths)}",) for column, paths in loaded.absent.items()}
    return tuple(
        replace(about.format, evidence=about.format.evidence + absent.get(column, ()))
        for column, about in decided.items()
    )


def _undecided(source: Source, table: str, decision: Decision) -> WorkbenchError:
    """The refusal of a column whose cells leave open what they mean; its hint is the one line to write."""
    assert decision.problem is not None
    code, counts = decision.problem
    about = decision.format
    rule, got = PROBLEMS[code]
    where = f"{source.path}: tables.{table}.formats"
    shown = about.column if about.column.isidentifier() else f"'{about.column}'"
    first, *others = about.choices or ("%d/%m/%Y", "%m/%d/%Y")
    hint = f'Add `formats: {{{shown}: "{first}"}}` to the table, or "{others[0]}".'
    if code in ("two_marks", "two_orders"):
        hint += " Cells written otherwise go to quarantine then."
    if code == "two_currencies":
        hint = (
            f"Split the column by currency, or add `formats: {{{shown}: text}}` and read it by an expression."
        )
    if code == "cells_and_texts":
        hint = "Make all of them dates in the book. " + hint
    cells = [f"{n:,} cell{'s' * (n != 1)}" for n in counts]
    got = got.format(*cells, choices=" and as ".join(about.choices), n=len(counts))
    return refusal(where, f"the column '{about.column}'", rule, got, hint)


# By what is wrong: the rule, and what stands there instead with the counts of the decision ("3 cells").
PROBLEMS = {
    "either_order": ("dates of one order", "{0} that can be read as {choices}"),
    "two_orders": ("dates of one order", "{0} that are dates in one order only and {1} in another one only"),
    "cells_and_texts": (
        "dates of one kind",
        "{0} of dates and {1} of texts with day or month first (a spreadsheet may have swapped the former)",
    ),
    "either_mark": (
        "numbers with one meaning",
        "{0} with three digits behind the only mark, which may group or part them",
    ),
    "two_marks": ("numbers with one decimal mark", "{0} with a point for it and {1} with a comma"),
    "two_currencies": ("amounts in one currency", "{n} currencies ({0} in the first, {1} in the next)"),
}
