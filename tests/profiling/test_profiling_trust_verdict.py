"""Does the verdict say what fails, what warns and what to do, in both languages?"""

import pandas as pd
import pytest
from tests.profiling.trust_tables import canonical, shop_rows

from workbench import language, theme
from workbench.profiling import trust
from workbench.profiling.trust import verdict
from workbench.results import Missing

ALL = {
    "control_totals_balance", "few_quarantined", "control_revenue", "customers_are_known", "data_reach_as_of",
    "more_than_one_day", "later_rows_are_a_feed", "sales_exceed_refunds", "rows_are_not_repeated",
    "order_lines_differ", "columns_say_something", "columns_differ", "few_outliers", "values_are_steady",
    "filling_is_steady", "feeds_are_on_time", "feeds_have_no_hole",
}  # fmt: skip


def checked(frames):
    """The checks beyond those of the books, by name."""
    found = trust.examine(canonical(frames))
    several = (*verdict._of_rows(found), *verdict._of_columns(found), *verdict._of_feeds(found))
    return {check.name: check for check in several}


def test_good_rows_pass_every_check():
    found = checked({"transactions": shop_rows()})
    assert {name: check.level for name, check in found.items()} == dict.fromkeys(found, "pass")
    assert set(found) >= {"more_than_one_day", "sales_exceed_refunds", "rows_are_not_repeated"}


def test_every_check_has_words_for_what_to_do_in_both_languages():
    for spoken in language.LANGUAGES:
        said = language.catalogue.messages(spoken)
        assert {
            name for name in ALL if f"check.{name}.do" not in said or f"check.{name}" not in said
        } == set()


def test_refunds_alone_fail_with_what_to_do():
    check = checked({"transactions": shop_rows().assign(amount=-5.0)})["sales_exceed_refunds"]
    assert (check.level, check.detail) == (
        "fail",
        "Sales of €0.00 stand against refunds of €2,000 (400 of 400 lines); in the last month €0.00 against "
        f"{check.detail.rpartition(' ')[2]}",
    )
    assert check.action == (
        "Check the sign of amounts in the mapping, and whether the export leaves out sales."
    )


def test_repeated_rows_warn_with_their_number():
    rows = shop_rows()
    check = checked({"transactions": pd.concat([rows, rows[:20]])})["rows_are_not_repeated"]
    assert (check.level, check.detail, check.action) == (
        "warn",
        "20 of 420 rows of transactions repeat another row in every column; no other table has a larger share"
        " (tables: 1; up to 0.5% is tolerated).",
        "Ask whether the rows of transactions were exported twice. If so, take them out at the source: all of"
        " them count in the figures.",
    )


def test_empty_and_equal_columns_warn_by_name():
    people = pd.DataFrame({
        "customer_id": [f"c{i}" for i in range(20)],
        "void": pd.Series([None] * 20, dtype="float64"),
        "size": [float(i) for i in range(20)],
        "again": [float(i) for i in range(20)],
    })  # fmt: skip
    found = checked({"customers": people})
    assert found["columns_say_something"].detail == ("Columns: 4; empty: 1; with one value in every row: 0.")
    assert "customers.void" in found["columns_say_something"].action
    assert "customers.size = customers.again" in found["columns_differ"].action


def test_one_day_of_data_warns():
    rows = shop_rows().assign(ordered_at=pd.Timestamp("2024-06-30 10:00"))
    found = checked({"transactions": rows})
    assert (found["more_than_one_day"].level, found["more_than_one_day"].detail) == (
        "warn",
        "Days from the first row to the last: 1 (30 June 2024 to 30 June 2024).",
    )


def test_a_late_table_fails_and_is_a_finding():
    days = pd.date_range("2024-01-01", "2024-06-25", freq="D")
    rows = pd.DataFrame({"customer_id": "c1", "ordered_at": days, "amount": 5.0})
    found = trust.examine(canonical({"transactions": rows}))
    check = next(c for c in verdict._of_feeds(found) if c.name == "feeds_are_on_time")
    assert (check.level, check.action) == (
        "fail",
        "Ask for the rows since 25 June 2024 and run again: transactions.",
    )
    assert [finding.text for finding in trust.told.findings(found)] == [
        "Late feeds: 1 of 1. transactions has had no row since 25 June 2024."
    ]


def test_metrics_are_rates_with_numerator_denominator_and_interval():
    rows = shop_rows()
    found = trust.examine(canonical({"transactions": pd.concat([rows, rows[:20]])}))
    metrics = {m.name: m for m in trust.told.metrics(found)}
    repeated = metrics["repeated_row_share"]
    assert (repeated.numerator, repeated.denominator) == (20, 420)
    assert repeated.low < repeated.value < repeated.high
    empty = rows.category.isna().sum() + rows.category[:20].isna().sum()
    assert metrics["empty_cell_share"].numerator == empty
    assert metrics["largest_psi"].value is None
    assert metrics["largest_psi"].why == found.drift.reason


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_tables_have_readable_heads_in_both_languages(spoken):
    found = trust.examine(canonical({"transactions": shop_rows()}))
    with language.speaking(spoken):
        tables = [
            trust.tables.columns_table(found.columns),
            trust.tables.tops_table(found.columns),
            trust.tables.feeds_table(found.feeds),
            trust.tables.outliers_table(found.outliers),
            trust.tables.correlations_table(found.correlations),
        ]
        units = trust.tables.units()
    for table in tables:
        if not isinstance(table, Missing):
            assert not any("_" in name for name in table.columns)
    assert len(units) >= 10


def test_the_sentence_of_the_outliers_names_the_column_with_most_money():
    rows = shop_rows()
    rows.loc[0, "amount"] = 1e6
    said = trust.told.outliers_sentence(trust.examine(canonical({"transactions": rows})))
    money = f"{1e6 / rows.amount.abs().sum():.1%}"
    assert said.text == (
        "Values beyond the fences, three interquartile ranges outside the quartiles: 1 (numeric columns: 2)."
        f" Most money is at stake in transactions.amount: {money} of all money lies beyond its fences"
        " (rows: 1). None is removed."
    )
    people = canonical({"customers": pd.DataFrame({"customer_id": ["a"]})})
    assert isinstance(trust.told.outliers_sentence(trust.examine(people)), Missing)


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_the_picture_of_empty_cells_leaves_out_what_may_lie_ahead(spoken):
    contracts = pd.DataFrame({
        "customer_id": [f"c{i}" for i in range(40)],
        "started_at": pd.Timestamp("2024-01-01"),
        "ended_at": pd.Series([pd.NaT] * 30 + [pd.Timestamp("2024-05-01")] * 10, dtype="datetime64[us]"),
        "plan": ["x"] * 30 + [None] * 10,
    })  # fmt: skip
    found = trust.examine(canonical({"subscriptions": contracts}))
    with language.speaking(spoken):
        note = theme.note_of(trust.figures.plot_missing(found.columns))
    assert (
        note.title
        == {
            "en": "Columns with empty cells: 1 of 3; the emptiest, subscriptions.plan, lacks 25.0%",
            "zh": "3 个字段中有 1 个存在空值，最多的是 subscriptions.plan，占 25.0%",
        }[spoken]
    )
    assert "25.0%" in note.sentence
