"""Recovery: the laws that the company was drawn from can be found again in its files."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1
from scipy.stats import chi2

from workbench.demo.company import Block, Plan
from workbench.demo.population import END, Population

# A sum of independent terms is further from its mean than this many standard errors once in 16,000 draws.
ERRORS = 4
# Twice the gain over the truth is chi-squared; above this quantile once in 1,000 companies.
SURE = 0.999


def summary(person: pd.Series, clock: NDArray[np.float64], end: float) -> pd.DataFrame:
    """x repeat orders, t_x and T in days on the clock, of every buyer."""
    times = pd.Series(clock).groupby(person.to_numpy()).agg(["size", "min", "max"])
    columns = {"x": times["size"] - 1, "t_x": times["max"] - times["min"], "T": end - times["min"]}
    return pd.DataFrame(columns)


@pytest.fixture(scope="session")
def placed(valid: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """One row per order of the order file: customer_id, ordered_at, value, clock."""
    sales = valid[valid["amount"] > 0].groupby("order_id")
    orders = sales.agg(
        customer_id=("customer_id", "first"), ordered_at=("ordered_at", "first"), value=("amount", "sum")
    )
    return orders.assign(clock=plan.clock.of(orders["ordered_at"].to_numpy()))


@pytest.fixture(scope="session")
def rfm(placed: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    return summary(placed["customer_id"], placed["clock"].to_numpy(), plan.clock.at(END))


def log_likelihood(theta: NDArray[np.float64], rfm: pd.DataFrame) -> float:
    """BG/NBD, Fader, Hardie & Lee (2005), eq. (6)."""
    r, alpha, a, b = theta
    x, t_x, T = (rfm[name].to_numpy() for name in ("x", "t_x", "T"))
    rates = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stays = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    still = -(r + x) * np.log(alpha + T)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    return float(np.sum(rates + stays + np.logaddexp(still, np.where(x > 0, left, -np.inf))))


def spend_log_likelihood(theta: NDArray[np.float64], values: pd.DataFrame) -> float:
    """Gamma-Gamma, Fader & Hardie (2013), eq. (1a): z the mean of n values."""
    p, q, gamma = theta
    n, z = values["n"].to_numpy(), values["z"].to_numpy()
    constant = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(gamma)
    own = (p * n - 1) * np.log(z) + p * n * np.log(n) - (p * n + q) * np.log(gamma + n * z)
    return float(np.sum(constant + own))


def fit(
    likelihood: Callable[[NDArray[np.float64], pd.DataFrame], float],
    truth: NDArray[np.float64],
    data: pd.DataFrame,
) -> tuple[NDArray[np.float64], float]:
    """The estimates, and twice the gain of log-likelihood over the truth."""
    found = minimize(lambda logs: -likelihood(np.exp(logs), data), np.log(truth), method="L-BFGS-B")
    return np.exp(found.x), 2 * (-found.fun - likelihood(truth, data))


def purchase_truth(population: Population) -> NDArray[np.float64]:
    return np.array([population.r, population.alpha_days, population.a, population.b])


def test_traits_of_the_members_have_the_means_of_their_laws(members: pd.DataFrame, plan: Plan) -> None:
    laws = plan.population
    genuine = members[~members["is_fake"]]
    a, b = laws.a, laws.b
    rate_sd = np.sqrt(laws.r) / laws.alpha_days
    dropout_sd = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    spend_sd = laws.mean_order_value / np.sqrt(laws.q - 2)
    for column, mean, sd in (
        ("purchase_rate_per_day", laws.r / laws.alpha_days, rate_sd),
        ("dropout_probability", a / (a + b), dropout_sd),
        ("mean_order_value", laws.mean_order_value, spend_sd),
        ("satisfaction", 0.0, 1.0),
        ("favourite_share", 0.5, 1 / 6),
    ):
        assert abs(genuine[column].mean() - mean) < ERRORS * sd / np.sqrt(len(genuine)), column
    traits = members[["purchase_rate_per_day", "dropout_probability", "favourite_category"]]
    assert traits[members["is_fake"]].isna().all(axis=None)


def test_the_purchase_law_is_found_in_the_order_file(rfm: pd.DataFrame, plan: Plan) -> None:
    truth = purchase_truth(plan.population)
    found, gain = fit(log_likelihood, truth, rfm)
    assert gain < chi2.ppf(SURE, len(truth))
    assert found == pytest.approx(truth, rel=0.35)  # b, the vaguest, has a standard error near 12 %


def test_the_purchase_law_is_exact_for_orders_that_no_campaign_brought(many: Block) -> None:
    own = many.orders["ordinal"] >= 0
    western = Plan(1, 0, "en")
    rfm = summary(pd.Series(many.orders["person"][own]), many.orders["clock"][own], western.clock.at(END))
    truth = purchase_truth(western.population)
    found, gain = fit(log_likelihood, truth, rfm)
    assert gain < chi2.ppf(SURE, len(truth))
    assert found == pytest.approx(truth, rel=0.12)  # b has a standard error near 3 %


def test_an_analyst_without_the_clock_finds_nearly_the_same(many: Block) -> None:
    # Times on the wall, orders of campaigns among them: what the notebooks see.
    days = (many.orders["ordered_at"] - np.datetime64("2024-01-01")) / np.timedelta64(1, "D")
    end = (pd.Timestamp(END) - pd.Timestamp("2024-01-01")).days
    truth = purchase_truth(Plan(1, 0, "en").population)
    found, _ = fit(log_likelihood, truth, summary(pd.Series(many.orders["person"]), days, end))
    assert found == pytest.approx(truth, rel=0.2)


def test_repeat_orders_are_as_many_as_the_model_expects(rfm: pd.DataFrame, plan: Plan) -> None:
    r, alpha, a, b = purchase_truth(plan.population)
    T = rfm["T"].to_numpy()
    # E[X(t)], Fader, Hardie & Lee (2005), eq. (9).
    expected = (
        (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + T)) ** r * hyp2f1(r, b, a + b - 1, T / (alpha + T)))
    )
    error = np.sqrt(len(rfm)) * rfm["x"].std()
    assert abs(rfm["x"].sum() - expected.sum()) < ERRORS * error


def test_members_order_at_their_own_rate(company: Block, plan: Plan) -> None:
    people, orders = company.people, company.orders
    n, end = len(people["rate"]), plan.clock.at(END)
    until = np.full(n, end)
    until[orders["person"][orders["last"]]] = orders["clock"][orders["last"]]
    there = (until - people["first_order"]).clip(0)
    expected = (people["rate"] * there).sum()
    # The counting process minus its intensity is a martingale whose variance is the expected count.
    assert abs((orders["ordinal"] > 0).sum() - expected) < ERRORS * np.sqrt(expected)


def test_the_share_still_there_is_the_models_p_alive(members: pd.DataFrame) -> None:
    known = members[members["p_alive"].notna()]
    alive = known["alive"].astype(float)
    for group in (known, known[known["p_alive"] < 0.5], known[known["p_alive"].between(0.5, 0.999)]):
        p = group["p_alive"]
        assert abs(alive[group.index].sum() - p.sum()) < ERRORS * np.sqrt((p * (1 - p)).sum())


@pytest.mark.parametrize("days", [90, 365])
def test_what_is_expected_of_the_members_does_not_depend_on_who_expects_it(many: Block, days: int) -> None:
    truth = many.truth.to_pandas()
    history, traits = truth[f"orders_{days}d_given_history"], truth[f"orders_{days}d_given_traits"]
    assert (history.notna() == (truth["n_orders"] > 0)).all()
    # Averaged over all that may be true of members with their histories, the second is the first.
    error = (history - traits).std() * np.sqrt(history.notna().sum())
    assert abs((history - traits).sum()) < ERRORS * error
    assert history.corr(traits) > 0.7
    assert (traits[truth["alive"].eq(False)] == 0).all()


def test_order_values_follow_the_members_mean_and_the_season(
    placed: pd.DataFrame, members: pd.DataFrame, plan: Plan
) -> None:
    p = plan.population.p
    basket = plan.clock.basket_at(placed["ordered_at"].to_numpy())
    relative = placed["value"] / placed["customer_id"].map(members["mean_order_value"]) / basket
    n = len(relative)
    assert abs(relative.mean() - 1) < ERRORS / np.sqrt(p * n)
    # Gamma(p) has excess kurtosis 6 / p, so its variance has relative error sqrt((2 + 6 / p) / n).
    assert abs(relative.var() * p - 1) < ERRORS * np.sqrt((2 + 6 / p) / n)


def test_the_spend_law_is_found_in_the_order_file(placed: pd.DataFrame, plan: Plan) -> None:
    basket = plan.clock.basket_at(placed["ordered_at"].to_numpy())
    level = (placed["value"] / basket).groupby(placed["customer_id"])
    values = pd.DataFrame({"n": level.size(), "z": level.mean()})
    laws = plan.population
    truth = np.array([laws.p, laws.q, laws.gamma])
    found, gain = fit(spend_log_likelihood, truth, values)
    assert gain < chi2.ppf(SURE, len(truth))
    assert found == pytest.approx(truth, rel=0.25)  # gamma has a standard error near 6 %
