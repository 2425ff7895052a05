"""Pareto/NBD in seasonal time: an experiment, kept beside the plain model to show what seasons are worth.

A day of a busy month counts for more than a day of a quiet one. Histories are measured in days so weighted,
and the plain model is fitted to them. Assumption: the season speeds up purchases and departures alike, by the
same factor for everybody; P. Bachmann, M. Meierer, J. Näf ("The Role of Time-Varying Contextual Factors in
Latent Attrition Models for Customer Base Analysis", Marketing Science 40 (2021), 783-809) let the two differ.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator

from workbench.segmentation.purchases.maximum_likelihood import Floats
from workbench.segmentation.purchases.pareto import ParetoNBD

DAYS_PER_WEEK, MONTHS = 7, 12
# Purchases by which a month's factor is drawn towards 1: a Gamma prior of so many expected ones.
PRIOR_PURCHASES = 50.0


@dataclass(frozen=True)
class Season:
    """How busy each calendar month is.

    Attributes
    ----------
    factors : tuple of 12 floats
        From January on; 1 is an ordinary month. Their mean over the days of a year is 1.
    """

    factors: tuple[float, ...]

    def weeks(self, first: npt.NDArray[np.int64], until: date) -> Floats:
        """Weighted weeks from the end of each of the days `first` (since 1970-01-01) to that of `until`."""
        last = (until - date(1970, 1, 1)).days
        earliest = min(int(first.min()), last) if len(first) else last
        days = np.datetime64("1970-01-01") + np.arange(earliest + 1, max(last, earliest) + 1)
        month = days.astype("datetime64[M]").astype(int) % MONTHS
        passed = np.concatenate([[0.0], np.cumsum(np.array(self.factors)[month])])
        found: Floats = (passed[-1] - passed[first - earliest]) / DAYS_PER_WEEK
        return found


def season_of(actual: pd.Series, expected: pd.Series) -> Season:
    """The season that turns the purchases `expected` without seasons into the `actual` ones.

    Parameters
    ----------
    actual, expected : pandas.Series
        Repeat purchases by month (a ``Period`` of frequency M); whole months alone, best whole years.
    """
    month = pd.PeriodIndex(actual.index).month
    made, foreseen = (
        series.groupby(month).sum().reindex(range(1, 13), fill_value=0.0) for series in (actual, expected)
    )
    level = made.sum() / foreseen.sum() if foreseen.sum() > 0 else 1.0
    factors = (made + PRIOR_PURCHASES) / (level * foreseen + PRIOR_PURCHASES)
    lengths = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    return Season(tuple(float(f) for f in factors / np.average(factors, weights=lengths)))


class SeasonalParetoNBD(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Pareto/NBD on histories measured in seasonal time; experimental.

    Parameters
    ----------
    season : Season
    until : date
        The day that every history is observed to; times in the histories are weeks of whole days before it.

    Attributes
    ----------
    model_ : ParetoNBD
        Fitted in weeks of seasonal time.
    """

    def __init__(self, season: Season | None = None, until: date | None = None) -> None:
        self.season = season
        self.until = until

    def fit(self, X: pd.DataFrame, y: None = None) -> Self:
        """Fit on histories as `ParetoNBD.fit` takes them, in weeks."""
        self.model_ = ParetoNBD().fit(self.warped(X))
        return self

    def warped(self, X: pd.DataFrame) -> pd.DataFrame:
        """`X` with its times in weeks of seasonal time."""
        season, until = self._given()
        number = (until - date(1970, 1, 1)).days
        first = number - np.rint(X["T"].to_numpy() * DAYS_PER_WEEK).astype(np.int64)
        last = first + np.rint(X["recency"].to_numpy() * DAYS_PER_WEEK).astype(np.int64)
        # One sum for both, so that equal days are equally far away to the last bit.
        since_first, since_last = np.split(season.weeks(np.concatenate([first, last]), until), 2)
        return X.assign(recency=since_first - since_last, T=since_first)

    def expected_orders(self, X: pd.DataFrame, t: float) -> Floats:
        """Purchases expected in the `t` weeks after `until`, of each row of `X`."""
        return self.model_.expected_orders(self.warped(X), self._ahead(t))

    def p_alive(self, X: pd.DataFrame) -> Floats:
        """P(alive at `until`) of each row of `X`."""
        return self.model_.p_alive(self.warped(X))

    def _ahead(self, t: float) -> float:
        season, until = self._given()
        end = until + timedelta(days=round(t * DAYS_PER_WEEK))
        return float(season.weeks(np.array([(until - date(1970, 1, 1)).days]), end)[0])

    def _given(self) -> tuple[Season, date]:
        if self.season is None or self.until is None:
            raise ValueError("SeasonalParetoNBD needs a season and the day that histories are observed to")
        return self.season, self.until
