"""Does the structure of the base come out of any data, in both languages, or say why it does not?"""

from datetime import date, datetime, timedelta

import pytest
from tests.profiling.base_rows import AS_OF, company, lines, study

from workbench import features, language, show, theme
from workbench.parameters import ProfilingParameters
from workbench.profiling.base import figures, tables, told
from workbench.profiling.base.structure import Structure, structure
from workbench.results import Check, Missing

PLOTS = {
    "plot_revenue": "months", "plot_customers": "months", "plot_concentration": "concentration",
    "plot_orders": "orders", "plot_arpu": "arpu", "plot_tiers": "arpu", "plot_gaps": "gaps",
    "plot_categories": "gaps", "plot_cohorts": "cohorts", "plot_retention": "cohorts",
    "plot_growth": "growth", "plot_weekdays": "rhythm", "plot_hours": "rhythm", "plot_season": "rhythm",
    "plot_tenure": "contracts", "plot_fees": "contracts", "plot_voices": "voices", "plot_ratings": "voices",
}  # fmt: skip
TABLES = {
    "gaps_table": "gaps", "categories_table": "gaps", "cohorts_table": "cohorts",
    "retention_table": "cohorts", "growth_table": "growth", "heads_table": "concentration",
    "deciles_table": "arpu", "tiers_table": "arpu", "weekdays_table": "rhythm", "hours_table": "rhythm",
    "season_table": "rhythm", "peaks_table": "rhythm", "tenure_table": "contracts",
    "fees_table": "contracts", "channels_table": "voices",
}  # fmt: skip
METRICS = [
    "arpu", "top10_revenue_share", "customers_for_80", "month1_retention", "quick_ratio", "gap_p50_days",
    "gap_p80_days", "gap_p90_days", "gap_p95_days",
]  # fmt: skip


def structure_of(as_of=AS_OF, **rows):
    data = study(as_of, **rows)
    transactions = data.get("transactions")
    known = Missing("missing.table", {"table": "transactions", "section": "x"})
    if transactions is not None:
        known = features.order_features(transactions, [as_of]).drop("as_of").to_pandas()
    return structure(data, ProfilingParameters(), known)


@pytest.fixture(scope="module")
def whole():
    """A company of all tables, with two years and a half of orders and all that can be drawn."""
    made = company()
    # A year and more before the same again, under other numbers.
    older = [
        row | {"ordered_at": row["ordered_at"] - timedelta(days=400), "order_id": f"before {n}"}
        for n, row in enumerate(made["transactions"])
    ]
    channels = [row | {"acquisition_channel": "shop"} for row in made["customers"]]
    return structure_of(**made | {"transactions": made["transactions"] + older, "customers": channels})


def everything(base: Structure):
    """All pictures and tables of a structure."""
    drawn = [getattr(figures, plot)(getattr(base, part)) for plot, part in PLOTS.items()]
    drawn += [figures.plot_places(places) for places in base.places]
    shown = [getattr(tables, table)(getattr(base, part)) for table, part in TABLES.items()]
    return drawn, [*shown, *(tables.places_table(places) for places in base.places)]


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_part_is_drawn_and_told_in_the_reader_s_language(whole, spoken):
    with language.speaking(spoken):
        drawn, shown = everything(whole)
        units = tables.units()
        for ax in drawn:
            assert not isinstance(ax, Missing), ax.reason
            note = theme.note_of(ax)
            for words in (note.title, note.sentence, note.alt):
                assert words
                assert not set("{}") & set(words)
                assert "nan" not in words
            assert len(note.data) > 0
        for table in shown:
            if isinstance(table, Missing):
                continue
            assert not any("_" in name for name in table.columns)
            assert show.table_html(table, caption="x", units=units)
        assert len({theme.note_of(ax).title for ax in drawn}) == len(drawn)
        assert all(finding.text for finding in told.findings(whole))


def test_the_same_structure_is_the_same_picture(whole):
    for plot in ("plot_gaps", "plot_cohorts", "plot_growth", "plot_hours"):
        part = getattr(whole, PLOTS[plot])
        first, second = (theme.to_svg(getattr(figures, plot)(part)) for _ in range(2))
        assert first == second, plot


def test_the_metrics_are_all_there_with_their_intervals(whole):
    found = {metric.name: metric for metric in told.metrics(whole)}
    assert list(found) == METRICS
    for metric in found.values():
        assert metric.low <= metric.value <= metric.high, metric.name
    first = found["month1_retention"]
    assert first.value == first.numerator / first.denominator


def test_findings_come_in_the_order_of_money(whole):
    codes = [finding.code.removeprefix("profiling.base_finding_") for finding in told.findings(whole)]
    assert codes == ["most", "region", "channel", "arpu", "growth_up", "retention", "gaps"]


def test_both_counts_of_customers_agree(whole):
    n = whole.customers
    assert told.checks(whole) == (Check("base_customers_agree", True, {"by_month": n, "customers": n}),)


