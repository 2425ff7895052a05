"""Do customers come back: by month of the first order and age in months."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbench.calendar import month_end
from workbench.profiling.base.activity import MONTHS_A_YEAR
from workbench.results import Missing
from workbench.results.intervals import wilson

MOST_COHORTS = 24
LEAST_CUSTOMERS = 10  # a smaller cohort is not shown


@dataclass(frozen=True)
class Cohorts:
    """Who of the customers with the same month of first order was active how many months later.

    Attributes
    ----------
    triangle : pandas.DataFrame
        cohort (first day of the month), age (months), customers (active ones), denominator (size of the
        cohort), share, low, high (95 %, Wilson), partial (the month was not over). One row for every age that
        has begun; at most MOST_COHORTS cohorts, the latest ones.
    curve : pandas.DataFrame
        age, customers, denominator, share, low, high: the cohorts of the triangle together, each at the ages
        it has whole.
    small : int
        Cohorts of fewer than LEAST_CUSTOMERS customers, left out.
    earlier : int
        Cohorts before those shown.
    """

    triangle: pd.DataFrame
    curve: pd.DataFrame
    small: int
    earlier: int

    @property
    def after_a_month(self) -> tuple[float, int, int]:
        """The share active one month after the first order, its numerator and its denominator."""
        row = self.curve.set_index("age").loc[[1]].to_dict("records")[0]
        return float(row["share"]), int(row["customers"]), int(row["denominator"])

    @property
    def far(self) -> tuple[int, float]:
        """The greatest age that at least half of the customers have reached, and the share active at it.

        Later ages rest on few and old cohorts, which differ from the others.
        """
        by_age = self.curve[self.curve.age >= 1]
        reached = by_age[by_age.denominator >= by_age.denominator.max() / 2].to_dict("records")[-1]
        return int(reached["age"]), float(reached["share"])

    @property
    def partial(self) -> bool:
        """Whether the last month is not over on the as-of day."""
        return bool(self.triangle.partial.any())


def cohorts(activity: pd.DataFrame, as_of: date) -> Cohorts | Missing:
    """The retention triangle of `activity.activity` as of a day.

    Customers who bought before the data begin count as new in their first month here: the first cohort
    is theirs, too, and comes back more than any later one for that reason alone.
    """
    sizes = activity[activity.kind == "new"].groupby("cohort").customers.sum()
    enough = sizes[sizes >= LEAST_CUSTOMERS]
    if enough.empty:
        return Missing("profiling.base_missing_cohorts", {"n": len(sizes), "least": LEAST_CUSTOMERS})
    shown = enough.sort_index().tail(MOST_COHORTS)
    grid = _grid(shown, as_of)
    active = activity.assign(age=_ages(activity.month, activity.cohort))
    active = active.groupby(["cohort", "age"])[["customers"]].sum().reset_index()
    triangle = grid.merge(active, on=["cohort", "age"], how="left")
    triangle["customers"] = triangle.customers.fillna(0).astype("int64")
    triangle = _with_share(triangle)
    whole = triangle[~triangle.partial].groupby("age", as_index=False)[["customers", "denominator"]].sum()
    if whole.age.max() < 1:
        return Missing("profiling.base_young_cohorts", {"as_of": as_of})
    columns = ["cohort", "age", "customers", "denominator", "share", "low", "high", "partial"]
    return Cohorts(triangle[columns], _with_share(whole), len(sizes) - len(enough), len(enough) - len(shown))


def _grid(sizes: "pd.Series[int]", as_of: date) -> pd.DataFrame:
    """Every cohort at every age that has begun by the day."""
    last = pd.Timestamp(as_of.replace(day=1))
    rows = [
        {"cohort": cohort, "age": age, "denominator": int(size), "partial": False}
        for cohort, size in sizes.items()
        for age in range(_age(last, pd.Timestamp(str(cohort))) + 1)
    ]
    grid = pd.DataFrame(rows)
    grid["cohort"] = grid.cohort.astype("datetime64[us]")
    if as_of != month_end(as_of):
        grid["partial"] = grid.age == grid.groupby("cohort").age.transform("max")
    return grid


def _age(month: pd.Timestamp, cohort: pd.Timestamp) -> int:
    return (month.year - cohort.year) * MONTHS_A_YEAR + month.month - cohort.month


def _ages(months: "pd.Series[pd.Timestamp]", first: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    years = months.dt.year - first.dt.year
    return years * MONTHS_A_YEAR + months.dt.month - first.dt.month


def _with_share(rows: pd.DataFrame) -> pd.DataFrame:
    low, high = wilson(rows.customers, rows.denominator)
    return rows.assign(share=rows.customers / rows.denominator, low=low, high=high)
