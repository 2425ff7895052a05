"""The staged table: canonical columns by SQL; each row used, excluded by a rule, or quarantined."""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from workbench.parameters import Rule
from workbench.sources.canonical import TABLES, Column
from workbench.sources.engines import Engine

EXCLUDED, QUARANTINED, USED = "excluded", "quarantined", "used"
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0", "是", "已流失")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0", "否", "未流失")
# A time of day with its distance to UTC, or a zone's name, behind it.
ZONED = r":\d{2}(\.\d+)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?|[A-Za-z]+/[A-Za-z_/]+)$"
# Beyond these engines differ in how far their calendars go. 9999 is how systems write an open end.
FIRST_TIME, LAST_TIME = "1800-01-01", "9999-12-31 23:59:59.999999"
WHERE = "where"  # the name of the rule that a table's own `where` is
SQL_TYPES = {
    "id": "VARCHAR",
    "time": "TIMESTAMP",
    "money": "DECIMAL(18, 4)",
    "number": "DOUBLE",
    "truth": "BOOLEAN",
    "text": "VARCHAR",
}


@dataclass(frozen=True)
class Mapped:
    """One table as the source file maps it, parsed.

    Attributes
    ----------
    columns : dict of str to expression
        By canonical column.
    where : expression or None
    rules : list of (Rule, expression)
        The rules of this table, in the order of the file.
    attributes : dict of str to str
        Name → raw column of what is kept as a feature.
    accepted : dict of str to list of str
        The only values of a canonical column.
    """

    columns: dict[str, exp.Expr]
    where: exp.Expr | None
    rules: list[tuple[Rule, exp.Expr]]
    attributes: dict[str, str]
    accepted: dict[str, list[str]]


def stage(engine: Engine, table: str, raw: str, mapped: Mapped, timezone: str) -> str:
    """Create the staged table of `table` from the raw one.

    Returns
    -------
    str
        Its name, ``staged_<table>``: every canonical column (NULL where it is not mapped), attributes as
        ``_attribute_<i>``, ``_row`` (place in the files; NULL for a database), ``_status``, ``_reason`` (the
        rule that excluded a row, or what is wrong with it), ``_net`` (the rule that counts a row it keeps).
    """
    name = f"staged_{table}"
    engine.keep(name, _query(engine, table, raw, mapped, timezone))
    return name


def _query(engine: Engine, table: str, raw: str, mapped: Mapped, timezone: str) -> str:
    canonical = TABLES[table]
    sql = {column: _text(expression) for column, expression in mapped.columns.items()}
    given = ", ".join(f"{text} AS {column}" for column, text in sql.items())
    raw_columns = engine.query(f"SELECT * FROM {raw}").columns
    types = engine.query(f"SELECT {given} FROM {raw}").schema()
    extra = [
        f"CAST({quoted(a)} AS VARCHAR) AS _attribute_{i}" for i, a in enumerate(mapped.attributes.values())
    ]
    unread = "_unread" if "_unread" in raw_columns else "NULL AS _unread"
    parts = [_place(raw_columns, table, list(sql.values())), unread, *_rules(mapped), given, *extra]
    first = f"SELECT {', '.join(parts)} FROM {raw}"
    typed = [
        f"{_typed(engine, column, about, types[column], timezone)} AS {column}" if column in sql
        else f"{_null(about)} AS {column}"
        for column, about in canonical.columns.items()
    ]  # fmt: skip
    attributes = [f"_attribute_{i}" for i in range(len(mapped.attributes))]
    kept = [f"{column} AS _given_{column}" for column in sql]
    own = ["_row", "_rule", "_net", "_unread"]
    second = f"SELECT {', '.join([*own, *typed, *attributes, *kept])} FROM given_rows"
    reason = _reason(table, mapped, types, unread=unread == "_unread")
    third = f"SELECT *, {reason} AS _broken FROM typed_rows"
    status = (
        f"CASE WHEN _rule IS NOT NULL THEN '{EXCLUDED}' WHEN _broken IS NOT NULL THEN '{QUARANTINED}' "
        f"ELSE '{USED}' END AS _status, coalesce(_rule, _broken) AS _reason, "
        "CASE WHEN _rule IS NULL AND _broken IS NULL THEN _net END AS _net"
    )
    columns = ", ".join(["_row", *canonical.columns, *attributes])
    return (
        f"WITH given_rows AS ({first}), typed_rows AS ({second}), judged_rows AS ({third}) "
        f"SELECT {columns}, {status} FROM judged_rows"
    )


