"""Do all forms of files, in parts or whole, come in as the same table, with nothing skipped in silence?"""

import pandas as pd
import pytest

from workbench import sources
from workbench.parameters import read_source

COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}
FRAME = pd.DataFrame(
    {
        "id": ["a", "b", "007"],
        "day": pd.to_datetime(["2024-01-05 10:00:00", "2024-01-06 00:00:00", "2024-01-31 23:59:59"]),
        "paid": [1.25, -3.5, 10],
    }
)


def mapped(path, **table):
    return {"transactions": {"from": path, "columns": COLUMNS} | table}


def content(rows):
    kept = rows[["customer_id", "ordered_at", "amount"]]
    return [(c, str(t), str(a)) for c, t, a in kept.itertuples(index=False)]


EXPECTED = [
    ("a", "2024-01-05 10:00:00", "1.2500"),
    ("b", "2024-01-06 00:00:00", "-3.5000"),
    ("007", "2024-01-31 23:59:59", "10.0000"),
]


@pytest.mark.parametrize("name", ["o.csv", "O.TXT", "o.csv.gz", "o.parquet", "o.xlsx"])
def test_every_form_of_file_gives_the_same_rows(company, rows, name):
    assert content(rows(company({name: FRAME}, mapped(name)))) == EXPECTED


@pytest.mark.parametrize("separator", [";", "\t"])
def test_separators_are_found(company, rows, separator):
    text = FRAME.to_csv(index=False, sep=separator)
    assert content(rows(company({"o.csv": text}, mapped("o.csv")))) == EXPECTED


def test_a_byte_order_mark_is_no_part_of_a_name(company, rows):
    text = "\ufeff" + FRAME.to_csv(index=False)
    assert content(rows(company({"o.csv": text}, mapped("o.csv")))) == EXPECTED


@pytest.mark.parametrize("ending", [".csv.gz", ".parquet", ".xlsx"])
def test_parts_under_a_glob_are_one_table_in_the_order_of_their_names(company, rows, ending):
    parts = {f"orders-2024-0{n}{ending}": FRAME.iloc[[n - 1]] for n in (3, 1, 2)}
    assert content(rows(company(parts, mapped(f"orders-*{ending}")))) == EXPECTED


def test_parts_may_hold_their_columns_in_another_order(company, rows):
    parts = {"p1.csv": FRAME.iloc[:2], "p2.csv": FRAME.iloc[2:][["paid", "id", "day"]]}
    assert content(rows(company(parts, mapped("p*.csv")))) == EXPECTED


def test_files_may_lie_in_another_folder(company, rows):
    assert content(rows(company({"data/o.csv": FRAME}, mapped("data/o.csv")))) == EXPECTED
    assert content(rows(company({"data/o.csv": FRAME}, mapped("*/o.csv")))) == EXPECTED


def test_names_with_brackets_are_names(company, rows):
    name = "orders [final] (1).csv"
    assert content(rows(company({name: FRAME}, mapped(name)))) == EXPECTED


def test_a_folder_with_brackets_is_a_folder(company, rows):
    source = company({"[2024]/o.csv": FRAME}, mapped("o.csv"))
    inner = source.parent / "[2024]" / "source.yml"
    inner.write_bytes(source.read_bytes())
    assert content(rows(inner)) == EXPECTED


def test_lines_that_look_like_comments_are_rows(company, rows):
    text = "id,day,paid\n" + "a,2024-01-31,5\n" * 5 + "#b,2024-01-31,5\n"
    assert rows(company({"o.csv": text}, mapped("o.csv"))).customer_id.tolist() == ["a"] * 5 + ["#b"]


def test_quotes_line_breaks_and_separators_inside_a_text_stay(company, rows):
    said = 'He said "no,\nnever"; twice'
    frame = pd.DataFrame({"said": [said, "plain"], "at": ["2024-01-31"] * 2})
    tables = {"feedback": {"from": "f.csv", "columns": {"text": "said", "given_at": "at"}}}
    assert rows(company({"f.csv": frame}, tables), "feedback").text.tolist() == [said, "plain"]


