"""The holdout test reproduces the published CDNOW figures from raw purchases, and refuses to guess."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench.results import Missing
from workbench.segmentation.book import purchase_book
from workbench.segmentation.forecast.histories import later_purchases, purchase_histories
from workbench.segmentation.forecast.holdout import Asked, Holdout, holdout_test

CUTOFF, END = date(1997, 9, 30), date(1998, 6, 30)


def purchases(frame: pd.DataFrame) -> ibis.Table:
    """Lines as a book takes them; CDNOW's 80 free orders count as purchases there, at a cent here."""
    days = frame.groupby(["customer_id", "ordered_at"], as_index=False)["amount"].sum()
    table = ibis.memtable(days.assign(amount=days["amount"].clip(lower=0.01)))
    return table.mutate(amount=table.amount.cast("decimal(18,4)"))


@pytest.fixture(scope="module")
def sample(shared_data):
    columns = ["master_id", "customer_id", "day", "cds", "amount"]
    path = shared_data / "cdnow" / "CDNOW_sample.txt"
    frame = pd.read_csv(path, sep=r"\s+", names=columns, dtype={"customer_id": str, "day": str})
    return purchases(frame.assign(ordered_at=pd.to_datetime(frame["day"], format="%Y%m%d")))


@pytest.fixture(scope="module")
def book(sample):
    return purchase_book(sample, END)


@pytest.fixture(scope="module")
def test(book):
    found = holdout_test(book, Asked(273, 0.8, 1))
    assert isinstance(found, Holdout)
    return found


def test_histories_equal_the_published_summary(book, cdnow):
    made = purchase_histories(book, CUTOFF)
    assert made.customer_id.is_monotonic_increasing
    for name in ("frequency", "recency", "T"):
        # The published file rounds weeks to two decimals.
        assert made[name].to_numpy() == pytest.approx(cdnow[name].to_numpy(), abs=0.0051)


def test_a_history_sees_nothing_after_its_day(sample, book):
    until_then = purchase_histories(purchase_book(sample, CUTOFF), CUTOFF)
    pd.testing.assert_frame_equal(purchase_histories(book, CUTOFF), until_then)
    assert later_purchases(book, CUTOFF)["later_orders"].sum() == 1_882


def test_of_no_purchase_there_is_no_history(book):
    before = purchase_histories(book, date(1996, 12, 31))
    assert before.empty
    assert list(before) == ["customer_id", "frequency", "recency", "T", "orders", "mean_spend"]


def test_holdout_figures_equal_the_published_ones(test):
    assert test.cutoff == CUTOFF
    assert len(test.customers) == 2_357
    assert test.customers["actual"].sum() == 1_882
    assert test.choice.name == "bg_nbd"  # as likely as a model of four parameters gets here
    assert test.choice.log_likelihood == pytest.approx(-9582.4, abs=0.5)  # exact days, not rounded weeks


@pytest.mark.parametrize(
    ("model", "total", "correlation", "mae", "rmse"),
    [
        ("bg_nbd", 1653.4, 0.6256, 0.7855, 1.608),
        ("pareto_nbd", 1665.5, 0.6302, 0.7545, 1.603),
        ("mbg_nbd", 1576.7, 0.6272, 0.7648, 1.607),
        ("naive", 2930.1, 0.5839, 1.0237, None),
    ],
)
def test_every_contender_misses_as_published(test, model, total, correlation, mae, rmse):
    found = test.of(model)
    # The reference is fitted on weeks rounded to two decimals; these are exact days.
    assert found["expected"] == pytest.approx(total, abs=0.5)
    assert found["correlation"] == pytest.approx(correlation, abs=3e-4)
    assert found["mae"] == pytest.approx(mae, abs=3e-4)
    if rmse is not None:
        assert found["rmse"] == pytest.approx(rmse, abs=6e-4)


def test_the_gain_over_the_naive_rule_carries_its_interval(test):
    assert test.gain == pytest.approx(test.mae_naive - test.mae)
    missed = {name: (test.customers[name] - test.customers["actual"]).abs() for name in ("naive", "expected")}
    low, high = scipy_bootstrap((missed["naive"] - missed["expected"]).to_numpy())
    # Normal theory and the bootstrap of 2,357 customers agree to a tenth of the width.
    assert (test.gain_low, test.gain_high) == pytest.approx((low, high), abs=0.1 * (high - low))
    assert test.wins


def scipy_bootstrap(values):
    rng = np.random.default_rng(3)
    means = [rng.choice(values, len(values)).mean() for _ in range(2_000)]
    return np.quantile(means, [0.025, 0.975])


def test_of_nine_months_no_season_is_told(test):
    assert test.season == Missing("segmentation.one_year_tells_no_season", {"needed": 24})
    assert "pareto_nbd_seasonal" not in set(test.contenders["model"])


def test_means_by_past_purchases_equal_the_published_ones(test):
    table = test.by_frequency
    actual = [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359]
    model = [0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157]
    assert table["repeats"].tolist() == list(range(8))
    assert table["customers"].sum() == 2_357
    assert table["actual"].to_numpy() == pytest.approx(actual, abs=6e-4)  # printed to three decimals
    assert table["expected"].to_numpy() == pytest.approx(model, abs=2e-3)  # and the rounding of weeks


def test_value_part_counts_customers_within_their_limits(test):
    share = test.value.covered / test.value.checked
    assert 0.8 - 0.05 < share < 1
    assert test.value.revenue_expected == pytest.approx(test.value.revenue_actual, rel=0.25)


def test_a_holdout_longer_than_the_history_is_not_tried(book):
    found = holdout_test(book, Asked(274, 0.8, 1))
    assert found == Missing("segmentation.short_history", {"days": 272, "needed": 274})
    assert found.reason == (
        "the purchases before the holdout span 272 days; the test needs as many as the holdout has, 274"
    )


def test_too_few_repeaters_are_given_the_mean_of_the_base(sample):
    few = sample.filter(sample.customer_id <= "0040")
    found = holdout_test(purchase_book(few, END), Asked(180, 0.8, 1))
    assert isinstance(found, Holdout)
    assert found.choice.name == "cohort_mean"
    assert found.customers["expected"].nunique() == 1


def test_no_purchase_before_the_cutoff_is_said(sample):
    found = holdout_test(purchase_book(sample, date(1997, 1, 20)), Asked(60, 0.8, 1))
    assert found == Missing("segmentation.short_history", {"days": 0, "needed": 60})


def test_naive_rule_expects_nothing_of_who_began_on_the_last_day(test):
    starters = test.customers[test.customers["frequency"] == 0]
    assert (starters["naive"] == 0).all()
    assert np.isfinite(test.customers["naive"]).all()
