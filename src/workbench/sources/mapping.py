"""From a raw table to a staged one: canonical columns by SQL, each row used, excluded or quarantined."""

import re
from typing import Any

import sqlglot
from ibis.backends.duckdb import Backend
from sqlglot import exp
from sqlglot.errors import SqlglotError

from workbench.errors import WorkbenchError, nearest, refusal, unknown_name
from workbench.parameters import Source
from workbench.sources.canonical import TABLES, Column

EXCLUDED, QUARANTINED, USED = "excluded", "quarantined", "used"
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0", "是", "已流失")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0", "否", "未流失")
# A time of day with its distance to UTC, or a zone's name, behind it.
ZONED = r":\d{2}(\.\d+)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?|[A-Za-z]+/[A-Za-z_/]+)$"
# What stands in a first line that holds values instead of names: a number, a date, an address, nothing.
NO_NAME = re.compile(r"[\d\s.,:/+-]*|.*@.*|column\d+")


def check_names(source: Source, table: str) -> None:
    """Refuse table and column names that no canonical table has, and required columns that are not mapped."""
    where = f"{source.path}: tables"
    if table not in TABLES:
        raise unknown_name(where, "the table", table, TABLES)
    canonical, mapped = TABLES[table], source.tables[table].columns
    for name in mapped:
        if name not in canonical.columns:
            raise unknown_name(f"{where}.{table}.columns", "the canonical column", name, canonical.columns)
    for name, column in canonical.columns.items():
        if column.required and name not in mapped:
            place = f"{where}.{table}.columns"
            raise refusal(place, name, "mapped", "nothing", "Say which of the source's columns it is.")
    if canonical.any_of and not set(canonical.any_of) & set(mapped):
        rule = f"at least one of {', '.join(canonical.any_of)}"
        raise refusal(f"{where}.{table}.columns", "the mapping", rule, "none of them", "Map one of them.")


def expressions(source: Source, table: str, raw_columns: list[str]) -> dict[str, exp.Expr]:
    """The parsed SQL of each mapped column, and of the filter under the key ``where``.

    Raises
    ------
    WorkbenchError
        If an expression is no SQL, or names a column that the file does not have.
    """
    mapping = source.tables[table]
    texts = {f"columns.{name}": str(text) for name, text in mapping.columns.items()}
    if mapping.where is not None:
        texts["where"] = mapping.where
    parsed = {}
    for key, text in texts.items():
        where = f"{source.path}: tables.{table}.{key}"
        parsed[key.removeprefix("columns.")] = _parsed(text, where, raw_columns)
    for name in mapping.attributes if mapping.attributes != "all" else ():
        if name not in raw_columns:
            raise _unknown_column(f"{source.path}: tables.{table}.attributes", name, raw_columns)
    return parsed


def _parsed(text: str, where: str, raw_columns: list[str]) -> exp.Expr:
    try:
        expression = sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError:
        rule = "an SQL expression (DuckDB's dialect)"
        hint = f"Quote the name: '{quoted(text)}'." if text in raw_columns else "Correct the expression."
        raise refusal(where, "the value", rule, f"'{text}'", hint) from None
    known = {name.casefold() for name in raw_columns}
    for column in expression.find_all(exp.Column):
        if column.name.casefold() not in known:
            raise _unknown_column(where, column.name, raw_columns)
    return expression


def _unknown_column(where: str, name: str, raw_columns: list[str]) -> WorkbenchError:
    """The refusal of a column that the file does not have.

    A file without a line of names has a customer's values there: then none of them is told.
    """
    near = nearest(name, raw_columns)
    if any(NO_NAME.fullmatch(raw) for raw in raw_columns):
        hint = "The file's first line holds no column names: add them."
    elif near:
        hint = f"Did you mean '{near if near.isidentifier() else quoted(near)}'?"
    else:
        hint = f"The file has: {', '.join(raw_columns)}."
    return refusal(where, "the column", "one that the file has", f"'{name}'", hint)