def test_texts_that_look_like_numbers_stay_as_they_are(company, rows):
    frame = FRAME.assign(kind=["01", "1.0", "2024-01-01"])
    tables = {"transactions": {"from": "o.csv", "columns": COLUMNS | {"category": "kind"}}}
    assert rows(company({"o.csv": frame}, tables)).category.tolist() == ["01", "1.0", "2024-01-01"]


def test_columns_may_have_the_names_of_sql_words(company, rows):
    frame = FRAME.rename(columns={"id": "order", "day": "at", "paid": "Group By"})
    columns = {"customer_id": '"order"', "ordered_at": "at", "amount": '"Group By" * 1'}
    source = company(
        {"o.csv": frame}, {"transactions": {"from": "o.csv", "columns": columns, "where": "at IS NOT NULL"}}
    )
    assert content(rows(source)) == EXPECTED


def test_capitals_do_not_matter_in_names_of_columns(company, rows):
    columns = {"customer_id": "ID", "ordered_at": "Day", "amount": "PAID"}
    source = company({"o.csv": FRAME}, {"transactions": {"from": "o.csv", "columns": columns}})
    assert content(rows(source)) == EXPECTED


def test_a_value_may_be_computed_and_a_constant(company, rows):
    columns = {"customer_id": "lower('X' || id)", "ordered_at": "day", "amount": 2, "quantity": "paid * 2"}
    source = company({"o.csv": FRAME}, {"transactions": {"from": "o.csv", "columns": columns}})
    found = rows(source)
    assert found.customer_id.tolist() == ["xa", "xb", "x007"]
    assert found.amount.astype(float).tolist() == [2, 2, 2]
    assert found.quantity.tolist() == [2.5, -7.0, 20.0]


def test_a_book_with_mixed_cells_is_read_cell_by_cell(company, load):
    """Numbers, texts, dates, truths and gaps in one column, as spreadsheets have them."""
    day = pd.Timestamp("2024-01-05")
    frame = pd.DataFrame(
        {
            "id": [17850, "C9", "007", 12.0, None],
            "day": [day, "2024-01-06", "soon", day, "2024-01-08"],
            "paid": [5, "7.5", 1, "n/a", 2],
        },
        dtype=object,
    )  # fmt: skip
    data = load(company({"o.xlsx": frame}, mapped("o.xlsx"), max_bad_rows=1), as_of="2024-01-31")
    assert content(data.get("transactions").to_pandas()) == [
        ("17850", "2024-01-05 00:00:00", "5.0000"),
        ("C9", "2024-01-06 00:00:00", "7.5000"),
    ]
    assert data.totals["transactions"].reasons == {
        "missing:customer_id": 1,
        "unreadable:amount": 1,
        "unreadable:ordered_at": 1,
    }


def test_a_sheet_is_chosen_by_its_name(company, rows, tmp_path):
    book = tmp_path / "o.xlsx"
    with pd.ExcelWriter(book) as writer:
        FRAME.assign(id="other").to_excel(writer, sheet_name="Notes", index=False)
        FRAME.to_excel(writer, sheet_name="Orders", index=False)
    files = {"o.xlsx": book.read_bytes()}
    assert content(rows(company(files, mapped("o.xlsx", sheet="Orders")))) == EXPECTED
    assert set(rows(company(files, mapped("o.xlsx"))).customer_id) == {"other"}


def test_every_canonical_column_is_there_and_empty_where_it_is_not_mapped(company, rows):
    found = rows(company({"o.csv": FRAME}, mapped("o.csv")))
    # Save the time of arrival, which a table has only where rows may come late.
    assert list(found.columns) == [c for c in sources.TABLES["transactions"].columns if c != "available_at"]
    assert found.drop(columns=["customer_id", "ordered_at", "amount"]).isna().all(axis=None)


