"""Does the profile say what the books hold, who the customers are, and what could not be computed?"""

import pandas as pd
import pytest

from workbench import language, profiling, results, theme
from workbench.profiling import base, tables, trust
from workbench.results import Missing

PLOTS = {
    "plot_bridge": lambda profile: profile.bridge,
    "plot_revenue": lambda profile: profile.base.months,
    "plot_customers": lambda profile: profile.base.months,
    "plot_concentration": lambda profile: profile.base.concentration,
    "plot_orders": lambda profile: profile.base.orders,
}
OLDER_TAGS = {
    "one_time_buyer", "repeat_buyer", "active_90d", "silent_180d", "high_value", "many_refunds",
    "spend_rising",
}  # fmt: skip
PROMISED = [
    "customer_id", "first_order_at", "last_order_at", "days_since_last_order", "n_orders", "revenue", "tags",
]  # fmt: skip


def drawn(plot):
    """The function of that name, from the pictures of trust or of the base."""
    return getattr(trust.figures if hasattr(trust.figures, plot) else base.figures, plot)


def tags_of(profile):
    return {row.customer_id: OLDER_TAGS & set(row.tags) for row in profile.portrait.itertuples()}


@pytest.fixture(scope="module")
def half_month(study):
    """A study in the middle of its last month."""
    text = "who,day,paid\na,2024-05-01,100\na,2024-06-01,75\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    return study({"transactions": (text, columns)}, as_of="2024-06-15")


def test_the_portrait_holds_each_customer_that_the_day_knows(shop):
    table = shop.portrait.set_index("customer_id")
    assert list(table.index) == ["amy", "bob", "cat", "dan"]  # eve is yet to come
    assert table.loc["dan", PROMISED[1:-1]].isna().all()  # she only returned
    table = table.drop("dan")
    assert table.n_orders.tolist() == [5, 1, 1]
    assert table.revenue.tolist() == [700.0, 40.0, 100.0]
    assert table.days_since_last_order.tolist() == [0, 241, 29]
    assert str(table.first_order_at["bob"]) == "2023-11-02 00:00:00+00:00"
    assert str(table.last_order_at["amy"]) == "2024-06-30 23:00:00+00:00"


def test_tags_follow_their_rules(shop):
    assert tags_of(shop) == {
        "amy": {"repeat_buyer", "active_90d", "high_value", "spend_rising"},
        "bob": {"one_time_buyer", "silent_180d"},
        "cat": {"one_time_buyer", "active_90d", "many_refunds"},
        "dan": set(),
    }


def test_the_table_that_is_handed_over_has_the_promised_columns(shop, tmp_path, monkeypatch):
    monkeypatch.setenv(results.OUT_VARIABLE, str(tmp_path))
    results.save(shop.results, profiling.hand_over(shop))
    read = pd.read_parquet(tmp_path / "tables" / "portrait.parquet")
    assert list(read.columns)[: len(PROMISED)] == PROMISED
    assert read.customer_id.is_unique
    assert [list(tags) for tags in read.tags] == shop.portrait.tags.tolist()
    assert str(read.first_order_at.dt.tz) == "UTC"


def test_metrics_have_the_promised_names_and_the_figures_of_the_books(shop, metric):
    found = {m.name: m.value for m in shop.results.metrics}
    assert found["rows_in"] == found["rows_used"] == 9  # eve's row is later
    assert found["rows_quarantined"] == found["rows_excluded"] == 0
    assert found["revenue_in"] == found["revenue_used"] == 830.0
    assert found["revenue_excluded"] == 0.0
    assert found["customers"] == 4  # dan has rows, if no order
    once = metric(shop, "one_time_buyer_rate")
    assert (once.numerator, once.denominator, once.value) == (2, 3, 2 / 3)
    assert metric(shop, "gini").n == 3


def test_the_bridge_leads_from_what_came_in_to_what_is_used(study):
    text = "who,day,paid\na,2024-06-01,5\nb,2024-06-01,bad\nb,2024-07-01,7\nt,2024-06-01,9\n,2024-07-09,1\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    found = study({"transactions": (text, columns)}, as_of="2024-06-30")
    assert found.bridge.drop(columns="label").to_dict("list") == {
        "kind": ["in", "quarantined", "quarantined", "used"],
        "rows_as_of": [3, 0, 1, 2],
        "rows_later": [2, 1, 0, 1],
        "rows_whole": [5, 1, 1, 3],
        "customers_as_of": [3, 0, 1, 2],
        "customers_whole": [3, 0, 1, 3],  # b's later row is good
        "revenue_as_of": [14.0, 0.0, 0.0, 14.0],
        "revenue_later": [8.0, 1.0, 0.0, 7.0],
        "revenue_whole": [22.0, 1.0, 0.0, 21.0],
    }
    assert found.bridge.label.tolist() == [
        "in the source",
        "quarantined: a required value is missing (customer_id)",
        "quarantined: a value cannot be read (amount)",
        "used",
    ]
    reasons = found.quarantine.values.tolist()
    assert sorted(reasons) == [
        ["transactions", "missing", "customer_id", 1],
        ["transactions", "unreadable", "amount", 1],
    ]


