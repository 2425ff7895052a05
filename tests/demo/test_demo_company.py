"""The files agree with the truth beside them, and look like those of a real, slightly messy shop."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.demo.baskets import _split
from workbench.demo.company import Block, Plan
from workbench.demo.population import END, LAST_DAY
from workbench.demo.truth import CAUSES
from workbench.demo.vocabulary import TOPICS, words

Tables = dict[str, pd.DataFrame]
TEST_ACCOUNT = "9999999"


def sales(valid: pd.DataFrame) -> pd.DataFrame:
    return valid[valid["amount"] > 0]


def test_orders_in_the_file_are_those_of_the_truth(members: pd.DataFrame, valid: pd.DataFrame) -> None:
    found = (
        sales(valid)
        .groupby("customer_id")
        .agg(n=("order_id", "nunique"), first=("ordered_at", "min"), last=("ordered_at", "max"))
    )
    buyers = members[members["n_orders"] > 0]
    assert list(found.index) == list(buyers.index)
    assert (found["n"] == buyers["n_orders"]).all()
    assert (found["first"] == buyers["first_order_at"]).all()
    assert (found["last"] == buyers["last_order_at"]).all()


def test_nobody_orders_after_dropping_out_or_before_registering(
    members: pd.DataFrame, tables: Tables
) -> None:
    gone = members.dropna(subset="dropped_out_at")
    assert (gone["last_order_at"] == gone["dropped_out_at"]).all()
    assert (gone["n_orders"] > 1).all()
    assert (
        members["alive"].dropna().astype(bool) == members["dropped_out_at"].isna()[members["n_orders"] > 0]
    ).all()
    registered = pd.to_datetime(tables["customers"].set_index("customer_id")["registered_at"])
    assert (registered <= members["first_order_at"].fillna(pd.Timestamp(END))).all()


def test_a_dropout_has_a_cause_and_discontent_the_sore_point(members: pd.DataFrame) -> None:
    gone = members["dropped_out_at"].notna()
    assert (members["dropout_cause"].notna() == gone).all()
    sour = members[members["dropout_cause"] == "discontent"]
    assert (sour["satisfaction"] < -0.3).all()
    assert (sour["sore_topic"] == sour["dropout_topic"]).all()
    failed = members[members["dropout_cause"] == "service_failure"]
    assert (failed["n_failures"] > 0).all()
    assert failed["dropout_topic"].notna().all()
    assert set(members["dropout_cause"].dropna()) == set(CAUSES)
    assert set(members["sore_topic"].dropna()) <= set(TOPICS)


def test_nothing_lies_after_the_last_day_and_something_after_the_last_month(tables: Tables) -> None:
    last = str(LAST_DAY) + " 23:59:59"
    for table, column in (
        ("transactions", "ordered_at"),
        ("customers", "registered_at"),
        ("events", "occurred_at"),
        ("tickets", "opened_at"),
        ("tickets", "resolved_at"),
        ("feedback", "given_at"),
        ("subscriptions", "started_at"),
        ("subscriptions", "ended_at"),
    ):
        times = tables[table][column]
        times = times[times.str.fullmatch(r"[\d: -]+")]
        assert times.max() <= last, table
        assert times.max() > "2026-11-01", table
        assert times.min() >= "2024-01-01", table
    assert tables["spend"]["period"].max() == "2026-11-01"
    assert tables["campaigns"]["sent_at"].max() == "2026-09-01 10:00:00"


def test_dirt_has_the_documented_share(truth: dict[str, Any], tables: Tables, valid: pd.DataFrame) -> None:
    rows = {kind: line["rows"] for kind, line in truth["control"]["transactions"]["by_kind"].items()}
    lines = tables["transactions"]
    assert sum(rows.values()) == len(lines)
    assert rows["sales"] + rows["refunds"] == len(valid)
    broken = rows["without_member"] + rows["without_date"]
    assert broken / rows["sales"] == pytest.approx(0.002, abs=0.0002)  # a fixed share, rounded to whole lines
    assert rows["tests"] == (lines["customer_id"] == TEST_ACCOUNT).sum() > 0
    # About 130 refunds are expected of some 10,000 lines: 4 standard errors are 0.4 %.
    assert (valid["amount"] < 0).mean() == pytest.approx(0.01, abs=0.004)
    # Everything that is no sale is small beside the sales.
    assert 1 - rows["sales"] / len(lines) < 0.07


def test_each_kind_of_dirt_is_there(tables: Tables, language: str) -> None:
    lines, own = tables["transactions"], words(language)
    assert (lines["customer_id"] == "").any()
    assert {"2026-02-30", own["no_date"]} <= set(lines["ordered_at"])
    test_rows = lines[lines["channel"] == own["test_channel"]]
    assert set(test_rows["customer_id"]) == {TEST_ACCOUNT}
    assert "0.00" in set(test_rows["amount"])
    assert set(lines["status"]) == set(own["order_statuses"])
    for name in ("shipping_item", "test_item"):
        assert own[name] in set(lines["product_name"])
    assert lines["customer_id"].str.startswith("S").any()


def test_refunds_are_negative_lines_of_their_own_and_follow_a_sale(valid: pd.DataFrame) -> None:
    refunds = valid[valid["amount"] < 0]
    assert refunds["order_id"].str.startswith("R").all()
    assert refunds["order_id"].is_unique
    assert (refunds["quantity"].astype(int) < 0).all()
    sold = sales(valid).assign(back=-sales(valid)["amount"])
    keys = ["customer_id", "product_id"]
    pairs = refunds.merge(sold, left_on=[*keys, "amount"], right_on=[*keys, "back"], suffixes=("", "_sold"))
    pairs = pairs[pairs["ordered_at_sold"] < pairs["ordered_at"]]
    assert set(pairs["order_id"]) == set(refunds["order_id"])


def test_ids_keep_their_leading_zeros_and_every_table_knows_its_members(tables: Tables) -> None:
    ids = tables["customers"]["customer_id"]
    assert ids.is_unique
    assert ids.str.fullmatch(r"0\d{6}").all()
    cards = tables["identities"]
    assert set(cards["canonical_id"]) <= set(ids)
    assert cards["id"].is_unique
    for name in ("events", "tickets", "feedback", "subscriptions", "campaigns"):
        assert set(tables[name]["customer_id"]) - {""} <= set(ids), name
    strangers = set(tables["transactions"]["customer_id"]) - set(ids) - set(cards["id"])
    assert {name for name in strangers if not name.startswith("S")} == {"", TEST_ACCOUNT}
    assert tables["transactions"]["product_id"].str.fullmatch(r"0\d{5}|POST01").all()
    for name, key in (("feedback", "feedback_id"), ("tickets", "ticket_id")):
        assert tables[name][key].is_unique


def test_members_with_a_store_card_stand_under_two_numbers(tables: Tables, members: pd.DataFrame) -> None:
    cards = tables["identities"].set_index("canonical_id")["id"]
    pd.testing.assert_series_equal(cards, members["second_id"].dropna(), check_names=False)
    lines = tables["transactions"].query("status == 'paid' or status == '已付款'")
    store = lines[lines["customer_id"].isin(cards)]
    assert store["channel"].nunique() == 1
    online = lines[lines["customer_id"].isin(cards.index)]
    assert not set(online["channel"]) & set(store["channel"])


@given(st.lists(st.tuples(st.integers(6, 10**7), st.integers(1, 6)), min_size=1), st.integers(0, 2**32))
def test_the_lines_of_an_order_add_up_to_the_cent(orders: list[tuple[int, int]], seed: int) -> None:
    totals, parts = np.array(orders).T
    cents = _split(totals, parts, np.random.default_rng(seed))
    assert (cents >= 1).all()
    assert (np.add.reduceat(cents, np.cumsum(parts) - parts) == totals).all()


def test_the_shop_looks_like_a_middling_one(members: pd.DataFrame, plan: Plan, valid: pd.DataFrame) -> None:
    genuine = members[~members["is_fake"]]
    buyers = genuine[genuine["n_orders"] > 0]
    assert 0.8 < len(buyers) / len(genuine) < 0.92
    assert 0.48 < (buyers["n_orders"] == 1).mean() < 0.6
    revenue = valid.groupby("customer_id")["amount"].sum().sort_values(ascending=False)
    assert 0.55 < revenue.head(round(len(revenue) / 5)).sum() / revenue.sum() < 0.75
    mean = sales(valid).groupby("order_id")["amount"].sum().mean()
    # Heavy buyers' own means weigh most.
    assert mean == pytest.approx(plan.population.mean_order_value, rel=0.15)
    margin = 1 - valid["cost"].astype(float).sum() / valid["amount"].sum()
    assert 0.4 < margin < 0.6


def test_acquisition_grows(tables: Tables) -> None:
    years = pd.to_datetime(tables["customers"]["registered_at"])
    assert years.dt.date.is_monotonic_increasing
    early = (years < "2024-07-01").sum()
    late = ((years >= "2026-05-01") & (years < "2026-11-01")).sum()
    assert 2 < late / early < 3.5  # 3 between the two ends, by the population's growth


def test_the_tier_is_that_of_the_first_order(members: pd.DataFrame, tables: Tables, language: str) -> None:
    customers = tables["customers"]
    never = members["n_orders"] == 0
    basic = words(language)["tiers"][0]
    assert set(customers["tier"][never.to_numpy()]) == {basic}
    assert 0.6 < (customers["tier"] == basic).mean() < 0.9


def test_a_member_buys_the_favourite_category_with_its_share(company: Block, plan: Plan) -> None:
    people, lines = company.people, company.lines
    person = company.orders["person"][lines["order"]]
    favourite = plan.products["group"].to_numpy()[lines["product"]] == people["favourite"][person]
    shares = np.array([0.22, 0.2, 0.17, 0.13, 0.16, 0.12])[people["favourite"][person]]
    chance = people["affinity"][person] + (1 - people["affinity"][person]) * shares
    # A line is one trial: 4 standard errors.
    assert abs(favourite.sum() - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())


def test_numbers_tell_nothing_but_the_order_of_time(tables: Tables) -> None:
    visits = tables["events"].drop_duplicates("session_id")
    assert visits["session_id"].is_monotonic_increasing
    for name, key in (("feedback", "feedback_id"), ("tickets", "ticket_id")):
        assert tables[name][key].is_monotonic_increasing, name
    paid = tables["transactions"].query("order_id.str.startswith('A')").drop_duplicates("order_id")
    paid = paid[paid["ordered_at"].str.fullmatch(r"[\d: -]{19}")]
    assert paid["order_id"].is_monotonic_increasing


def test_contracts_are_known_from_their_start_and_some_have_ended(tables: Tables) -> None:
    contracts = tables["subscriptions"]
    ended = contracts["ended_at"] != ""
    assert contracts["customer_id"].is_unique
    assert 0.25 < ended.mean() < 0.5
    assert (contracts["ended_at"][ended] > contracts["started_at"][ended]).all()
    # An earlier as-of day sees contracts too.
    assert (contracts["started_at"] < "2025-07-01").mean() > 0.2


def test_tickets_run_from_opening_to_response_to_resolution(tables: Tables, language: str) -> None:
    tickets, own = tables["tickets"], words(language)
    stages = [tickets[name] for name in ("opened_at", "first_response_at", "resolved_at")]
    for earlier, later in itertools.pairwise(stages):
        assert (later[later != ""] > earlier[later != ""]).all()
    assert (stages[2] == "").sum() > 0  # some are open
    assert (stages[2] == "").mean() < 0.05
    assert set(tickets["kind"]) == set(own["ticket_kinds"])
    assert set(tickets["department"]) == set(own["departments"])
    assert (tickets["contacts"].astype(int) >= 1).all()
    assert 0.03 < (tickets["reopened"] == own["yes_no"][1]).mean() < 0.15


def test_discontent_shows_before_it_drives_members_away(
    members: pd.DataFrame, tables: Tables, valid: pd.DataFrame
) -> None:
    assert members["satisfaction"].corr(members["dropout_probability"], method="spearman") < -0.75
    feedback = tables["feedback"].query("rating != '' and customer_id != ''")
    stars = feedback.assign(stars=feedback["rating"].astype(int)).groupby("customer_id")["stars"].mean()
    assert stars.corr(members["dropout_probability"][stars.index], method="spearman") < -0.25
    refunds = valid[valid["amount"] < 0]["customer_id"].unique()
    assert members["satisfaction"][refunds].mean() < members["satisfaction"].mean()


def test_stars_foretell_churn_beyond_recency(many: Block) -> None:
    cutoff, horizon = pd.Timestamp("2026-08-03"), pd.Timedelta(days=90)
    orders = pd.DataFrame({name: many.orders[name] for name in ("person", "ordered_at")})
    past = orders[orders["ordered_at"] < cutoff].groupby("person")["ordered_at"].agg(last="max", n="size")
    past = past[(past["n"] > 1) & (past["last"] > cutoff - pd.Timedelta(days=365))]
    later = orders[(orders["ordered_at"] >= cutoff) & (orders["ordered_at"] < cutoff + horizon)]
    churned = (~past.index.isin(later["person"])).astype(float)
    feedback = many.tables["feedback"].to_pandas()
    feedback = feedback[(feedback["given_at"] < cutoff) & feedback["rating"].notna()].dropna(
        subset="customer_id"
    )
    person = feedback["customer_id"].astype(int) - 1
    stars = feedback["rating"].groupby(person).mean().reindex(past.index)
    strata = pd.DataFrame({"silent": pd.qcut(past["last"], 4, labels=False), "n": past["n"].clip(upper=4)})
    frame = strata.assign(churned=churned, low=stars <= 3)[stars.notna()]
    shares = frame.groupby(["silent", "n", "low"])["churned"].agg(["mean", "var", "size"]).unstack()
    weight = shares["size"].min(axis=1) / shares["size"].min(axis=1).sum()
    gap = (weight * (shares["mean"][True] - shares["mean"][False])).sum()
    error = np.sqrt((weight**2 * (shares["var"] / shares["size"]).sum(axis=1)).sum())
    assert gap > 3 * error  # dissatisfied members leave more often than equally recent, equally frequent ones
