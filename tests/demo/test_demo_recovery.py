"""Recovery: the laws that the company was drawn from can be found again in its files."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1
from scipy.stats import chi2

from workbench.demo.clock import clock_at, wall_time
from workbench.demo.company import Company
from workbench.demo.population import END, FIRST_DAY, LAST_DAY, SNAPSHOT_DAY

# A sum of independent terms is further from its mean than this many standard errors once in 16,000 draws.
ERRORS = 4
DAY_SECONDS = 86_400


@pytest.fixture(scope="session")
def rfm(valid: pd.DataFrame) -> pd.DataFrame:
    """x repeat orders, t_x and T in days, of every buyer, from the order file alone."""
    sales = valid[valid["amount"] > 0].drop_duplicates("order_id")
    times = sales.groupby("customer_id")["ordered_at"].agg(["size", "min", "max"])
    to_last = (times["max"] - times["min"]).dt.total_seconds() / DAY_SECONDS
    to_end = (pd.Timestamp(END) - times["min"]).dt.total_seconds() / DAY_SECONDS
    return pd.DataFrame({"x": times["size"] - 1, "t_x": to_last, "T": to_end})


def log_likelihood(theta: NDArray[np.float64], rfm: pd.DataFrame) -> float:
    """BG/NBD, Fader, Hardie & Lee (2005), eq. (6)."""
    r, alpha, a, b = theta
    x, t_x, T = (rfm[name].to_numpy() for name in ("x", "t_x", "T"))
    rates = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stays = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    still = -(r + x) * np.log(alpha + T)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    return float(np.sum(rates + stays + np.logaddexp(still, np.where(x > 0, left, -np.inf))))


def true_parameters(company: Company) -> NDArray[np.float64]:
    laws = company.population
    return np.array([laws.r, laws.alpha_days, laws.a, laws.b])


def test_traits_of_the_members_have_the_means_of_their_laws(company: Company) -> None:
    members, laws = company.truth["members"], company.population
    n = len(members)
    a, b = laws.a, laws.b
    rate_sd = np.sqrt(laws.r) / laws.alpha_days
    dropout_sd = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    spend_sd = laws.mean_order_value / np.sqrt(laws.q - 2)
    for column, mean, sd in (
        ("purchase_rate_per_day", laws.r / laws.alpha_days, rate_sd),
        ("dropout_probability", a / (a + b), dropout_sd),
        ("mean_order_value", laws.mean_order_value, spend_sd),
        ("satisfaction", 0.0, 1.0),
    ):
        assert abs(members[column].mean() - mean) < ERRORS * sd / np.sqrt(n), column


def test_the_likelihood_of_the_files_is_highest_near_the_truth(company: Company, rfm: pd.DataFrame) -> None:
    truth = true_parameters(company)
    fit = minimize(lambda logs: -log_likelihood(np.exp(logs), rfm), np.log(truth), method="L-BFGS-B")
    # Twice the gain over the truth is chi-squared with 4 degrees of freedom: above 18.5 once in 1,000.
    assert 2 * (-fit.fun - log_likelihood(truth, rfm)) < chi2.ppf(0.999, 4)
    assert np.exp(fit.x) == pytest.approx(truth, rel=0.35)  # b, the vaguest, has a standard error near 12 %


def test_repeat_orders_are_as_many_as_the_model_expects(company: Company, rfm: pd.DataFrame) -> None:
    r, alpha, a, b = true_parameters(company)
    T = rfm["T"].to_numpy()
    # E[X(t)], Fader, Hardie & Lee (2005), eq. (9).
    expected = (
        (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + T)) ** r * hyp2f1(r, b, a + b - 1, T / (alpha + T)))
    )
    error = np.sqrt(len(rfm)) * rfm["x"].std()
    assert abs(rfm["x"].sum() - expected.sum()) < ERRORS * error


def test_members_drop_out_with_their_own_probability(company: Company) -> None:
    members = company.truth["members"]
    p, repeats = members["dropout_probability"], (members["n_orders"] - 1).clip(lower=0)
    dropped = members["dropped_out_at"].notna().sum()
    assert abs(dropped - (p * repeats).sum()) < ERRORS * np.sqrt((p * (1 - p) * repeats).sum())


def test_members_order_at_their_own_rate(company: Company) -> None:
    members = company.truth["members"].dropna(subset="first_order_at")
    there_until = members["dropped_out_at"].fillna(pd.Timestamp(END))
    days = (there_until - members["first_order_at"]).dt.total_seconds() / DAY_SECONDS
    expected = (members["purchase_rate_per_day"] * days).sum()
    # The counting process minus its intensity is a martingale whose variance is the expected count.
    assert abs((members["n_orders"] - 1).sum() - expected) < ERRORS * np.sqrt(expected)


def test_the_share_still_there_is_the_models_p_alive(company: Company, valid: pd.DataFrame) -> None:
    r, alpha, a, b = true_parameters(company)
    end = pd.Timestamp(SNAPSHOT_DAY) + pd.Timedelta(days=1)
    sales = valid[(valid["amount"] > 0) & (valid["ordered_at"] < end)].drop_duplicates("order_id")
    times = sales.groupby("customer_id")["ordered_at"].agg(["size", "min", "max"])
    x = times["size"] - 1
    t_x, T = ((t - times["min"]).dt.total_seconds() / DAY_SECONDS for t in (times["max"], end))
    # P(alive), Fader, Hardie & Lee, "Computing P(alive) using the BG/NBD model" (2008), eq. (7).
    odds = (x > 0) * a / (b + x.clip(lower=1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    alive = 1 / (1 + odds)
    truth = company.truth["months_alive"].set_index("member_id")[SNAPSHOT_DAY.isoformat()].dropna()
    truth = truth.astype(float)
    assert set(truth.index) == set(alive.index)
    for group in (alive.index, alive[alive < 0.5].index, alive[(alive > 0.5) & (alive < 1)].index):
        error = np.sqrt((alive[group] * (1 - alive[group])).sum())
        assert abs(truth[group].sum() - alive[group].sum()) < ERRORS * error


def test_order_values_follow_the_members_mean_and_the_season(company: Company, valid: pd.DataFrame) -> None:
    laws = company.population
    sales = valid[valid["amount"] > 0]
    orders = sales.groupby("order_id").agg(
        value=("amount", "sum"), member=("customer_id", "first"), at=("ordered_at", "first")
    )
    means = company.truth["members"].set_index("member_id")["mean_order_value"]
    season = np.array(laws.season) / np.mean(laws.season)
    relative = orders["value"] / orders["member"].map(means) / season[orders["at"].dt.month - 1]
    n = len(relative)
    assert abs(relative.mean() - 1) < ERRORS / np.sqrt(laws.p * n)
    # Gamma(p) has excess kurtosis 6 / p, so its variance has relative error sqrt((2 + 6 / p) / n).
    assert abs(relative.var() * laws.p - 1) < ERRORS * np.sqrt((2 + 6 / laws.p) / n)


def days() -> Iterator[int]:
    yield from range(0, (END - FIRST_DAY).days + 1, 13)


def test_a_week_on_the_clock_is_a_week_on_the_wall() -> None:
    for number in days():
        day = FIRST_DAY + timedelta(days=number)
        assert abs(clock_at(day) - number) < 1
        assert wall_time(np.array([clock_at(day) + 1e-9]))[0] == np.datetime64(day, "s")
    weeks = np.arange(100.0)
    assert (
        wall_time(weeks * 7) == np.datetime64(FIRST_DAY, "s") + (weeks * 7).astype("timedelta64[D]")
    ).all()


def test_the_clock_never_runs_backwards() -> None:
    times = wall_time(np.linspace(0, clock_at(LAST_DAY), 20_000))
    assert (np.diff(times) >= np.timedelta64(0, "s")).all()


def test_evenings_are_busy_and_nights_are_not(valid: pd.DataFrame) -> None:
    hours = valid[valid["amount"] > 0]["ordered_at"].dt.hour.value_counts(normalize=True)
    assert hours[[20, 21]].sum() > 0.13
    assert hours[[2, 3, 4]].sum() < 0.03
