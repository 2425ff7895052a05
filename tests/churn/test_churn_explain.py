"""SHAP values add up, and reasons are what pushes a customer's risk up most."""

import math

import numpy as np
import pandas as pd
import pytest

from workbench import churn, language
from workbench.churn.backtest import backtest
from workbench.churn.calibration import log_odds
from workbench.churn.dataset import ATTRIBUTE, Dataset
from workbench.churn.explain import Explanation, contributions_of, drivers, explain
from workbench.churn.reasons import THEMES, causes_of, reason_text, reasons
from workbench.churn.scores import score


@pytest.fixture(scope="module")
def explained(contract_study: churn.Churn) -> tuple[Dataset, np.ndarray, Explanation]:
    """Scored contracts, their probabilities and their explanation."""
    dataset = contract_study.dataset
    assert isinstance(dataset, Dataset)
    scorers = backtest(dataset, 1).scorers
    probability = score(scorers, dataset.scored)
    return dataset, probability, explain(scorers, dataset.scored, probability, dataset.features, 1)


def test_contributions_and_base_add_up_to_the_log_odds_of_each_row(
    explained: tuple[Dataset, np.ndarray, Explanation],
) -> None:
    _, probability, explanation = explained
    total = explanation.base + explanation.contributions.sum(axis=1)
    assert len(explanation.places) == len(probability)
    assert total == pytest.approx(log_odds(probability), abs=1e-6)  # SHAP values are sums over 150 trees


def test_contributions_equal_lightgbms_own(contract_study: churn.Churn) -> None:
    assert isinstance(contract_study.dataset, Dataset)
    rows = contract_study.dataset.scored
    scorer = backtest(contract_study.dataset, 1).scorers[0]
    model = scorer.model
    own = model.booster_.predict(model.encoder_.transform(rows), pred_contrib=True)
    found, base = contributions_of(scorer, rows)
    assert found == pytest.approx(model.slope_ * own[:, :-1], abs=1e-9)
    assert base == pytest.approx(model.intercept_ + model.slope_ * own[0, -1], abs=1e-9)


def test_reasons_are_the_largest_positive_contributions(
    explained: tuple[Dataset, np.ndarray, Explanation],
) -> None:
    dataset, _, explanation = explained
    table = reasons(explanation, dataset.scored)
    for row in range(0, len(table), 50):
        by_size = pd.Series(explanation.contributions[row], index=explanation.features)
        up = by_size[by_size > 0].sort_values(ascending=False)
        expected = [*up.index[:3], "", "", ""][:3]  # contracts have no two features of one theme
        assert table.loc[row, ["cause_1", "cause_2", "cause_3"]].tolist() == expected
        assert (table.loc[row, "reason_1"] == "") == (len(up) == 0)


def test_of_one_theme_only_the_strongest_feature_speaks() -> None:
    names = ("n_orders_30d", "days_since_last_order", "n_orders", "revenue", "region")
    assert causes_of(np.array([0.2, 0.5, 0.1, -0.3, 0.3]), names) == [
        "days_since_last_order",
        "region",
        "n_orders",
    ]
    assert causes_of(np.array([0.2, 0.1, -0.1, -0.3, 0.0]), names) == ["n_orders_30d"]


def test_themes_hold_only_features_of_orders_and_customers() -> None:
    with language.speaking("en"):
        assert all(reason_text(name, 2.0) for name in THEMES)


def test_beyond_the_limit_the_riskiest_and_a_sample_are_explained(
    contract_study: churn.Churn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.churn.explain.MOST_EXPLAINED", 50)
    monkeypatch.setattr("workbench.churn.explain.SAMPLE", 20)
    dataset = contract_study.dataset
    assert isinstance(dataset, Dataset)
    scorers = backtest(dataset, 1).scorers
    probability = score(scorers, dataset.scored)
    explanation = explain(scorers, dataset.scored, probability, dataset.features, 1)
    assert set(np.argsort(-probability, kind="stable")[:50]) <= set(explanation.places)
    assert explanation.sample.sum() == 20
    told = reasons(explanation, dataset.scored)["reason_1"] != ""
    assert not told[np.setdiff1d(np.arange(len(probability)), explanation.places)].any()


def test_drivers_name_their_direction(explained: tuple[Dataset, np.ndarray, Explanation]) -> None:
    dataset, _, explanation = explained
    table = drivers(explanation, dataset.scored).set_index("feature")
    assert table.loc["tenure_months", "direction"] == -1
    assert table.loc[f"{ATTRIBUTE}plan", "riskiest"] == "monthly"
    assert table["share"].sum() == pytest.approx(1)
    assert set(table.index[:2]) <= {"tenure_months", f"{ATTRIBUTE}plan", f"{ATTRIBUTE}total"}


@pytest.mark.parametrize(
    ("feature", "value", "english", "chinese"),
    [
        ("days_since_last_order", 132.0, "No order for 132 days", "已 132 天未下单"),
        ("days_since_last_order", 1.0, "No order for 1 day", "已 1 天未下单"),
        ("n_orders_90d", 0.0, "No order in the last 90 days", "近 90 天没有下单"),
        ("mean_gap_days", None, "Has ordered on one day only", "只在一天下过单"),
        (
            "spend_trend", math.log(0.5),
            "Spending of the last 90 days is 50.0% of the 90 days before", "近 90 天消费为此前 90 天的 50.0%",
        ),
        ("revenue_365d", 1234.5, "€1,234 spent in the last 365 days", "近 365 天消费 €1,234"),
        ("attribute: Contract", "Month-to-month", "Contract = Month-to-month", "Contract = Month-to-month"),
        ("attribute: SeniorCitizen", 1.0, "SeniorCitizen = 1", "SeniorCitizen = 1"),
        ("attribute: plan", None, "plan is not given", "未填写 plan"),
    ],
)  # fmt: skip
def test_reasons_are_spoken_in_both_languages(
    feature: str, value: float | str | None, english: str, chinese: str
) -> None:
    assert reason_text(feature, value) == english
    with language.speaking("zh", "EUR"):
        assert reason_text(feature, value) == chinese
