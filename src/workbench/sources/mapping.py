"""What a source file says of its tables, checked against the tables: names, and expressions in SQL."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from workbench.errors import WorkbenchError, nearest, refusal, unknown_name
from workbench.parameters import Source
from workbench.sources.canonical import ESSENTIAL, TABLES
from workbench.sources.staging import Mapped, quoted

# What stands in a first line that holds values instead of names: a number, a date, an address, nothing.
NO_NAME = re.compile(r"[\d\s.,:/+-]*|.*@.*|column_?\d+")


def check_names(source: Source) -> None:
    """Refuse names that no canonical table has, and required columns that are not mapped.

    Raises
    ------
    WorkbenchError
        For a table, a column, a rule's table or a rule's name that is unknown, missing or there twice.
    """
    for table in source.tables:
        _check_columns(source, table)
    if not set(source.tables) & set(ESSENTIAL):
        least = f"at least one of {', '.join(ESSENTIAL)}"
        got = ", ".join(source.tables) or "none"
        raise refusal(f"{source.path}: tables", "the mapped tables", least, got, "Map one of them.")
    names = [rule.name for rule in source.rules]
    for rule in source.rules:
        if rule.table not in source.tables:
            raise unknown_name(f"{source.path}: rules.{rule.name}", "the table", rule.table, source.tables)
        if names.count(rule.name) > 1 or rule.name == "where":
            got = f"'{rule.name}'" + (" twice" if names.count(rule.name) > 1 else "")
            hint = "Give it another name."
            raise refusal(f"{source.path}: rules", "a rule's name", "its own", got, hint)


def _check_columns(source: Source, table: str) -> None:
    where = f"{source.path}: tables"
    if table not in TABLES:
        raise unknown_name(where, "the table", table, TABLES)
    canonical, mapping = TABLES[table], source.tables[table]
    for key in ("columns", "accepted"):
        for name in getattr(mapping, key):
            if name not in canonical.columns:
                raise unknown_name(f"{where}.{table}.{key}", "the canonical column", name, canonical.columns)
    for name, column in canonical.columns.items():
        if column.required and name not in mapping.columns:
            place = f"{where}.{table}.columns"
            raise refusal(place, name, "mapped", "nothing", "Say which of the source's columns it is.")
    if canonical.any_of and not set(canonical.any_of) & set(mapping.columns):
        rule = f"at least one of {', '.join(canonical.any_of)}"
        raise refusal(f"{where}.{table}.columns", "the mapping", rule, "none of them", "Map one of them.")


def parsed(source: Source, table: str, raw_columns: list[str]) -> Mapped:
    """The expressions of one table, every column in them called as the raw table spells it.

    Raises
    ------
    WorkbenchError
        If an expression is no SQL, or names a column that the table does not have.
    """
    mapping, place = source.tables[table], f"{source.path}: tables.{table}"
    spelled = {folded(name): name for name in raw_columns}
    columns = {
        name: _expression(str(text), f"{place}.columns.{name}", spelled)
        for name, text in mapping.columns.items()
    }
    where = None if mapping.where is None else _expression(mapping.where, f"{place}.where", spelled)
    rules = [
        (rule, _expression(rule.when, f"{source.path}: rules.{rule.name}.when", spelled, columns))
        for rule in source.rules
        if rule.table == table
    ]
    attributes = _attributes(source, table, columns, raw_columns)
    return Mapped(columns, where, rules, attributes, mapping.accepted)


def folded(name: str) -> str:
    """`name` as names are compared: full-width letters, capitals and blanks round it make no difference."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _expression(
    text: str, where: str, spelled: Mapping[str, str], canonical: Mapping[str, exp.Expr] | None = None
) -> exp.Expr:
    """The parsed `text`; where it names a canonical column, that column's own expression stands for it."""
    try:
        expression = sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError:
        rule = "an SQL expression (DuckDB's dialect)"
        bare = spelled.get(folded(text))
        hint = f"Quote the name: '{quoted(bare)}'." if bare else "Correct the expression."
        raise refusal(where, "the value", rule, f"'{text}'", hint) from None

    def _spell(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        name = folded(node.name)
        if name in spelled:
            return exp.column(exp.to_identifier(spelled[name], quoted=True))
        if canonical and name in canonical:
            return exp.paren(canonical[name].copy())
        raise _unknown_column(where, node.name, list(spelled.values()))

    return expression.transform(_spell)


def _unknown_column(where: str, name: str, raw_columns: list[str]) -> WorkbenchError:
    """The refusal of a column that the table does not have.

    A file without a line of names has a customer's values there: then none of them is told.
    """
    near = nearest(name, raw_columns)
    if any(NO_NAME.fullmatch(raw) for raw in raw_columns):
        hint = "The file's first line holds no column names: add them, or list them under `names`."
    elif near:
        hint = f"Did you mean '{near if near.isidentifier() else quoted(near)}'?"
    else:
        hint = f"The file has: {', '.join(raw_columns)}."
    return refusal(where, "the column", "one that the file has", f"'{name}'", hint)


def _read(expressions: Iterable[exp.Expr | None]) -> set[str]:
    """The raw columns that the expressions read."""
    return {node.name for e in expressions if e is not None for node in e.find_all(exp.Column)}


def read_columns(mapped: Mapped) -> tuple[str, ...]:
    """The raw columns that the mapping reads: only these have to be understood."""
    rules = [expression for _, expression in mapped.rules]
    return tuple(sorted(_read([*mapped.columns.values(), mapped.where, *rules])))


def text_columns(table: str, mapped: Mapped, raw_columns: list[str]) -> tuple[str, ...]:
    """The raw columns that must come in as the text they are.

    Those are ids, and texts and attributes that nothing else is computed from: the category 01 is not 1.
    """
    ids: set[str] = set()
    texts = set(mapped.attributes.values())
    others = _read([mapped.where, *(expression for _, expression in mapped.rules)])
    for name, expression in mapped.columns.items():
        kind, bare = TABLES[table].columns[name].kind, isinstance(expression, exp.Column)
        (ids if kind == "id" else texts if kind == "text" and bare else others).update(_read([expression]))
    return tuple(name for name in raw_columns if name in ids | (texts - others))


def _attributes(source: Source, table: str, columns: dict[str, exp.Expr], raw: list[str]) -> dict[str, str]:
    """Name → raw column of what is kept as a feature: those listed, or with ``all`` every other one.

    Others are those that no expression reads and that are not called as a mapped column is.

    Raises
    ------
    WorkbenchError
        If one does not exist, or is the customer's id: it would leave the workbench without its pseudonym.
    """
    wanted = source.tables[table].attributes
    if wanted == "all":
        taken = {folded(name) for name in columns} | {folded(name) for name in _read(columns.values())}
        return {name: name for name in raw if folded(name) not in taken}
    where = f"{source.path}: tables.{table}.attributes"
    spelled = {folded(name): name for name in raw}
    ids = {"customer_id"} | {folded(name) for name in _read([columns.get("customer_id")])}
    for name in wanted:
        if folded(name) not in spelled:
            raise _unknown_column(where, name, raw)
        if folded(name) in ids:
            rule = "a column other than the customer's id"
            raise refusal(where, "an attribute", rule, f"'{name}'", "Take it out of the list.")
    return {name: spelled[folded(name)] for name in wanted}
