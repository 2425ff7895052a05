"""Contracts: who is judged when, by dates where there are any, else by the company's label."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from workbench import churn
from workbench.churn.contracts import DAYS_A_MONTH, contract_dataset
from workbench.churn.dataset import ATTRIBUTE, Dataset
from workbench.parameters import ChurnParameters

AS_OF = date(2025, 12, 31)


def dataset_of(make: SimpleNamespace, frame: pd.DataFrame) -> Dataset:
    data = make.canonical(subscriptions=frame)
    return contract_dataset(
        data.get("subscriptions"), data.attributes("subscriptions"), AS_OF, ChurnParameters()
    )


@pytest.fixture(scope="module")
def dated() -> pd.DataFrame:
    """1,600 contracts since 2022 that end at random days, faster on the monthly plan; one row each."""
    rng = np.random.default_rng(6)
    started = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 1_300, 1_600), unit="D")
    plan = rng.choice(["monthly", "yearly"], 1_600)
    lasted = np.ceil(rng.exponential(np.where(plan == "monthly", 250, 1_500)))
    ended = pd.Series(started + pd.to_timedelta(lasted, unit="D"))
    return pd.DataFrame(
        {
            "customer_id": [f"k{number:04d}" for number in range(1_600)],
            "started_at": started,
            "ended_at": ended.where(ended < "2026-01-01"),
            "monthly_fee": np.where(plan == "monthly", 19.9, 14.9),
            "plan": plan,
        }
    )


def test_dated_contracts_are_tested_out_of_time(make: SimpleNamespace, dated: pd.DataFrame) -> None:
    study = churn.foresee(make.canonical(subscriptions=dated), ChurnParameters())
    assert isinstance(study.dataset, Dataset)
    assert study.dataset.cutoffs is not None
    running = dated["ended_at"].isna()
    assert study.table["customer_id"].tolist() == sorted(dated.loc[running, "customer_id"])
    assert not study.table["observed_churn"].any()
    assert study.dataset.left_out == (~running).sum()
    found = {metric.name: metric.value for metric in study.metrics}
    # The rates are known: 1 - exp(-90 / 250) = .302 a quarter on the monthly plan, .058 on the yearly one.
    by_plan = study.table.merge(dated, on="customer_id").groupby("plan")["churn_probability"].mean()
    assert by_plan["monthly"] == pytest.approx(0.302, abs=0.05)
    assert by_plan["yearly"] == pytest.approx(0.058, abs=0.03)
    assert found["auc"] > found["auc_naive"]
    fee = study.table.merge(dated, on="customer_id")["monthly_fee"]
    expected = study.table["churn_probability"] * 12 * fee
    assert study.table["value_at_risk"].tolist() == pytest.approx(expected.tolist())


def test_labels_of_dated_contracts_count_whole_days_and_a_renewal_keeps(
    make: SimpleNamespace, dated: pd.DataFrame
) -> None:
    test = date(2025, 10, 2)  # 90 days before the as-of day
    cases = {  # the end of a contract that began in 2023, the label at the test date
        "ends on the cut-off day": ("2025-10-02", None),
        "ends a day later": ("2025-10-03", True),
        "ends on the last day": ("2025-12-31", True),
        "runs on": (None, False),
    }
    rows = [
        {"customer_id": name, "started_at": "2023-05-01", "ended_at": end} for name, (end, _) in cases.items()
    ]
    rows += [
        {"customer_id": "renews", "started_at": "2023-05-01", "ended_at": "2025-11-01"},
        {"customer_id": "renews", "started_at": "2025-11-05", "ended_at": None},
        {"customer_id": "begins later", "started_at": "2025-10-03", "ended_at": None},
    ]
    added = pd.DataFrame(rows).assign(plan="monthly", monthly_fee=19.9)
    added[["started_at", "ended_at"]] = added[["started_at", "ended_at"]].apply(pd.to_datetime)
    data = dataset_of(make, pd.concat([dated, added], ignore_index=True))
    at_test = data.labelled[data.labelled["cutoff"] == test].set_index("customer_id")
    expected = {name: label for name, (_, label) in cases.items() if label is not None} | {"renews": False}
    found = at_test["churned"].reindex([*cases, "renews", "begins later"]).dropna().to_dict()
    assert found == expected
    days = (test - date(2023, 5, 1)).days
    assert at_test.loc["runs on", "tenure_months"] == pytest.approx(days / DAYS_A_MONTH)


def test_contracts_observed_only_today_are_not_projected_into_the_past(
    make: SimpleNamespace, dated: pd.DataFrame
) -> None:
    data = dataset_of(make, dated.assign(observed_at=pd.Timestamp("2025-12-31")))
    assert data.cutoffs is None
    gone = dated["ended_at"] <= "2025-10-02"
    assert data.left_out == gone.sum()
    assert set(data.labelled["customer_id"]) == set(dated.loc[~gone, "customer_id"])
    assert data.labelled["churned"].sum() == (dated["ended_at"] > "2025-10-02").sum()


def test_an_end_after_the_as_of_day_has_not_happened(make: SimpleNamespace, dated: pd.DataFrame) -> None:
    later = dated["ended_at"].fillna(pd.Timestamp("2027-05-05"))
    before, after = (dataset_of(make, frame) for frame in (dated, dated.assign(ended_at=later)))
    pd.testing.assert_frame_equal(before.labelled, after.labelled)
    pd.testing.assert_frame_equal(before.scored, after.scored)


def test_of_several_observations_the_last_counts(make: SimpleNamespace, contracts: pd.DataFrame) -> None:
    old = contracts.assign(
        observed_at=pd.Timestamp("2025-06-30"), churned=False, tenure_months=1.0, plan="old"
    )
    new = contracts.assign(observed_at=pd.Timestamp("2025-09-30"))
    future = contracts.assign(observed_at=pd.Timestamp("2026-01-01"), churned=True, plan="future")
    found = dataset_of(make, pd.concat([old, new, future]))
    expected = dataset_of(make, new)
    pd.testing.assert_frame_equal(found.labelled, expected.labelled)
    assert set(found.labelled[f"{ATTRIBUTE}plan"]) == {"monthly", "yearly"}


def test_every_customer_of_a_snapshot_is_scored_by_a_model_that_did_not_see_the_label(
    contracts: pd.DataFrame, contract_study: churn.Churn
) -> None:
    table = contract_study.table.set_index("customer_id")
    left = contracts.set_index("customer_id")["churned"]
    assert table.index.tolist() == sorted(contracts["customer_id"])
    assert table["observed_churn"].to_dict() == left.to_dict()
    gone = table[table["observed_churn"]]
    assert (gone["value_at_risk"] == 0).all()
    assert (gone["reason_1"] != "").any()
    here = table[~table["observed_churn"]]
    assert (here["value_at_risk"] > 0).all()
    # Bands are shares of those still here, and the same probabilities bound them for those who left.
    assert (here["risk_band"] == "high").mean() == pytest.approx(0.2, abs=0.02)
    assert table.loc[table["risk_band"] == "high", "churn_probability"].min() >= (
        table.loc[table["risk_band"] != "high", "churn_probability"].max()
    )


def test_without_fees_nothing_is_said_of_value(make: SimpleNamespace, contracts: pd.DataFrame) -> None:
    study = churn.foresee(
        make.canonical(subscriptions=contracts.drop(columns="monthly_fee")), ChurnParameters()
    )
    metric = next(metric for metric in study.metrics if metric.name == "value_at_risk_total")
    assert (metric.value, metric.reason) == (None, "no “monthly_fee” is mapped")
    assert study.table.loc[~study.table["observed_churn"], "value_at_risk"].isna().all()
    assert study.findings[0].code == "churn.finding_high"
