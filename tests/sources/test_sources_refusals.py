"""Does every mistake in a source file get one message that names key, value and nearest valid name?"""

import pandas as pd
import pytest

LINES = "CustomerID,InvoiceDate,Paid\nWu Mei,2024-01-31,5\nAnna Schmidt,2024-01-30,7\n"
COLUMNS = {"customer_id": "CustomerID", "ordered_at": "InvoiceDate", "amount": "Paid"}
TABLES = "campaigns, customers, events, feedback, identities, spend, subscriptions, tickets, transactions"
ORDER_COLUMNS = (
    "amount, available_at, category, channel, cost, customer_id, margin, order_id, ordered_at, product_id, "
    "product_name, quantity"
)


@pytest.fixture(scope="module")
def shop(company):
    """The source file of a shop's orders, with changes to its table."""

    def changed(columns=None, **table):
        mapped = {"from": "orders.csv", "columns": COLUMNS | (columns or {})} | table
        return company({"orders.csv": LINES}, {"transactions": mapped})

    return changed


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("Custmer_ID", "Did you mean 'CustomerID'?"),
        ("lower(CustomrID)", "Did you mean 'CustomerID'?"),
        ("kunde", "The file has: CustomerID, InvoiceDate, Paid."),
    ],
)
def test_a_column_that_the_file_does_not_have(shop, refused, expression, hint):
    name = expression.removeprefix("lower(").removesuffix(")")
    assert refused(shop({"customer_id": expression})) == (
        f"tables.transactions.columns.customer_id: the column must be one that the file has; got '{name}'. "
        f"{hint}"
    )


def test_a_column_of_the_filter_that_the_file_does_not_have(shop, refused):
    assert refused(shop(where="Payd > 0")) == (
        "tables.transactions.where: the column must be one that the file has; got 'Payd'. "
        "Did you mean 'Paid'?"
    )


def test_an_attribute_that_the_file_does_not_have(shop, refused):
    assert refused(shop(attributes=["Pad"])) == (
        "tables.transactions.attributes: the column must be one that the file has; got 'Pad'. "
        "Did you mean 'Paid'?"
    )


def test_a_name_with_a_space_is_shown_as_it_has_to_be_written(company, refused):
    lines = LINES.replace("CustomerID", "Customer ID")
    columns = COLUMNS | {"customer_id": "Customer ID"}
    source = company({"o.csv": lines}, {"transactions": {"from": "o.csv", "columns": columns}})
    assert refused(source).endswith("""got 'Customer'. Did you mean '"Customer ID"'?""")


def test_a_table_that_is_not_canonical(company, refused):
    source = company({"o.csv": LINES}, {"transaction": {"from": "o.csv", "columns": COLUMNS}})
    assert refused(source) == (
        f"tables: the table must be one of {TABLES}; got 'transaction'. Did you mean 'transactions'?"
    )


def test_a_column_that_is_not_canonical(shop, refused):
    assert refused(shop({"ammount": "Paid"})) == (
        f"tables.transactions.columns: the canonical column must be one of {ORDER_COLUMNS}; got 'ammount'. "
        "Did you mean 'amount'?"
    )


@pytest.mark.parametrize("name", ["customer_id", "ordered_at", "amount"])
def test_a_required_column_that_is_not_mapped(company, refused, name):
    columns = {key: value for key, value in COLUMNS.items() if key != name}
    source = company({"o.csv": LINES}, {"transactions": {"from": "o.csv", "columns": columns}})
    assert refused(source) == (
        f"tables.transactions.columns: {name} must be mapped; got nothing. "
        "Say which of the source's columns it is."
    )


@pytest.mark.parametrize(
    ("table", "columns", "names"),
    [
        ("subscriptions", {"customer_id": "CustomerID"}, "churned, ended_at"),
        ("feedback", {"given_at": "InvoiceDate"}, "text, rating, nps"),
    ],
)
def test_a_table_without_any_of_its_alternatives(company, refused, table, columns, names):
    source = company({"o.csv": LINES}, {table: {"from": "o.csv", "columns": columns}})
    assert refused(source) == (
        f"tables.{table}.columns: the mapping must be at least one of {names}; got none of them. "
        "Map one of them."
    )


def test_a_study_without_any_of_the_three_tables(company, refused):
    tables = {"customers": {"from": "o.csv", "columns": {"customer_id": "CustomerID"}}}
    assert refused(company({"o.csv": LINES}, tables)) == (
        "tables: the mapped tables must be at least one of transactions, subscriptions, feedback; "
        "got customers. Map one of them."
    )


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("order.csv", "Did you mean 'orders.csv'?"),
        ("2024/orders.csv", "Paths are relative to the source file."),
        ("quite-another.parquet", "Paths are relative to the source file."),
        ("order-*.csv", "Did you mean 'orders.csv'?"),
    ],
)
def test_a_file_that_does_not_exist(shop, refused, path, hint):
    assert refused(shop(**{"from": path})) == (
        f"tables.transactions.from: the path must be a file or glob that exists; got '{path}'. {hint}"
    )


@pytest.mark.parametrize("expression", ["Paid *", "sum(", "Paid Paid Paid", ""])
def test_an_expression_that_is_no_sql(shop, refused, expression):
    assert refused(shop({"amount": expression})) == (
        "tables.transactions.columns.amount: the value must be an SQL expression (DuckDB's dialect); "
        f"got '{expression}'. Correct the expression."
    )