def test_checks_pass_on_good_books_and_warn_of_bad_ones(study, shop):
    books = ("control_totals_balance", "few_quarantined", "data_reach_as_of")
    assert [(c.name, c.passed) for c in shop.results.checks][:3] == [(name, True) for name in books]
    text = "who,day,paid\na,2024-06-01,5\nb,2024-06-01,bad\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    found = study({"transactions": (text, columns)}, as_of="2024-06-30")
    bad = {c.name: c for c in found.results.checks if c.name in books}
    assert bad["control_totals_balance"].passed
    assert not bad["few_quarantined"].passed
    assert not bad["data_reach_as_of"].passed  # the last day of the data is the first of June
    assert all(check.action for check in found.results.checks if not check.passed)


def test_findings_say_the_change_of_the_month_in_its_direction(shop, study):
    assert [f.text for f in shop.results.findings][:4] == [
        "This month's data can be trusted: all 12 checks of the data pass.",
        "Revenue in June 2024 was €390.00, up 290.0% on the month before.",
        "The top 20% of customers bring 83.3% of revenue (n = 3).",
        "66.7% of customers have ordered only once (2 of 3).",
    ]
    text = "who,day,paid\na,2024-05-01,100\na,2024-06-01,75\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    fallen = study({"transactions": (text, columns)}, as_of="2024-06-30").results.findings
    assert fallen[1].text == "Revenue in June 2024 was €75.00, down 25.0% on the month before."


def test_of_a_month_that_is_not_over_no_change_is_told(half_month):
    assert half_month.results.findings[1].code == "profiling.finding_concentration"


def test_a_study_of_contracts_alone_has_a_portrait_of_ids(contracts):
    assert contracts.portrait.customer_id.tolist() == ["a", "b", "c"]
    assert list(contracts.portrait.columns)[: len(PROMISED)] == PROMISED
    assert contracts.portrait[PROMISED].drop(columns=["customer_id", "tags"]).isna().all(axis=None)
    assert not {tag for tags in contracts.portrait.tags for tag in tags} & OLDER_TAGS
    assert str(contracts.portrait.first_order_at.dt.tz) == "UTC"


def test_a_study_of_contracts_alone_says_what_is_missing_and_why(contracts, metric):
    why = "no “transactions” table is mapped; left out: what rests on orders"
    for part in ("months", "concentration", "orders", "gaps", "cohorts", "growth"):
        missing = getattr(contracts.base, part)
        assert isinstance(missing, Missing)
        assert missing.reason == why
    for name in ("gini", "one_time_buyer_rate", "top_revenue_share", "revenue_in", "revenue_used"):
        assert (metric(contracts, name).value, metric(contracts, name).reason) == (None, why)
    assert (metric(contracts, "rows_in").value, metric(contracts, "customers").value) == (4, 3)
    assert [f.code for f in contracts.results.findings[1:]] == ["profiling.base_finding_contracts"]


def test_a_study_before_the_first_order_is_missing_with_its_day(study, metric):
    text = "who,day,paid\na,2024-06-01,5\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    found = study({"transactions": (text, columns)}, as_of="2023-01-31")
    why = (
        "no purchase is dated up to 31 January 2023, and refunds alone are none: the structure of the base is"
        " left out"
    )
    assert found.base.months.reason == found.base.concentration.reason == why
    assert metric(found, "gini").reason == why
    assert (metric(found, "rows_in").value, metric(found, "revenue_in").value) == (0, 0.0)
    assert found.portrait.empty
    assert list(found.portrait.columns)[: len(PROMISED)] == PROMISED


def test_where_refunds_outweigh_all_purchases_concentration_is_missing_and_the_rest_is_not(study, metric):
    text = "who,day,paid\na,2024-06-01,5\na,2024-06-02,-9\nb,2024-06-01,5\nb,2024-06-02,-5\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    found = study({"transactions": (text, columns)}, as_of="2024-06-30")
    why = "no customer's purchases outweigh the refunds: the concentration of revenue is left out"
    assert found.base.concentration.reason == why
    assert (metric(found, "gini").value, metric(found, "gini").reason) == (None, why)
    assert metric(found, "one_time_buyer_rate").value == 1
    assert len(found.portrait) == 2


