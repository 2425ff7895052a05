"""The three models: what they recover, and how they take blank and unknown values."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from workbench.churn import Churn
from workbench.churn.backtest import MAIN, backtest
from workbench.churn.calibration import log_odds, recalibration
from workbench.churn.dataset import Dataset, Rule, tidy
from workbench.churn.encoding import FEWEST_OF_A_LEVEL, Encoder
from workbench.churn.models import BoostedTrees, LogisticModel, NaiveRule, folds_by_customer
from workbench.churn.orders import order_dataset
from workbench.parameters import ChurnParameters


def simulated(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Rows with a known probability of churn: by a number, a text, and a number without meaning."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(n)],
            "days": rng.gamma(2, 30, n),
            "plan": rng.choice(["monthly", "yearly", "trial"], n),
            "noise": rng.normal(size=n),
        }
    )
    effect = frame["plan"].map({"monthly": 0.0, "yearly": -1.5, "trial": 1.0})
    truth = 1 / (1 + np.exp(2.0 - 0.03 * frame["days"] - effect))
    return frame, (rng.random(n) < truth).to_numpy(), truth.to_numpy()


@pytest.mark.parametrize(
    "model", [BoostedTrees(("days", "plan", "noise"), 1), LogisticModel(("days", "plan", "noise"))]
)
def test_known_probabilities_are_recovered_on_unseen_rows(model: BoostedTrees | LogisticModel) -> None:
    known, label, _ = simulated(4_000, seed=1)
    unseen, outcome, truth = simulated(20_000, seed=2)
    found = model.fit(known, label).predict_probability(unseen)
    best = roc_auc_score(outcome, truth)
    assert roc_auc_score(outcome, found) > best - 0.012
    line = recalibration(outcome.astype(float), log_odds(found))
    # 4,000 training rows leave the slope an error of about 0.05; arsinh bends the logistic one's line.
    assert line.slope == pytest.approx(1, abs=0.12)
    assert np.mean(found) == pytest.approx(truth.mean(), abs=0.02)


def test_the_model_comes_near_the_best_possible_forecast_of_a_known_company(make: SimpleNamespace) -> None:
    """In an NBD company P(no order in H days | x repeats in T days) = ((a + T) / (a + T + H)) ** (r + x)."""
    data = make.canonical(transactions=make.orders(2_500, seed=8))
    p = ChurnParameters()
    dataset = order_dataset(data.get("transactions"), None, [], data.as_of, p)
    assert isinstance(dataset, Dataset)
    tested = backtest(dataset, p.seed).tested.rows
    rows = dataset.labelled[dataset.test_rows]
    repeats, age = rows["n_orders"] - 1, rows["days_since_first_order"] + 0.5
    scale = make.scale_days
    best = ((scale + age) / (scale + age + p.horizon_days)) ** (make.shape + repeats)
    assert roc_auc_score(tested["churned"], tested[MAIN]) > roc_auc_score(tested["churned"], best) - 0.02
    line = recalibration(tested["churned"].to_numpy("float64"), log_odds(tested[MAIN].to_numpy()))
    assert line.slope == pytest.approx(1, abs=0.15)  # 2,000 test rows: the standard error is 0.05
    assert tested[MAIN].mean() == pytest.approx(best.mean(), abs=0.03)
    assert len(tested) > 1_500


def test_the_naive_rule_is_the_share_lost_at_each_value_made_monotone() -> None:
    frame = pd.DataFrame({"days": [1.0, 1, 2, 2, 3, 3]})
    label = np.array([False, False, True, False, False, True])
    rule = NaiveRule(Rule("days", +1)).fit(frame, label)
    assert rule.predict_probability(pd.DataFrame({"days": [0.0, 1, 2, 3, 9]})).tolist() == [
        0,
        0,
        0.5,
        0.5,
        0.5,
    ]


def test_the_naive_rule_turns_tenure_round_and_takes_blanks_as_typical() -> None:
    frame = pd.DataFrame({"tenure_months": [1.0, 5, 9]})
    rule = NaiveRule(Rule("tenure_months", -1)).fit(frame, np.array([True, True, False]))
    assert rule.score(pd.DataFrame({"tenure_months": [2.0, np.nan]})).tolist() == [-2, -5]


def test_without_its_feature_the_naive_rule_says_the_base_rate() -> None:
    rule = NaiveRule(Rule("tenure_months", -1)).fit(
        pd.DataFrame({"x": [1, 2, 3, 4]}), np.array([True] + [False] * 3)
    )
    assert rule.predict_probability(pd.DataFrame({"x": [5, 6]})).tolist() == [0.25, 0.25]


def test_rare_and_unknown_levels_are_one_level_and_blank_is_none() -> None:
    column = ["a"] * FEWEST_OF_A_LEVEL + ["b"] * FEWEST_OF_A_LEVEL + ["rare"] + [None]
    encoder = Encoder(["plan"]).fit(pd.DataFrame({"plan": column}))
    codes = encoder.transform(pd.DataFrame({"plan": ["b", "a", "rare", "never seen", None]}))[:, 0]
    assert codes[:4].tolist() == [1, 0, 2, 2]
    assert np.isnan(codes[4])


def test_text_that_is_a_number_but_for_blanks_becomes_one() -> None:
    frame = pd.DataFrame(
        {"total": ["29.85", " ", "1889.5"], "plan": ["1", "two", ""], "flag": [True, False, True]}
    )
    tidied = tidy(frame, ["total", "plan", "flag"])
    assert tidied["total"].tolist()[::2] == [29.85, 1889.5]
    assert np.isnan(tidied["total"].iloc[1])
    assert tidied["plan"].tolist()[:2] == ["1", "two"]
    assert pd.isna(tidied["plan"].iloc[2])
    assert tidied["flag"].tolist() == [1.0, 0.0, 1.0]


def test_all_rows_of_a_customer_fall_into_one_fold_of_about_equal_size() -> None:
    ids = pd.Series([f"c{number % 50}" for number in range(150)])
    fold = folds_by_customer(ids, 5, seed=1)
    assert pd.Series(fold).groupby(ids).nunique().max() == 1
    assert np.bincount(fold).tolist() == [30] * 5


def test_the_same_rows_give_the_same_probabilities() -> None:
    frame, label, _ = simulated(600, seed=3)
    first, second = (
        BoostedTrees(("days", "plan"), 7).fit(frame, label).predict_probability(frame) for _ in range(2)
    )
    assert (first == second).all()


def test_of_very_many_rows_a_random_part_is_learned_from(
    monkeypatch: pytest.MonkeyPatch, contract_study: Churn
) -> None:
    monkeypatch.setattr("workbench.churn.backtest.MOST_TRAINED", 300)
    seen: list[int] = []
    fit = BoostedTrees.fit
    monkeypatch.setattr(
        BoostedTrees, "fit", lambda self, rows, label: seen.append(len(rows)) or fit(self, rows, label)
    )
    assert isinstance(contract_study.dataset, Dataset)
    tested = backtest(contract_study.dataset, 1).tested.rows
    assert seen == [300] * 5
    assert len(tested) == 700
