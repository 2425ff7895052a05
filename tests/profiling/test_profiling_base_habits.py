"""When, where and through what do customers buy: are hours, seasons and groups counted right?"""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from tests.profiling.base_rows import AS_OF, company, frame, lines, table

from workbench.profiling.base import arpu, concentration, contracts, places, rhythm, voices
from workbench.profiling.base.orders_book import order_book


def rhythm_of(rows, as_of=AS_OF):
    return rhythm.rhythm(order_book(table("transactions", rows)), as_of)


def daily(first, days, count=1, clock="10:30"):
    """`count` orders of different customers on each of `days` days."""
    begin = date.fromisoformat(first)
    return [
        (f"c{i}", f"{begin + timedelta(days=day)} {clock}", 10, f"o{day}")
        for day in range(days)
        for i in range(count if isinstance(count, int) else count(begin + timedelta(days=day)))
    ]


def test_weekdays_count_whole_weeks_up_to_the_last_order():
    found = rhythm_of(lines(*daily("2024-06-01", 17), ("x", "2024-06-15 22:10:00", 10, "z")))
    assert found.weeks == 2  # of 17 days the last 14
    assert found.weekdays.orders.tolist() == [2, 2, 2, 2, 2, 3, 2]  # 15 June was a Saturday
    hours = found.hours.set_index(["weekday", "hour"]).orders
    assert (len(hours), hours[5, 22], hours[5, 10], hours.sum()) == (168, 1, 2, 15)
    assert found.hours.share.sum() == pytest.approx(1)


def test_hours_agree_with_pandas():
    rows = company()["transactions"]
    found = rhythm_of(rows)
    plain = frame("transactions", rows)
    bought = plain[plain.amount >= 0]
    key = bought.order_id.where(bought.order_id.notna(), bought.ordered_at.dt.strftime("%Y-%m-%d"))
    first = bought.groupby([bought.customer_id, key]).ordered_at.min()
    last = first.max().normalize()
    recent = first[first >= last - pd.Timedelta(days=52 * 7 - 1)]
    expected = recent.groupby([recent.dt.day_of_week, recent.dt.hour]).size()
    counted = found.hours.set_index(["weekday", "hour"]).orders
    assert counted[counted > 0].to_dict() == expected.to_dict()


def test_a_clock_that_stands_still_is_said_and_not_drawn():
    for clock in ("00:00", "12:00"):
        found = rhythm_of(lines(*daily("2024-05-01", 30, clock=clock)))
        assert found.hours.reason.startswith("all orders carry the same time of day")
        assert found.weekdays.orders.sum() == 28
    mixed = lines(*daily("2024-05-01", 28, clock="00:00"), *daily("2024-05-20", 9, clock="15:20"))
    mixed = [row | {"order_id": f"{n}"} for n, row in enumerate(mixed)]
    assert rhythm_of(mixed).hours.reason == (
        "28 of 37 orders stand at exactly 00:00, so most have no time of day: hours are left out"
    )


def test_a_season_is_found_again_and_growth_leaves_none():
    factor = dict.fromkeys(range(1, 13), 1.0) | {12: 1.8, 2: 0.6}

    def orders(day):  # about three per cent more each month, and the season
        months = (day.year - 2021) * 12 + day.month
        days = pd.Period(day, "M").days_in_month
        return round(20 * 30 / days * 1.03**months * factor[day.month] * 1.0)

    found = rhythm_of(lines(*daily("2021-01-01", 1277, orders)), date(2024, 6, 30)).season
    index = found.set_index("month").index_orders
    expected = pd.Series(factor) / np.mean(list(factor.values()))
    # Whole orders a day, and a season of 1.8 inside its own moving average: two per cent.
    assert index.to_numpy() == pytest.approx(expected.to_numpy(), rel=0.03)
    assert found.years.min() >= 2


def test_less_than_two_years_are_no_season():
    found = rhythm_of(lines(*daily("2022-08-01", 699)), date(2024, 6, 30))
    assert found.season.reason.startswith("too few whole months (23) to tell a season from chance")


def test_days_far_above_the_usual_are_named_by_their_date():
    def orders(day):
        return 60 if day == date(2024, 5, 11) else 15

    found = rhythm_of(lines(*daily("2024-03-01", 120, orders))).peaks
    assert found.to_dict("records") == [
        {"day": pd.Timestamp("2024-05-11"), "orders": 60, "usual": 15.0, "ratio": 4.0}
    ]