def test_sentences_say_the_numbers_of_the_picture():
    rows = lines(
        *((f"c{i}", day, 10) for i in range(10) for day in ("2024-04-05", "2024-05-05", "2024-06-04"))
    )
    base = structure_of(transactions=rows)
    note = theme.note_of(figures.plot_gaps(base.gaps))
    assert note.title == ("Half of the returning customers' purchases follow within 30 days, 95% within 30")
    note = theme.note_of(figures.plot_growth(base.growth))
    assert note.sentence == (
        "Customers who ordered in June 2024: 10, of whom 0 for the first time, 10 as in the month before, 0"
        " after a pause; all of the month before ordered again."
    )
    quick = next(metric for metric in told.metrics(base) if metric.name == "quick_ratio")
    assert (quick.value, quick.why) == (None, "no customer was lost in the last whole month")


BAD = {
    "one_customer": lines(("a", "2024-05-01", 10), ("a", "2024-06-01", 10)),
    "one_line": lines(("a", "2024-06-30", 10)),
    "one_day": lines(*((f"c{i}", "2024-06-30 10:00:00", 10) for i in range(50))),
    "nothing_paid": lines(*((f"c{i}", f"2024-0{1 + i % 6}-28", 0) for i in range(50))),
    "long_ago": lines(*((f"c{i}", "1999-12-31", 10) for i in range(50))),
    "paid_back": lines(
        *((f"c{i}", "2024-05-01", 10) for i in range(50)), *((f"c{i}", "2024-06-01", -20) for i in range(50))
    ),
    "one_month_open": lines(*((f"c{i}", day, 5) for i in range(50) for day in ("2024-05-02", "2024-06-30"))),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_any_data_give_a_page_or_a_reason(name):
    base = structure_of(date(2024, 6, 30), transactions=BAD[name])
    drawn, shown = everything(base)
    for ax in drawn:
        words = ax.reason if isinstance(ax, Missing) else theme.note_of(ax).sentence
        assert words
        assert "nan" not in words
        if not isinstance(ax, Missing):
            theme.to_svg(ax)
    assert all(table.reason for table in shown if isinstance(table, Missing))
    assert len(told.metrics(base)) == len(METRICS)
    assert all(finding.text for finding in told.findings(base))
    assert all(check.passed for check in told.checks(base))


def test_refunds_alone_are_no_base_and_the_reason_is_said():
    base = structure_of(transactions=lines(*((f"c{i}", "2024-05-01", -10) for i in range(50))))
    why = (
        "no purchase is dated up to 30 June 2024, and refunds alone are none: the structure of the base is"
        " left out"
    )
    drawn, _ = everything(base)
    assert {part.reason for part in drawn[:14]} == {why}
    assert {metric.why for metric in told.metrics(base)} == {why}
    assert told.findings(base) == told.checks(base) == ()


def test_a_study_of_contracts_alone_tells_what_they_pay():
    rows = [
        {"customer_id": f"c{i}", "tenure_months": float(i), "monthly_fee": 20, "churned": i < 20}
        for i in range(80)
    ]
    base = structure_of(subscriptions=rows)
    assert isinstance(base.months, Missing)
    assert [finding.text for finding in told.findings(base)] == [
        "60 of 80 contracts (75.0%) are active and pay €1,200 a month.",
        "66.7% of contracts of 12 to under 24 months have ended (8 of 12), against 25.0% of all.",
    ]
    assert theme.note_of(figures.plot_fees(base.contracts)).title == "Active contracts pay €1,200 a month"
    assert base.voices.reason == "no “feedback” table is mapped; left out: utterances by month and channel"


def test_a_study_of_feedback_alone_has_its_months():
    rows = [
        {"customer_id": None, "given_at": datetime(2024, 6, 1 + i % 28), "rating": None} for i in range(40)
    ]
    base = structure_of(feedback=rows)
    assert theme.note_of(figures.plot_voices(base.voices)).title == "40 utterances in June 2024"
    assert figures.plot_ratings(base.voices).reason.startswith("the column “rating” is not mapped or empty")
    assert isinstance(structure_of(feedback=[]).voices, Missing)


def test_names_with_markup_and_dollars_can_not_leave_their_place():
    name = "<script>alert(1)</script> $x^2$ & " + "long " * 30
    rows = lines(
        *((f"c{i}", day, 10, None, name, name) for i in range(20) for day in ("2024-05-01", "2024-06-01"))
    )
    people = [{"customer_id": f"c{i}", "region": name, "tier": name} for i in range(20)]
    base = structure_of(transactions=rows, customers=people)
    drawn, shown = everything(base)
    pages = [theme.to_svg(ax) for ax in drawn if not isinstance(ax, Missing)]
    pages += [show.table_html(table, caption="x") for table in shown if not isinstance(table, Missing)]
    assert sum("&lt;script&gt;" in page for page in pages) >= 6
    assert not any("<script" in page for page in pages)


def test_many_thousand_values_of_a_column_stay_in_the_engine():
    rows = lines(*((f"c{i}", "2024-06-01", 10, f"{i}", f"k{i}", f"w{i}") for i in range(20_000)))
    base = structure_of(transactions=rows)
    assert base.places[2].reason == (
        "none of the 20,000 values of “channel” has 10 customers: they are not shown"
    )
    assert isinstance(base.gaps, Missing)
