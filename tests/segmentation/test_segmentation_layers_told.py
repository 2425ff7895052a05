"""What layers and clusters say: rates with their counts, doubts as doubts, no sums of a handful."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench import theme
from workbench.language import LANGUAGES, speaking
from workbench.results import Missing
from workbench.segmentation import layers
from workbench.segmentation.layers import told
from workbench.segmentation.layers.matching import Kept
from workbench.segmentation.layers.rfm import rfm_layers

CAUSE = Missing("segmentation.no_orders")


@pytest.fixture(scope="module")
def orders():
    rng = np.random.default_rng(7)
    n = 400
    rate = rng.gamma(1, 2, n)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:03d}" for number in range(n)],
            "days_since_last_order": rng.integers(0, 400, n),
            "n_orders": rng.poisson(rate) + 1,
            "revenue": (rng.gamma(3, 10, n) * (rate + 1)).round(2),
        }
    )


@pytest.fixture(scope="module")
def rfm(orders):
    return rfm_layers(orders, 5)


@pytest.fixture(scope="module")
def clusters(orders):
    return layers.customer_clusters(orders, 1, algorithm="kmeans", k=3)


def by_name(parts):
    return {part.name: part for part in parts}


def test_rates_carry_their_counts(rfm, clusters, orders):
    found = by_name(told.metrics(rfm, clusters))
    champions = found["rfm_champions_rate"]
    assert champions.numerator == (rfm.scores["rfm_segment"] == "champions").sum()
    assert champions.denominator == len(orders)
    assert champions.low < champions.value < champions.high
    slipping = rfm.scores["rfm_segment"].isin(["at_risk", "cannot_lose"])
    share = found["rfm_slipping_revenue_share"]
    assert share.n == slipping.sum()
    assert share.numerator == pytest.approx(orders.loc[slipping, "revenue"].sum())
    assert share.value == pytest.approx(share.numerator / orders["revenue"].sum())
    assert found["cluster_kept_share"].value is None
    assert found["cluster_kept_share"].reason == "no earlier run has clusters to compare with"


def test_every_metric_is_there_when_nothing_could_be_computed(rfm, clusters):
    absent = told.metrics(CAUSE, CAUSE)
    assert list(by_name(absent)) == list(by_name(told.metrics(rfm, clusters)))
    assert all(metric.value is None and metric.reason == CAUSE.reason for metric in absent)
    assert told.checks(CAUSE, CAUSE) == told.findings(CAUSE, CAUSE) == ()


def test_money_of_a_handful_is_not_told(orders):
    few = orders.assign(days_since_last_order=[300] * 9 + [3] * 391, n_orders=[9] * 9 + [1] * 391)
    found = rfm_layers(few.assign(revenue=[900.0] * 9 + [10.0] * 391), 5)
    share = by_name(told.metrics(found, CAUSE))["rfm_slipping_revenue_share"]
    assert found.by_segment.set_index("segment")["customers"]["cannot_lose"] == 9
    assert share.value is None
    assert share.reason == "only 9 customers are at risk or cannot be lost; revenue is shown from 10 on"
    codes = [finding.code for finding in told.findings(found, CAUSE)]
    assert "segmentation.finding_slipping" not in codes
    assert "decide.win_back" not in codes


def test_without_net_revenue_no_share_of_it_is_told(orders):
    found = rfm_layers(orders.assign(revenue=0.0), 5)
    share = by_name(told.metrics(found, CAUSE))["rfm_slipping_revenue_share"]
    assert share.value is None
    assert told.findings(found, CAUSE) == ()


def test_the_findings_ask_who_wins_back_whom(rfm):
    codes = [finding.code for finding in told.findings(rfm, CAUSE)]
    assert codes == [
        "segmentation.finding_core",
        "segmentation.finding_slipping",
        "decide.win_back",
    ]


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"stable": True, "stability": 0.9, "silhouette": 0.4, "kept": Kept(100, 80)}, set()),
        ({"stable": False, "stability": 0.6, "silhouette": 0.4}, {"clusters_stable"}),
        ({"stable": True, "stability": 0.9, "silhouette": 0.25}, {"clusters_clear"}),
        ({"stable": True, "stability": 0.9, "silhouette": 0.4, "kept": Kept(100, 79)}, {"clusters_kept"}),
    ],
)
def test_doubts_of_clusters_are_warnings_with_an_action(clusters, changes, failing):
    checks = told.checks(CAUSE, replace(clusters, **changes))
    assert {check.name for check in checks if not check.passed} == failing
    assert all(check.level == "warn" and check.action for check in checks if not check.passed)


def test_a_score_that_all_share_is_a_warning(orders):
    (check,) = told.checks(rfm_layers(orders.assign(n_orders=1), 5), CAUSE)
    assert check.level == "warn"
    assert check.detail == (
        "largest share of customers with one and the same score: 100.0% (orders); above 80% the score hardly"
        " tells customers apart"
    )


@pytest.mark.parametrize("speech", LANGUAGES)
def test_clusters_that_are_not_stable_are_told_as_a_doubt(clusters, speech):
    doubtful, sure = replace(clusters, stable=False), replace(clusters, stable=True)
    with speaking(speech):
        titles = []
        for found in (doubtful, sure):
            (finding,) = told.findings(CAUSE, found)
            for plot in (layers.plot_clusters, layers.plot_cluster_choice):
                note = theme.note_of(plot(found))
                assert "{" not in note.title + note.sentence + note.alt
                assert "nan" not in note.title + note.sentence + note.alt
                titles.append(note.title)
            titles.append(finding.text)
    assert len(set(titles)) == 6


def test_a_cluster_of_a_handful_shows_its_count_alone(clusters):
    small = clusters.by_cluster.assign(customers=[300, 91, 9])
    profiles = clusters.profiles.assign(customers=clusters.profiles["cluster"].map({1: 300, 2: 91, 3: 9}))
    data = theme.note_of(layers.plot_clusters(replace(clusters, by_cluster=small, profiles=profiles))).data
    assert data["Customers"].tolist() == [300, 91, 9]
    assert data["Revenue (median)"].isna().tolist() == [False, False, True]
    assert data["Share of revenue"].isna().tolist() == [False, False, True]


def test_limits_of_the_company_are_shown_and_those_of_a_handful_are_not(orders, monkeypatch):
    shown = []
    monkeypatch.setattr("workbench.show.display", lambda thing, **_: shown.append(thing.data))
    edges = {"days_since_last_order": [1, 500], "n_orders": [2, 77], "revenue": [10, 99_999]}
    layers.show_limits(rfm_layers(orders, 5, method="fixed", edges=edges))
    layers.show_limits(rfm_layers(orders.head(40), 10))
    assert "99,999" in shown[0]
    assert shown[1].count("–") > 20  # four customers a score: no limit is told