def test_places_agree_with_pandas():
    data = company()
    book = order_book(table("transactions", data["transactions"]))
    found = places.by_attribute(book, table("customers", data["customers"]), "region")
    plain = frame("transactions", data["transactions"])
    bought = plain[plain.amount >= 0].customer_id.unique()
    revenue = plain[plain.customer_id.isin(bought)].groupby("customer_id").amount.sum().astype(float)
    region = frame("customers", data["customers"]).set_index("customer_id").region
    north = revenue[region.reindex(revenue.index) == "north"]
    row = found.table.set_index("name").loc["north"]
    assert (row.customers, row.revenue) == (len(north), pytest.approx(north.sum()))
    assert row.share == pytest.approx(north.sum() / revenue.sum())
    assert (row.high - row.per_customer) == pytest.approx(1.959963984540054 * north.std() / len(north) ** 0.5)
    assert found.table.customers.sum() + 4 == len(revenue)  # four live in the region that is too small
    assert found.folded == 1


def test_a_group_of_fewer_than_ten_is_never_named():
    rows = lines(*((f"c{i}", "2024-06-01", 10 + i) for i in range(40)))
    people = [{"customer_id": f"c{i}", "region": "big" if i < 25 else f"village {i}"} for i in range(40)]
    book = order_book(table("transactions", rows))
    found = places.by_attribute(book, table("customers", people), "region")
    assert found.table[["name", "kind", "customers"]].to_numpy().tolist() == [
        ["big", "named", 25], ["", "other", 15],
    ]  # fmt: skip
    assert found.folded == 15
    alone = places.by_attribute(book, table("customers", people[25:]), "region")
    assert alone.reason == "none of the 15 values of “region” has 10 customers: they are not shown"


def test_the_smallest_of_many_regions_are_folded():
    rows = lines(*((f"c{i}", "2024-06-01", 1 + i % 20) for i in range(400)))
    people = [{"customer_id": f"c{i}", "region": f"r{i % 20:02}"} for i in range(400)]
    found = places.by_attribute(order_book(table("transactions", rows)), table("customers", people), "region")
    assert found.named.name.tolist() == [f"r{i:02}" for i in range(19, 7, -1)]
    assert (found.folded, found.table.revenue.sum()) == (8, sum(1 + i % 20 for i in range(400)))


def test_a_customer_of_two_channels_counts_in_both_and_once_means_once_in_all():
    rows = lines(*(row for i in range(10) for row in (
        (f"c{i}", "2024-06-01", 10, "1", None, "web"), (f"c{i}", "2024-06-02", 30, "2", None, "shop"),
        (f"d{i}", "2024-06-03", 5, "1", None, "web"),
    )))  # fmt: skip
    found = places.by_channel(order_book(table("transactions", rows))).table.set_index("name")
    assert found.customers.to_dict() == {"shop": 10, "web": 20}
    assert found.revenue.to_dict() == {"shop": 300, "web": 150}
    assert found.once.to_dict() == {"shop": 0, "web": 10}


def test_a_column_that_is_not_there_or_empty_is_said():
    rows = lines(("a", "2024-06-01", 10))
    book = order_book(table("transactions", rows))
    people = table("customers", [{"customer_id": "a"}])
    why = "the column “region” is not mapped or empty; what rests on it is left out"
    assert places.by_attribute(book, None, "region").reason == why
    assert places.by_attribute(book, people, "region").reason == why
    assert places.filled(people, ["region", "tier", "nothing"]) == []
    assert places.filled(None, ["region"]) == []


def test_the_best_tenth_and_the_customers_for_most_equal_a_count_by_hand():
    revenue = pd.Series(np.arange(1.0, 101.0))
    found = concentration.concentration(revenue, 0.2, 1)
    assert found.tenth_revenue_share == pytest.approx(sum(range(91, 101)) / 5050)
    best_first = np.cumsum(np.arange(100, 0, -1))
    assert found.most_count == int((best_first < 0.8 * 5050).sum()) + 1
    assert found.most_low < found.most_share < found.most_high
    assert found.heads.customers.tolist() == [10, 20, 50, 100]  # one and five are too few to be shown


def test_the_interval_of_bins_is_that_of_single_customers():
    """A million customers are drawn in bins: the width must not come from them."""
    revenue = pd.Series(np.random.default_rng(5).lognormal(3, 1, 40_000))
    found = concentration.concentration(revenue, 0.2, 1)
    single = [
        concentration.gini(np.sort(np.random.default_rng(seed).choice(revenue, len(revenue))))
        for seed in range(200)
    ]
    # Two samples of 200 draws: their spreads differ by a tenth at most in most cases.
    assert (found.gini_high - found.gini_low) / 3.92 == pytest.approx(np.std(single), rel=0.25)
    assert found.gini == pytest.approx(np.mean(single), abs=3 * np.std(single))


def features(revenue, orders=None):
    n = len(revenue)
    ids = [f"c{i:05}" for i in range(n)]
    return pd.DataFrame(
        {"customer_id": ids, "revenue_365d": revenue, "n_orders_365d": orders if orders is not None else 1}
    )