def test_adding_rows_after_the_day_changes_no_result(study):
    lines = "who,day,paid\na,2024-05-01,100\nb,2024-06-30,75\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    before, after = (
        study({"transactions": (text, columns)}, as_of="2024-06-30").results
        for text in (lines, lines + "a,2024-07-01,900\nc,2024-08-01,1\nb,2024-07-02,-75\n")
    )
    assert results.dumps(results.Results("x", before.as_of, before.metrics)) == results.dumps(
        results.Results("x", after.as_of, after.metrics)
    )
    # The verdict counts the checks, of which one is about the rows that came later.
    assert before.findings[1:] == after.findings[1:]


def test_results_do_not_depend_on_the_key_of_the_pseudonyms(study, monkeypatch, tmp_path):
    lines = "who,day,paid\n" + "".join(f"c{n},2024-06-{n % 28 + 1:02},{n}\n" for n in range(1, 40))
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    texts = []
    for name in ("one", "two"):
        monkeypatch.setenv("WORKBENCH_KEY_FILE", str(tmp_path / name))
        found = study({"transactions": (lines, columns)}, as_of="2024-06-30", identify=False)
        texts.append(results.dumps(found.results))
        assert found.portrait.customer_id.str.startswith("c-").all()
    assert texts[0] == texts[1]


@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.parametrize(("plot", "part"), PLOTS.items())
def test_figures_carry_a_note_in_the_reader_s_language(shop, plot, part, spoken):
    with language.speaking(spoken):
        first, again = (drawn(plot)(part(shop)) for _ in range(2))
        note = theme.note_of(first)
        assert theme.to_svg(first) == theme.to_svg(again)
    for words in (note.title, note.sentence, note.alt):
        assert words
        assert not set("{}") & set(words)
        assert "nan" not in words
    assert len(note.data) > 0


@pytest.mark.parametrize("plot", PLOTS)
def test_a_missing_part_is_handed_through(contracts, plot):
    why = contracts.base.months
    assert drawn(plot)(why) is why


def test_sentences_say_the_numbers_of_the_picture(shop):
    sentences = {plot: theme.note_of(drawn(plot)(part(shop))).sentence for plot, part in PLOTS.items()}
    assert sentences["plot_bridge"] == (
        "Of 9 rows up to the as-of day 0 are excluded by rule and 0 quarantined; 9 (100.0%) are used."
    )
    assert sentences["plot_revenue"] == (
        "June 2024 brought €390.00 net of refunds; the best month shown, June 2024, brought €390.00; "
        "together the months shown (8) brought €830.00."
    )
    assert sentences["plot_customers"] == (
        "Customers who ordered in June 2024: 2, 1 of them for the first time."
    )
    assert sentences["plot_orders"] == (
        "2 of 3 customers have placed one order so far; they bring 16.7% of net revenue."
    )


def test_a_month_that_is_not_over_is_called_so(half_month):
    note = theme.note_of(base.figures.plot_revenue(half_month.base.months))
    assert note.title == "June 2024, not over yet: €75.00 so far"
    assert "is not over on the as-of day and is drawn pale" in note.sentence


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_tables_have_readable_heads_and_known_units(shop, spoken):
    with language.speaking(spoken):
        shown = [
            tables.bridge_table(shop.bridge, "as_of"),
            tables.bridge_table(shop.bridge, "later", "whole"),
        ]
        units = tables.units()
    for table in shown:
        assert not any("_" in name for name in table.columns)
    heads = {name for table in shown for name in table.columns}
    assert len(set(units) & heads) >= 5


def test_no_quarantined_row_is_a_line_and_not_an_empty_table(shop, study):
    assert tables.quarantine_table(shop.quarantine).reason == "No row was quarantined."
    text = "who,day,paid\na,2024-06-01,5\n,2024-06-01,5\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    found = tables.quarantine_table(study({"transactions": (text, columns)}, as_of="2024-06-30").quarantine)
    assert found.iloc[0].tolist() == ["transactions", "a required value is missing", "customer_id", 1]


def test_customers_that_the_table_of_customers_lacks_are_told_and_kept(study, shop):
    orders = "who,day,paid\na,2024-06-01,5\nb,2024-06-02,7\nb,2024-06-03,7\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    people = ("id,town\na,Lyon\nz,Rome\n", {"customer_id": "id", "region": "town"})
    found = study({"transactions": (orders, columns), "customers": people}, as_of="2024-06-30")
    (check,) = [c for c in found.results.checks if c.name == "customers_are_known"]
    assert not check.passed
    assert check.values == {"tables": 1, "table": "transactions", "orphans": 1, "n": 2, "limit": 0.005}
    assert {m.name: m.value for m in found.results.metrics}["customers"] == 2
    assert "customers_are_known" not in {c.name for c in shop.results.checks}  # it has no such table