def subscriptions(company, text, **table):
    columns = {"customer_id": "id", "churned": "gone"}
    mapping = {"subscriptions": {"from": "s.csv", "columns": columns} | table}
    return company({"s.csv": text}, mapping)


def test_attributes_are_numbers_where_nearly_all_cells_are_and_text_elsewhere(company, load):
    frame = pd.DataFrame(
        {
            "id": range(200),
            "gone": "no",
            "bill": ["", "unknown", *range(198)],  # a blank is no cell; 1 of 199 is no number
            "plan": ["12 months"] * 100 + ["24"] * 100,
            "zip": "01234",
        }
    )
    source = subscriptions(company, frame, attributes=["bill", "plan", "zip"])
    data = load(source, as_of="2024-01-31")
    found = data.get("subscriptions").to_pandas()
    assert data.attributes("subscriptions") == ["bill", "plan", "zip"]
    assert found.bill.dtype == "float64"
    assert found.bill.isna().sum() == 2
    assert set(found.plan) == {"12 months", "24"}
    assert set(found.zip) == {1234.0}


def test_all_attributes_are_those_that_nothing_else_reads(company, load):
    source = subscriptions(company, "id,gone,plan,fee\na,no,x,5\n", attributes="all")
    assert load(source, as_of="2024-01-31").attributes("subscriptions") == ["plan", "fee"]


def test_an_attribute_called_as_a_canonical_column_is_that_column(company, load):
    """Gender and gender are one name to the engine."""
    tables = mapped("o.csv") | {
        "customers": {"from": "c.csv", "columns": {"customer_id": "id"}, "attributes": ["Gender", "tier"]}
    }
    data = load(company({"o.csv": FRAME, "c.csv": "id,Gender,tier\na,f,gold\n"}, tables))
    found = data.get("customers").to_pandas()
    assert data.attributes("customers") == ["gender", "tier"]
    assert found[["gender", "tier"]].iloc[0].tolist() == ["f", "gold"]


def test_an_attribute_never_takes_the_place_of_the_customer_s_pseudonym(company, load):
    lines = "account,customer_id,gone\na1,Wu Mei,no\n"
    columns = {"customer_id": "account", "churned": "gone"}
    table = {"from": "s.csv", "columns": columns, "attributes": "all"}
    data = load(company({"s.csv": lines}, {"subscriptions": table}), as_of="2024-01-31", identify=False)
    found = data.get("subscriptions").to_pandas()
    assert found.customer_id.str.startswith("c-").all()
    assert data.attributes("subscriptions") == []
    assert "Wu Mei" not in found.to_csv()


def test_attribute_names_with_quotes_and_spaces_are_kept(company, load):
    frame = pd.DataFrame({"id": ["a"], "gone": ["no"], 'the "big" plan': ["x"]})
    source = subscriptions(company, frame, attributes="all")
    data = load(source, as_of="2024-01-31")
    assert data.get("subscriptions").to_pandas()['the "big" plan'].tolist() == ["x"]


def test_inputs_are_described_with_size_and_hash(company, load):
    line = "id,day,paid\na,2024-01-31,5\n"
    source = company({"o1.csv": line, "o2.csv": "id,day,paid\n"}, mapped("o*.csv"))
    assert sources.describe_inputs(read_source(source), load(source)) == [
        {
            "table": "transactions",
            "name": "o1.csv",
            "rows": None,  # they are counted for the table, not for each of its files
            "bytes": 27,
            # As coreutils' sha256sum gives it; below, of the line of names alone.
            "sha256": "21a8c715fd71b33bf9841c2c74a27be97cb3d0235fc19d83d51e3f1ff597773b",
        },
        {
            "table": "transactions",
            "name": "o2.csv",
            "rows": None,
            "bytes": 12,
            "sha256": "edb7d5c305a70dc26c9b7d45d2e54fdb1ca274920b140e0e39165902bb0a7f8f",
        },
    ]
