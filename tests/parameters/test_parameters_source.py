"""Is a source file read as it is meant, and every mistake in it answered with one clear message?"""

from pathlib import Path

import pytest

from workbench.parameters import find_source, read_source

TABLE_KEYS = "accepted, attributes, columns, encoding, formats, from, names, separator, sheet, where"


def test_a_source_is_read_with_its_defaults(write, source):
    path = write(source)
    read = read_source(path)
    assert (read.engine, read.max_bad_rows, read.demo, read.path) == ("duckdb", 0.01, None, path)
    table = read.tables["transactions"]
    assert (table.from_, table.sheet, table.where, table.attributes) == ("orders.csv", None, None, [])
    assert table.columns == {"customer_id": "id", "ordered_at": "day", "amount": "paid"}


def test_a_column_may_be_a_number(write, source):
    assert read_source(write(source.replace("paid", "1"))).tables["transactions"].columns["amount"] == 1


def test_a_demo_company_stands_in_place_of_tables(write):
    demo = read_source(write("demo: {customers: 300}\n")).demo
    assert (demo.customers, demo.seed, demo.language) == (300, 1, "en")


MISTAKES = {
    "a key that does not exist": (
        ("tables:", "max_bad_row: 0.1\ntables:"),
        "max_bad_row must be one of control, demo, engine, max_bad_rows, rules, tables; got 'max_bad_row'. "
        "Did you mean 'max_bad_rows'?",
    ),
    "a misspelled key of a table": (
        ("from:", "form:"),
        f"tables.transactions.form must be one of {TABLE_KEYS}; got 'form'. Did you mean 'from'? "
        "(1 more to mend in this file.)",
    ),
    "a table without a file": (
        ("    from: orders.csv\n", ""),
        "tables.transactions.from must be given; got nothing. Add the key.",
    ),
    "a table without columns": (
        ("{customer_id: id, ordered_at: day, amount: paid}", "{}"),
        "tables.transactions.columns must be filled: 1 entry or more; got an empty mapping. "
        "Correct the value.",
    ),
    "columns that are a list": (
        ("{customer_id: id, ordered_at: day, amount: paid}", "[id, day, paid]"),
        "tables.transactions.columns must be a mapping of names to values; got ['id', 'day', 'paid']. "
        "Correct the value.",
    ),
    "a share above one": (
        ("tables:", "max_bad_rows: 5\ntables:"),
        "max_bad_rows must be less than or equal to 1; got 5. Correct the value.",
    ),
    "tables and a demo": (
        ("tables:", "demo: {}\ntables:"),
        "the file must be a source with either `tables` or `demo`; got a mapping of demo, tables. "
        "Correct the value.",
    ),
    "a misspelled key of the demo": (
        ("tables:", "demo: {custmers: 60}\ntables:"),
        "demo.custmers must be one of customers, language, seed; got 'custmers'. Did you mean 'customers'?",
    ),
    "too small a demo": (
        ("tables:", "demo: {customers: 3}\ntables:"),
        "demo.customers must be greater than or equal to 50; got 3. Correct the value.",
    ),
    "a table twice": (
        ("tables:", "tables:\n  transactions: {from: a.csv, columns: {customer_id: id}}"),
        "the source file must be valid YAML in UTF-8; got the key 'transactions' stands twice (line 2 and "
        "below). Mend the file.",
    ),
}


@pytest.mark.parametrize(("change", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_one_message_with_file_key_rule_and_value(write, source, refused, change, message):
    assert change[0] in source
    path = write(source.replace(*change))
    assert refused(read_source, path) == f"{path}: {message}"


@pytest.mark.parametrize("text", ["engine: duckdb\n", "demo:\n"])
def test_a_source_of_nothing_is_refused(write, refused, text):
    path = write(text)
    key = text.split(":")[0]
    assert refused(read_source, path) == (
        f"{path}: the file must be a source with either `tables` or `demo`; got a mapping of {key}. "
        "Correct the value."
    )


def test_the_kind_of_value_is_no_part_of_the_key(write, source, refused):
    message = refused(read_source, write(source.replace("amount: paid", "amount: {sum: paid}")))
    assert "tables.transactions.columns.amount must be a valid string; got a mapping of sum." in message


def test_a_source_is_found_from_a_folder_below_the_project(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "a.yml").touch()
    (tmp_path / "notebooks" / "drafts").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks" / "drafts")
    assert find_source(Path("params/a.yml")) == tmp_path / "params" / "a.yml"


def test_the_nearest_folder_wins(tmp_path, monkeypatch):
    for folder in (tmp_path, tmp_path / "inner"):
        (folder / "params").mkdir(parents=True)
        (folder / "params" / "a.yml").touch()
    monkeypatch.chdir(tmp_path / "inner")
    assert find_source(Path("params/a.yml")) == tmp_path / "inner" / "params" / "a.yml"


def test_a_source_that_is_nowhere_is_refused(tmp_path, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    assert refused(find_source, Path("params/sources/nowhere.yml")) == (
        "params/sources/nowhere.yml: the source file must be a file that exists; got no such file. "
        "Give a path that is right from this folder or from one above it."
    )