def quoted(name: str) -> str:
    """`name` as an identifier in SQL."""
    return str(exp.to_identifier(name, quoted=True).sql(dialect="duckdb"))


def _text(expression: exp.Expr) -> str:
    # Names are quoted, so that a column may be called `at` or `order`.
    return str(expression.sql(dialect="duckdb", identify=True))


def _place(raw_columns: Any, table: str, given: list[str]) -> str:
    """SQL of ``_row``: a file's rows have a place; a database's get one by content where a key needs it."""
    if "_row" in raw_columns:
        return "_row"
    if TABLES[table].key is None:
        return "CAST(NULL AS BIGINT) AS _row"
    return f"row_number() OVER (ORDER BY {', '.join(given)}) AS _row"


def _rules(mapped: Mapped) -> list[str]:
    """SQL of ``_rule``, the first rule that excludes a row, and ``_net``, the first that only counts it."""
    excluding = [(rule.name, _text(e)) for rule, e in mapped.rules if rule.action == "exclude"]
    if mapped.where is not None:
        excluding.insert(0, (WHERE, f"NOT coalesce(({_text(mapped.where)}), FALSE)"))
    netting = [(rule.name, _text(e)) for rule, e in mapped.rules if rule.action == "net"]
    return [f"{_first(excluding)} AS _rule", f"{_first(netting)} AS _net"]


def _first(named: list[tuple[str, str]]) -> str:
    cases = " ".join(f"WHEN {condition} THEN '{name}'" for name, condition in named)
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _null(column: Column) -> str:
    return f"CAST(NULL AS {SQL_TYPES[column.kind]})"


def _typed(engine: Engine, name: str, column: Column, given: Any, timezone: str) -> str:
    """SQL that turns the expression's value into the column's kind, NULL where that is impossible."""
    text = f"nullif(trim(CAST({name} AS VARCHAR)), '')"
    if column.kind == "id":
        return _repaired_id(text)
    if column.kind == "text":
        return text
    if column.kind == "time":
        moment = _moment(engine, name, text, given, timezone)
        low, high = (f"CAST('{bound}' AS TIMESTAMP)" for bound in (FIRST_TIME, LAST_TIME))
        return f"CASE WHEN {moment} BETWEEN {low} AND {high} THEN {moment} END"
    if column.kind == "truth":
        if given.is_boolean():
            return name
        true, false = (", ".join(f"'{word}'" for word in words) for words in (TRUE_WORDS, FALSE_WORDS))
        return f"CASE WHEN lower({text}) IN ({true}) THEN TRUE WHEN lower({text}) IN ({false}) THEN FALSE END"
    number = f"TRY_CAST({text} AS DOUBLE)" if given.is_string() else name
    if column.kind == "money":
        value = text if given.is_string() else name
        finite = f"CASE WHEN {number} - {number} = 0 THEN TRY_CAST({value} AS {SQL_TYPES['money']}) END"
        return f"CAST({finite} AS {SQL_TYPES['money']})"  # PostgreSQL's CASE forgets the places
    # Of a value that is no number, and of an infinite one, the difference to itself is not zero.
    return f"CASE WHEN {number} - {number} = 0 THEN CAST({number} AS DOUBLE) END"


def _moment(engine: Engine, name: str, text: str, given: Any, timezone: str) -> str:
    """SQL of the wall clock of the study's zone: a value that says its own zone is moved into it."""
    if engine.kind == "spark" and not given.is_string():  # its session has the study's zone
        return f"TRY_CAST({name} AS TIMESTAMP)"
    if given.is_timestamp() and given.timezone is not None:
        return f"timezone('{timezone}', {name})"
    if not given.is_string():
        return f"TRY_CAST({name} AS TIMESTAMP)"
    zoned = f"timezone('{timezone}', TRY_CAST({text} AS TIMESTAMPTZ))"
    if engine.kind == "spark":
        zoned = f"CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP)"
    return f"CASE WHEN regexp_matches({text}, '{ZONED}') THEN {zoned} ELSE TRY_CAST({text} AS TIMESTAMP) END"