def text_columns(
    table: str, parsed: dict[str, exp.Expr], raw_columns: list[str], attributes: list[str]
) -> tuple[str, ...]:
    """The raw columns that must come in as the text they are.

    Those are ids, and texts and attributes that nothing else is computed from: the category 01 is not 1.
    """
    spelled = {name.casefold(): name for name in raw_columns}
    ids: set[str] = set()
    texts = set(attributes)
    others: set[str] = set()
    for name, expression in parsed.items():
        read = {spelled[column.name.casefold()] for column in expression.find_all(exp.Column)}
        kind = "" if name == "where" else TABLES[table].columns[name].kind
        bare = isinstance(expression, exp.Column)
        (ids if kind == "id" else texts if kind == "text" and bare else others).update(read)
    return tuple(name for name in raw_columns if name in ids | (texts - others))


def attribute_columns(source: Source, table: str, parsed: dict[str, exp.Expr], raw: list[str]) -> list[str]:
    """The raw columns kept as features: those listed, or with ``all`` every other one.

    Others are those that no expression reads and that are not called as a mapped column is.

    Raises
    ------
    WorkbenchError
        If the customer's id is listed: it would leave the workbench as it is, without its pseudonym.
    """
    wanted = source.tables[table].attributes
    read = {key: {c.name.casefold() for c in e.find_all(exp.Column)} for key, e in parsed.items()}
    if wanted == "all":
        taken = set(source.tables[table].columns).union(*(read[key] for key in parsed if key != "where"))
        return [name for name in raw if name.casefold() not in taken]
    for name in wanted:
        if name.casefold() in {"customer_id"} | read.get("customer_id", set()):
            where = f"{source.path}: tables.{table}.attributes"
            rule = "a column other than the customer's id"
            raise refusal(where, "an attribute", rule, f"'{name}'", "Take it out of the list.")
    return list(wanted)


def stage(con: Backend, table: str, parsed: dict[str, exp.Expr], attributes: list[str], timezone: str) -> str:
    """Create the staged table: canonical columns, attributes, ``_row``, ``_status``, ``_reason``.

    Returns
    -------
    str
        Its name, ``staged_<table>``. Every canonical column is there, NULL where it is not mapped.
    """
    raw, canonical = f"raw_{table}", TABLES[table]
    # Names are quoted, so that a column may be called `at` or `order`.
    sql = {name: e.sql(dialect="duckdb", identify=True) for name, e in parsed.items()}
    mapped = {name: text for name, text in sql.items() if name != "where"}
    given = ", ".join(f"{text} AS {name}" for name, text in mapped.items())
    types = con.sql(f"SELECT {given} FROM {raw}", dialect="duckdb").schema()
    kept = f"coalesce(({sql['where']}), FALSE)" if "where" in sql else "TRUE"
    extra = [f"CAST({quoted(name)} AS VARCHAR) AS {quoted('attribute: ' + name)}" for name in attributes]
    first = f"SELECT _row, {kept} AS _kept, {given}{''.join(', ' + e for e in extra)} FROM {raw}"
    typed = [
        f"{_typed(name, column, types[name], timezone) if name in mapped else _null(column)} AS {name}"
        for name, column in canonical.columns.items()
    ]
    again = [quoted("attribute: " + name) for name in attributes]
    raw_given = [f"{name} AS {quoted('given: ' + name)}" for name in mapped]
    second = f"SELECT _row, _kept, {', '.join(typed + again + raw_given)} FROM first"
    columns = [*canonical.columns, *again]
    final = (
        f"SELECT _row, {', '.join(columns)}, "
        f"CASE WHEN NOT _kept THEN '{EXCLUDED}' WHEN _reason IS NOT NULL THEN '{QUARANTINED}' "
        f"ELSE '{USED}' END AS _status, CASE WHEN _kept THEN _reason END AS _reason FROM reasoned"
    )
    reasoned = f"SELECT *, {_reason(table, list(mapped))} AS _reason FROM second"
    query = f"WITH first AS ({first}), second AS ({second}), reasoned AS ({reasoned}) {final}"
    con.create_table(f"staged_{table}", con.sql(query, dialect="duckdb"), temp=True, overwrite=True)
    return f"staged_{table}"


def quoted(name: str) -> str:
    """`name` as an identifier in SQL."""
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


SQL_TYPES = {
    "id": "VARCHAR",
    "time": "TIMESTAMP",
    "money": "DECIMAL(18, 4)",
    "number": "DOUBLE",
    "truth": "BOOLEAN",
    "text": "VARCHAR",
}


def _null(column: Column) -> str:
    return f"CAST(NULL AS {SQL_TYPES[column.kind]})"


