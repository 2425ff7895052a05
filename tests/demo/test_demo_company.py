"""The files agree with the truth beside them, and look like those of a real, slightly messy shop."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from workbench.demo.baskets import _split
from workbench.demo.company import Company, make_company
from workbench.demo.ledger import TEST_ACCOUNT
from workbench.demo.population import END, LAST_DAY, SNAPSHOT_DAY
from workbench.demo.vocabulary import SENTIMENTS, TOPICS, phrases, words

Tables = dict[str, pd.DataFrame]


def sales(valid: pd.DataFrame) -> pd.DataFrame:
    return valid[valid["amount"] > 0]


def test_orders_in_the_file_are_those_of_the_truth(company: Company, valid: pd.DataFrame) -> None:
    members = company.truth["members"].set_index("member_id")
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


def test_nobody_orders_after_dropping_out_or_before_registering(company: Company, tables: Tables) -> None:
    members = company.truth["members"]
    gone = members.dropna(subset="dropped_out_at")
    assert (gone["last_order_at"] == gone["dropped_out_at"]).all()
    assert (gone["n_orders"] > 1).all()
    registered = pd.to_datetime(tables["customers"]["registered_at"])
    assert (registered <= members["first_order_at"].fillna(pd.Timestamp(END))).all()


def test_a_member_is_in_one_state_at_a_time_and_never_returns(company: Company) -> None:
    months = company.truth["months_alive"].drop(columns="member_id")
    states = months.astype("Float64").fillna(2).to_numpy(dtype=float)  # 2 not yet, 1 there, 0 gone
    assert (np.diff(states, axis=1) <= 0).all()
    gone = company.truth["members"]["dropped_out_at"] < pd.Timestamp("2026-11-01")
    assert ((states[:, -1] == 0) == gone).all()
    assert months.columns[-1] == "2026-10-31"


def test_a_lapse_has_a_reason_and_discontent_has_the_sore_point(company: Company) -> None:
    members = company.truth["members"]
    gone = members["dropped_out_at"].notna()
    assert (members["lapse_reason"].notna() == gone).all()
    sour = members[gone & (members["satisfaction"] < -0.3)]
    assert (sour["lapse_reason"] == sour["sore_topic"]).all()
    assert set(members["sore_topic"]) <= set(TOPICS)


def test_nothing_lies_after_the_last_day_and_something_after_the_last_month(tables: Tables) -> None:
    last = str(LAST_DAY) + " 23:59:59"
    for table, column in (
        ("transactions", "ordered_at"),
        ("customers", "registered_at"),
        ("feedback", "given_at"),
    ):
        times = tables[table][column]
        times = times[times.str.len() == len(last)]
        assert times.max() <= last
        assert times.max() > "2026-11-01"
        assert times.min() >= "2024-01-01"
    contracts = tables["subscriptions"]
    assert contracts[["started_at", "ended_at", "observed_at"]].max().max() == str(SNAPSHOT_DAY)


def test_dirt_has_the_documented_share(company: Company, tables: Tables, valid: pd.DataFrame) -> None:
    lines = tables["transactions"]
    tests = lines["customer_id"] == TEST_ACCOUNT
    bad = len(lines) - tests.sum() - len(valid)
    assert bad / len(lines) == pytest.approx(0.002, abs=0.0002)  # a fixed share, rounded to whole lines
    assert company.counts["broken"] == bad
    assert company.counts["tests"] == tests.sum() > 0
    # About 130 refunds are expected of some 10,000 lines: 4 standard errors are 0.4 %.
    assert (valid["amount"] < 0).mean() == pytest.approx(0.01, abs=0.004)


def test_each_kind_of_dirt_is_there(tables: Tables, language: str) -> None:
    lines, own = tables["transactions"], words(language)
    assert (lines["customer_id"] == "").any()
    assert {"2026-02-30", own["no_date"]} <= set(lines["ordered_at"])
    test_rows = lines[lines["channel"] == own["test_channel"]]
    assert set(test_rows["customer_id"]) == {TEST_ACCOUNT}
    assert "0.00" in set(test_rows["amount"])


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
    for name in ("transactions", "feedback", "subscriptions"):
        assert set(tables[name]["customer_id"]) - {"", TEST_ACCOUNT} <= set(ids), name
    assert tables["transactions"]["product_id"].str.fullmatch(r"0\d{5}").all()
    assert tables["feedback"]["feedback_id"].is_unique


@given(st.lists(st.tuples(st.integers(6, 10**7), st.integers(1, 6)), min_size=1), st.integers(0, 2**32))
def test_the_lines_of_an_order_add_up_to_the_cent(orders: list[tuple[int, int]], seed: int) -> None:
    totals, parts = np.array(orders).T
    cents = _split(totals, parts, np.random.default_rng(seed))
    assert (cents >= 1).all()
    assert (np.add.reduceat(cents, np.cumsum(parts) - parts) == totals).all()


def test_the_shop_looks_like_a_middling_one(company: Company, valid: pd.DataFrame) -> None:
    members, laws = company.truth["members"], company.population
    buyers = members[members["n_orders"] > 0]
    assert 0.8 < len(buyers) / len(members) < 0.92
    assert 0.5 < (buyers["n_orders"] == 1).mean() < 0.6
    revenue = valid.groupby("customer_id")["amount"].sum().sort_values(ascending=False)
    assert 0.55 < revenue.head(round(len(revenue) / 5)).sum() / revenue.sum() < 0.75
    mean = sales(valid).groupby("order_id")["amount"].sum().mean()
    assert mean == pytest.approx(laws.mean_order_value, rel=0.15)  # heavy buyers' own means weigh most
    margin = 1 - valid["cost"].astype(float).sum() / valid["amount"].sum()
    assert 0.4 < margin < 0.6


def test_acquisition_grows(tables: Tables) -> None:
    years = pd.to_datetime(tables["customers"]["registered_at"])
    early = (years < "2024-07-01").sum()
    late = ((years >= "2026-05-01") & (years < "2026-11-01")).sum()
    assert 2 < late / early < 3.5  # 3 between the two ends, by the population's growth


def test_the_tier_is_that_of_the_first_order(company: Company, tables: Tables, language: str) -> None:
    customers = tables["customers"]
    never = company.truth["members"]["n_orders"] == 0
    basic = words(language)["tiers"][0]
    assert set(customers["tier"][never.to_numpy()]) == {basic}
    assert 0.6 < (customers["tier"] == basic).mean() < 0.9


def test_contracts_are_ended_or_running_and_their_months_fit(tables: Tables, language: str) -> None:
    contracts = tables["subscriptions"]
    ended = contracts["ended_at"] != ""
    assert contracts["customer_id"].is_unique
    assert ((contracts["churned"] == words(language)["statuses"][1]) == ended).all()
    assert 0.25 < ended.mean() < 0.5
    until = contracts["ended_at"].where(ended, contracts["observed_at"])
    days = (pd.to_datetime(until) - pd.to_datetime(contracts["started_at"])).dt.days
    # A month is 30.4 days; ends are rounded to whole days.
    assert (days / (365.25 / 12) - contracts["tenure_months"].astype(int)).between(-0.05, 1).all()


def test_both_languages_are_spoken_in_their_shares(company: Company, tables: Tables, language: str) -> None:
    truth, texts = company.truth["feedback"], tables["feedback"]["text"]
    chinese = truth["language"] == "zh"
    # Some 2,000 utterances of 1,200 members: 4 standard errors are about 5 points.
    assert chinese.mean() == pytest.approx({"en": 0.3, "zh": 0.85}[language], abs=0.05)
    written = texts != ""
    has_han = texts.str.contains(r"[\u4e00-\u9fff]")
    assert not has_han[written & ~chinese].any()
    assert has_han[written & chinese & (texts.str.len() > 4)].all()


def test_both_languages_are_there_in_the_smallest_company(language: str) -> None:
    for seed in range(5):
        company = make_company(50, seed, language)
        assert set(company.truth["feedback"]["language"]) == {"en", "zh"}
        assert company.counts["broken"] / len(company.tables["transactions"]) < 0.01


def test_feedback_has_texts_stars_and_answers_in_their_shares(tables: Tables) -> None:
    feedback = tables["feedback"]
    text, rating, nps = (feedback[name] != "" for name in ("text", "rating", "nps"))
    assert 0.5 < len(feedback) / len(tables["customers"]) < 1
    # 4 standard errors of a share near one half, 2,000 rows.
    assert rating.mean() == pytest.approx(0.6, abs=0.045)
    assert nps.mean() == pytest.approx(0.25, abs=0.045)
    assert text.mean() == pytest.approx(0.88, abs=0.03)
    assert (rating | text).all()
    assert set(feedback["rating"]) == {"", "1", "2", "3", "4", "5"}
    assert feedback["nps"][nps].astype(int).between(0, 10).all()
    assert 0.75 < feedback["text"][text].nunique() / text.sum() < 0.95  # short ones and doubles repeat


def test_no_slot_is_left_open(tables: Tables) -> None:
    assert not tables["feedback"]["text"].str.contains(r"[{}]|nan|None").any()


def test_every_topic_has_phrases_of_every_sentiment() -> None:
    for language in ("en", "zh"):
        book = phrases(language)
        assert tuple(book["topics"]) == TOPICS
        assert all(set(book["topics"][topic]) == set(SENTIMENTS) for topic in TOPICS)
        assert set(book["sarcasm"]) == set(TOPICS)


def test_stars_can_be_told_from_words_but_not_always(company: Company, language: str) -> None:
    feedback, truth = company.tables["feedback"], company.truth["feedback"]
    rating = feedback["rating"].astype("Float64")
    used = ((truth["language"] == language) & (feedback["text"] != "") & (rating != 3)).fillna(False)
    texts, good = feedback["text"][used], (rating[used] > 3).astype(bool)
    model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), LogisticRegression(C=5))
    # About 600 texts: the standard error is 1.4 points; at 5,000 members it comes to .87 to .90.
    assert 0.78 < cross_val_score(model, texts, good, cv=4).mean() < 0.95


def test_discontent_shows_before_it_drives_members_away(company: Company) -> None:
    members = company.truth["members"].set_index("member_id")
    assert members["satisfaction"].corr(members["dropout_probability"], method="spearman") < -0.75
    feedback = company.tables["feedback"].dropna(subset="rating")
    stars = feedback[feedback["customer_id"] != ""].groupby("customer_id")["rating"].mean().astype(float)
    assert stars.corr(members["dropout_probability"][stars.index], method="spearman") < -0.3
    refunds = company.tables["transactions"].query("amount < 0")["customer_id"].unique()
    assert members["satisfaction"][refunds].mean() < members["satisfaction"].mean()


def test_stars_foretell_churn_beyond_recency() -> None:
    company = make_company(20_000, 1, "en")  # large enough for twelve strata
    cutoff, horizon = pd.Timestamp(date(2026, 8, 3)), pd.Timedelta(days=90)
    lines = company.tables["transactions"].query("amount > 0 and customer_id != '' and channel != 'test'")
    lines = lines.assign(at=pd.to_datetime(lines["ordered_at"], errors="coerce")).dropna(subset="at")
    past = (
        lines[lines["at"] < cutoff].groupby("customer_id").agg(last=("at", "max"), n=("order_id", "nunique"))
    )
    past = past[(past["n"] > 1) & (past["last"] > cutoff - pd.Timedelta(days=365))]
    later = lines[(lines["at"] >= cutoff) & (lines["at"] < cutoff + horizon)]["customer_id"]
    churned = (~past.index.isin(later)).astype(float)
    feedback = company.tables["feedback"].query("given_at < @cutoff and rating.notna()")
    stars = feedback.groupby("customer_id")["rating"].mean().astype(float).reindex(past.index)
    strata = pd.DataFrame({"silent": pd.qcut(past["last"], 4, labels=False), "n": past["n"].clip(upper=4)})
    frame = strata.assign(churned=churned, low=stars <= 3).dropna()[stars.notna()]
    shares = frame.groupby(["silent", "n", "low"])["churned"].agg(["mean", "var", "size"]).unstack()
    weight = shares["size"].min(axis=1) / shares["size"].min(axis=1).sum()
    gap = (weight * (shares["mean"][True] - shares["mean"][False])).sum()
    error = np.sqrt((weight**2 * (shares["var"] / shares["size"]).sum(axis=1)).sum())
    assert gap > 3 * error