def _repaired_id(text: str) -> str:
    """Ids that a spreadsheet has turned into numbers, turned back where no digit was lost.

    ``17850.0`` → ``17850``; ``1.7850E+04`` → ``17850``. ``1.785E+04`` may have been 17850 or 17854: a digit
    is lost, two customers could become one, so it becomes NULL, as ``1.2E+12`` does.
    """
    mantissa, exponent = (f"split_part(upper({text}), 'E+', {part})" for part in (1, 2))
    digits = f"replace({mantissa}, '.', '')"
    return (
        # Nearly every id has neither sign: the patterns then need not be tried.
        f"CASE WHEN {text} NOT LIKE '%.%' AND {text} NOT LIKE '%+%' THEN {text} "
        f"WHEN regexp_matches({text}, '^\\d+\\.0+$') THEN regexp_replace({text}, '\\.0+$', '') "
        f"WHEN regexp_matches({text}, '^\\d(\\.\\d+)?[eE]\\+\\d{{1,3}}$') "
        f"THEN CASE WHEN TRY_CAST({exponent} AS INTEGER) = length({digits}) - 1 THEN {digits} END "
        f"ELSE {text} END"
    )


def _blank(name: str, given: Any) -> str:
    value = f"_given_{name}"
    if given.is_numeric() or given.is_temporal() or given.is_boolean():
        return f"{value} IS NULL"  # to write out ten million amounts takes seconds
    return f"nullif(trim(CAST({value} AS VARCHAR)), '') IS NULL"


def _reason(table: str, mapped: Mapped, types: Any, *, unread: bool) -> str:
    """SQL for the first rule of the schema that a row breaks, as ``rule:column``, or NULL."""
    canonical, cases = TABLES[table], []
    for name, expression in mapped.columns.items():
        column = canonical.columns[name]
        blank = _blank(name, types[name])
        if unread:
            for raw in sorted({node.name for node in expression.find_all(exp.Column)}):
                text = exp.Literal.string(raw).sql(dialect="duckdb")
                cases.append(f"WHEN coalesce(list_contains(_unread, {text}), FALSE) THEN 'unreadable:{name}'")
        if column.required:
            cases.append(f"WHEN {blank} THEN 'missing:{name}'")
        if column.kind != "text":  # which can hold whatever is not blank
            cases.append(f"WHEN {name} IS NULL AND NOT ({blank}) THEN 'unreadable:{name}'")
        for bound, sign in ((column.low, "<"), (column.high, ">")):
            if bound is not None:
                cases.append(f"WHEN {name} {sign} {bound} THEN 'range:{name}'")
        if name in mapped.accepted:
            values = ", ".join(exp.Literal.string(v).sql(dialect="duckdb") for v in mapped.accepted[name])
            cases.append(f"WHEN {name} IS NOT NULL AND CAST({name} AS VARCHAR) NOT IN ({values}) "
                         f"THEN 'accepted:{name}'")  # fmt: skip
    # A blank end is a contract that goes on, not a gap in the data.
    if canonical.any_of and not set(canonical.hidden_until) & set(mapped.columns):
        filled = ", ".join(f"CAST({name} AS VARCHAR)" for name in canonical.any_of)
        cases.append(f"WHEN coalesce({filled}) IS NULL THEN 'missing:{canonical.any_of[0]}'")
    if canonical.key in mapped.columns:
        # Of the rows that break no other rule the one that was known first stays: no later row may take its
        # place, wherever it stands in the file.
        broken = f"CASE {' '.join(cases)} END IS NULL" if cases else "TRUE"
        known = [f"coalesce({name}, CAST('{FIRST_TIME}' AS TIMESTAMP))" for name in canonical.known_at]
        order = f"greatest({', '.join(known)}), _row" if known else "_row"
        place = f"row_number() OVER (PARTITION BY {canonical.key}, _rule IS NULL, {broken} ORDER BY {order})"
        cases.append(f"WHEN {canonical.key} IS NOT NULL AND {place} > 1 THEN 'repeated:{canonical.key}'")
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"