def _typed(name: str, column: Column, given: Any, timezone: str) -> str:
    """SQL that turns the expression's value into the column's kind, NULL where that is impossible."""
    text = f"nullif(trim(CAST({name} AS VARCHAR)), '')"
    if column.kind == "id":
        return _repaired_id(text)
    if column.kind == "text":
        return text
    if column.kind == "time":
        moment = _moment(name, text, given, timezone)
        return f"CASE WHEN isfinite({moment}) THEN {moment} END"
    if column.kind == "truth" and not given.is_boolean():
        true, false = (", ".join(f"'{word}'" for word in words) for words in (TRUE_WORDS, FALSE_WORDS))
        return f"CASE WHEN lower({text}) IN ({true}) THEN TRUE WHEN lower({text}) IN ({false}) THEN FALSE END"
    value = text if given.is_string() else name
    return f"TRY_CAST({value} AS {SQL_TYPES[column.kind]})"


def _moment(name: str, text: str, given: Any, timezone: str) -> str:
    """SQL of the wall clock of the study's zone: a value that says its own zone is moved into it."""
    if given.is_timestamp() and given.timezone is not None:
        return f"timezone('{timezone}', {name})"
    if not given.is_string():
        return f"TRY_CAST({name} AS TIMESTAMP)"
    zoned = f"timezone('{timezone}', TRY_CAST({text} AS TIMESTAMPTZ))"
    return f"CASE WHEN regexp_matches({text}, '{ZONED}') THEN {zoned} ELSE TRY_CAST({text} AS TIMESTAMP) END"


def _repaired_id(text: str) -> str:
    """Ids that a spreadsheet has turned into numbers, turned back where no digit was lost.

    ``17850.0`` → ``17850``; ``1.7850E+04`` → ``17850``. ``1.785E+04`` may have been 17850 or 17854: a digit
    is lost, two customers could become one, so it becomes NULL, as ``1.2E+12`` does.
    """
    exponent = f"CAST(regexp_extract({text}, '[eE]\\+(\\d+)$', 1) AS INTEGER)"
    places = f"length(regexp_extract({text}, '^\\d\\.?(\\d*)[eE]', 1))"
    digits = f"replace(regexp_extract({text}, '^([\\d.]+)[eE]', 1), '.', '')"
    return (
        f"CASE WHEN regexp_full_match({text}, '\\d+\\.0+') THEN regexp_replace({text}, '\\.0+$', '') "
        f"WHEN regexp_full_match({text}, '\\d(\\.\\d+)?[eE]\\+\\d{{1,3}}') "
        f"THEN CASE WHEN {exponent} = {places} THEN {digits} END ELSE {text} END"
    )


def _reason(table: str, mapped: list[str]) -> str:
    """SQL for the first rule of the schema that a row breaks, as ``rule:column``, or NULL."""
    canonical, cases = TABLES[table], []
    for name in mapped:
        column, given = canonical.columns[name], quoted(f"given: {name}")
        blank = f"nullif(trim(CAST({given} AS VARCHAR)), '') IS NULL"
        if column.required:
            cases.append(f"WHEN {blank} THEN 'missing:{name}'")
        cases.append(f"WHEN {name} IS NULL AND NOT ({blank}) THEN 'unreadable:{name}'")
        for bound, sign in ((column.low, "<"), (column.high, ">")):
            if bound is not None:
                cases.append(f"WHEN {name} {sign} {bound} THEN 'range:{name}'")
    # A blank end is a contract that goes on, not a gap in the data.
    if canonical.any_of and not set(canonical.hidden_until) & set(mapped):
        cases.append(f"WHEN coalesce({', '.join(f'CAST({n} AS VARCHAR)' for n in canonical.any_of)}) IS NULL "
                     f"THEN 'missing:{canonical.any_of[0]}'")  # fmt: skip
    if canonical.key in mapped:
        # The first of the rows that break no other rule stays.
        broken = f"CASE {' '.join(cases)} END IS NULL" if cases else "TRUE"
        place = f"row_number() OVER (PARTITION BY {canonical.key}, _kept, {broken} ORDER BY _row)"
        cases.append(f"WHEN {canonical.key} IS NOT NULL AND {place} > 1 THEN 'repeated:{canonical.key}'")
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"