def test_a_column_called_as_a_word_of_sql_is_shown_as_it_has_to_be_written(company, refused):
    lines, columns = LINES.replace("InvoiceDate", "when"), COLUMNS | {"ordered_at": "when"}
    source = company({"o.csv": lines}, {"transactions": {"from": "o.csv", "columns": columns}})
    assert refused(source) == (
        "tables.transactions.columns.ordered_at: the value must be an SQL expression (DuckDB's dialect); "
        """got 'when'. Quote the name: '"when"'."""
    )


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("CAST(CustomerID AS INTEGER)", "ConversionException"),
        ("no_such_function(Paid)", "CatalogException"),
        ("Paid + InvoiceDate + true", "BinderException"),
    ],
)
def test_an_expression_that_does_not_fit_the_column(shop, refused, expression, kind):
    """The engine's own words would quote Wu Mei: only the kind of error is told."""
    assert refused(shop({"amount": expression})) == (
        "tables.transactions: the mapping must be expressions that fit the types of the table's columns; "
        f"got {kind}. "
        "Cast text with try_cast(column AS DOUBLE) or try_strptime(column, '%d/%m/%Y')."
    )


@pytest.mark.parametrize(
    ("engine", "shown"),
    [("duckbd", "duckbd"), ("oracle://anna:secret@host/shop", "oracle")],
)
def test_an_engine_that_is_not_known(company, refused, engine, shown):
    """An address may hold a password, which the message leaves out."""
    source = company(
        {"orders.csv": LINES}, {"transactions": {"from": "orders.csv", "columns": COLUMNS}}, engine=engine
    )
    assert refused(source) == (
        "engine: the value must be one of duckdb, postgres, mysql, sqlite, spark, with an address where one "
        f"is needed; got '{shown}'. As in `postgres://${{USER}}@host/base`."
    )


def test_a_file_of_another_kind(company, refused):
    source = company({"orders.json": "{}"}, {"transactions": {"from": "orders.json", "columns": COLUMNS}})
    assert refused(source) == (
        "tables.transactions.from: orders.json: the file must be a CSV, JSON lines, Parquet or Excel file; "
        "got 'orders.json'. Write one object in each line, and call the file .jsonl."
    )


@pytest.mark.parametrize("attributes", [["CustomerID"], ["customerid", "Paid"]])
def test_the_customer_s_id_as_an_attribute(shop, refused, attributes):
    """It would leave the workbench as it is, beside its pseudonym."""
    assert refused(shop(attributes=attributes)) == (
        "tables.transactions.attributes: an attribute must be a column other than the customer's id; "
        f"got '{attributes[0]}'. Take it out of the list."
    )


def test_a_file_without_rows(company, refused):
    source = company(
        {"o.csv": LINES.splitlines()[0]}, {"transactions": {"from": "o.csv", "columns": COLUMNS}}
    )
    assert refused(source) == (
        "tables.transactions: the table must be one with rows; got 0 rows. Check the file."
    )


def test_a_file_without_names_of_columns_shows_none_of_its_values(company, refused):
    content = "Wu Mei,2024-01-31,5\nAnna Schmidt,2024-01-30,7\n"
    source = company({"o.csv": content}, {"transactions": {"from": "o.csv", "columns": COLUMNS}})
    assert refused(source) == (
        "tables.transactions.columns.customer_id: the column must be one that the file has; got "
        "'CustomerID'. "
        "The file's first line holds no column names: add them, or list them under `names`."
    )


def test_a_sheet_that_the_book_does_not_have(company, refused):
    frame = pd.DataFrame({"CustomerID": ["a"], "InvoiceDate": ["2024-01-31"], "Paid": [5]})
    table = {"from": "o.xlsx", "columns": COLUMNS, "sheet": "Shet1"}
    assert refused(company({"o.xlsx": frame}, {"transactions": table})) == (
        "tables.transactions.from: o.xlsx: the sheet must be one that the book has; got 'Shet1'. "
        "Did you mean 'Sheet1'?"
    )


def test_a_source_without_dates_needs_a_day(company, refused):
    tables = {"feedback": {"from": "o.csv", "columns": {"text": "CustomerID"}}}
    assert refused(company({"o.csv": LINES}, tables)) == (
        "as_of must be given for a source without dates; got nothing. Give a date."
    )


def test_no_message_holds_a_customer_s_value(company, shop, refused):
    """All refusals that happen after rows were read, side by side."""
    dirty = LINES + "Wu Mei,soon,five\n"
    sources = [
        shop({"amount": "CAST(CustomerID AS INTEGER)"}),
        company({"o.csv": dirty}, {"transactions": {"from": "o.csv", "columns": COLUMNS}}),
        company({"o.csv": LINES + "Wu Mei,1,2,3\n"}, {"transactions": {"from": "o.csv", "columns": COLUMNS}}),
        company({"o.csv": dirty.split("\n", 1)[1]}, {"transactions": {"from": "o.csv", "columns": COLUMNS}}),
    ]
    for source in sources:
        message = refused(source)
        assert not any(value in message for value in ("Wu", "Mei", "Anna", "soon", "five", "2024-01"))