def test_arpu_is_the_mean_over_active_customers_and_deciles_add_up():
    frame_ = features(np.arange(1.0, 201.0), [0] * 50 + [1] * 150)
    tiers = pd.DataFrame(
        {
            "customer_id": frame_.customer_id,
            "tier": ["gold" if i % 2 else "tin" for i in range(199)] + ["sole"],
        }
    )
    found = arpu.arpu(frame_, tiers, seed=1)
    assert (found.n, found.arpu, found.median) == (150, np.arange(51.0, 201.0).mean(), 125.5)
    assert found.low < found.arpu < found.high
    # The bootstrap of a mean has the standard error that everybody knows; 200 draws know it to a tenth.
    expected = np.arange(51.0, 201.0).std() / 150**0.5
    assert (found.high - found.low) / 3.92 == pytest.approx(expected, rel=0.2)
    deciles = found.by_decile
    assert deciles.customers.tolist() == [15] * 10
    assert deciles.revenue.sum() == found.revenue
    assert deciles.arpu.is_monotonic_decreasing
    assert found.by_tier.tier.tolist() == ["gold", "tin"]  # the one of tier "sole" is not shown
    assert found.by_tier.customers.tolist() == [74, 75]


def test_few_customers_make_few_groups_and_fewer_none():
    assert len(arpu.arpu(features(np.arange(35.0)), places.Missing("x"), 1).by_decile) == 3
    few = arpu.arpu(features(np.arange(12.0)), places.Missing("x"), 1)
    assert few.by_decile.reason == "too few active customers (12) to be divided: at least 20 are needed"
    nobody = arpu.arpu(features(np.arange(12.0), 0), places.Missing("x"), 1)
    assert nobody.reason.startswith("nobody has ordered in the last 365 days")


def contract(n, **given):
    return {"customer_id": f"c{n}", "monthly_fee": 10, "churned": False} | given


def test_contracts_are_counted_by_tenure_and_fee():
    rows = [
        contract(i, tenure_months=float(i), monthly_fee=10 + i % 2 * 30, churned=i < 6) for i in range(60)
    ]
    found = contracts.contracts(table("subscriptions", rows), AS_OF, 24)
    assert (found.n, found.active, found.ended) == (60, 54, 6)
    bands = found.by_tenure
    assert bands[["low", "contracts", "ended"]].to_numpy().tolist() == [
        [12, 12, 0], [24, 24, 0], [48, 12, 0],
    ]  # fmt: skip  # the first two bands hold six contracts each, too few
    assert found.fees == 27 * 10 + 27 * 40
    assert found.by_fee.contracts.tolist() == [30, 30]
    assert found.by_fee.fees.tolist() == [270, 1080]
    assert found.starts.reason.startswith("the contracts have no dates of their start")


def test_a_contract_observed_twice_is_one_and_its_tenure_runs_to_its_end():
    begin = datetime(2023, 6, 30)
    seen = [
        contract(i, started_at=begin, observed_at=datetime(2024, month, 1), ended_at=end)
        for i in range(10)
        for month, end in ((1, None), (4, datetime(2024, 3, 31)))
    ]
    found = contracts.contracts(table("subscriptions", seen), AS_OF, 24)
    assert (found.n, found.ended) == (10, 10)
    assert found.by_tenure[["low", "high", "contracts"]].to_numpy().tolist() == [[6, 12, 10]]
    assert found.starts.to_dict("records") == [{"month": pd.Timestamp("2023-06-01"), "contracts": 10}]
    later = [row | {"ended_at": datetime(2024, 7, 2)} for row in seen]
    assert contracts.contracts(table("subscriptions", later), AS_OF, 24).ended == 0


def test_voices_are_counted_by_month_channel_and_rating():
    rows = [
        {"customer_id": f"c{i % 7}" if i % 2 else None, "given_at": datetime(2024, 5 + i % 2, 3),
         "channel": "app" if i < 30 else "mail", "rating": float(i % 5 + 1)}
        for i in range(35)
    ]  # fmt: skip
    found = voices.voices(table("feedback", rows), 24)
    assert (found.n, found.named, found.customers, found.mean_rating) == (35, 17, 7, 3.0)
    assert found.by_month.utterances.tolist() == [18, 17]
    assert found.by_channel.to_dict("records") == [{"channel": "app", "utterances": 30, "share": 30 / 35}]
    assert found.ratings.utterances.tolist() == [7] * 5
    wide = voices.voices(table("feedback", [row | {"rating": row["rating"] * 20} for row in rows]), 24)
    assert wide.ratings.rating.tolist() == list(range(20, 110, 10))
