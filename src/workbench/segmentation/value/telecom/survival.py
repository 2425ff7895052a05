"""How long contracts last: what was seen, and sBG, which goes on beyond it.

The share that survives is that of E. Kaplan & P. Meier (JASA 53, 1958, 457-481) with the 95 % interval of
Greenwood on the log-log scale, so that it stays between 0 and 1. sBG (P. Fader & B. Hardie 2007) is fitted to
the same contracts, by whole months. Assumption of both: who came early leaves as who came late.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from workbench.results import Missing
from workbench.segmentation.purchases.learned import untold
from workbench.segmentation.purchases.shifted_beta import ShiftedBetaGeometric

AHEAD_MONTHS = 12
FEWEST_AT_RISK = 30  # a share of fewer contracts is not shown
SURE = float(norm.ppf(0.975))
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Survival:
    """Contracts by the months they have lived.

    Attributes
    ----------
    table : pandas.DataFrame
        ``month`` (0 to the last one with FEWEST_AT_RISK contracts at risk, and AHEAD_MONTHS more),
        ``at_risk``, ``kept``, ``kept_low``, ``kept_high`` (NaN beyond what was seen) and ``model``.
    alpha, beta : float
        Of sBG.
    n, lost : int
        Contracts, and those that ended.
    months_ahead : float
        Mean over running contracts of the months expected to be paid within the next AHEAD_MONTHS.
    largest_gap : float
        Between the share seen and the model's, in months that were seen.
    """

    table: pd.DataFrame
    alpha: float
    beta: float
    n: int
    lost: int
    months_ahead: float
    largest_gap: float

    def at(self, month: int) -> "pd.Series[float] | None":
        """The row of a month that was seen; None of any other."""
        rows = self.table[(self.table["month"] == month) & self.table["kept"].notna()]
        return None if rows.empty else rows.iloc[0]


def contract_survival(lived: pd.DataFrame) -> Survival | Missing:
    """The survival of the contracts in `lived`.

    Parameters
    ----------
    lived : pandas.DataFrame
        ``periods`` and ``lost`` as `ShiftedBetaGeometric.fit` takes them; a period is a month.

    Returns
    -------
    Survival or Missing
        Missing where the contracts do not tell the parameters of sBG.
    """
    model = ShiftedBetaGeometric().fit(lived)
    unknown = untold(model)
    if not model.converged_ or unknown:
        return Missing("segmentation.survival_not_told", {"names": ", ".join(unknown) or "alpha, beta"})
    seen = kaplan_meier(lived)
    months = np.arange(len(seen) + AHEAD_MONTHS)
    table = seen.reindex(months).rename_axis("month").reset_index().assign(model=model.survival(months))
    running = lived.loc[lived["lost"] == 0, "periods"]
    ahead = model.expected_renewals(running, AHEAD_MONTHS)
    return Survival(
        table=table,
        alpha=model.alpha_,
        beta=model.beta_,
        n=len(lived),
        lost=int(lived["lost"].sum()),
        months_ahead=float(ahead.mean()) if len(ahead) else 0.0,
        largest_gap=float((table["kept"] - table["model"]).abs().max()),
    )


def kaplan_meier(lived: pd.DataFrame) -> pd.DataFrame:
    """``at_risk``, ``kept``, ``kept_low``, ``kept_high`` by month, while FEWEST_AT_RISK are at risk.

    A contract lost in month t was at risk in t; one that still runs after t months was so, too.
    """
    periods = lived["periods"].to_numpy(dtype=np.int64)
    ended = np.bincount(periods[lived["lost"].to_numpy() == 1], minlength=periods.max() + 1)
    at_risk = np.bincount(periods)[::-1].cumsum()[::-1]
    last = int(np.flatnonzero(at_risk >= FEWEST_AT_RISK).max(initial=0))
    n, d = at_risk[: last + 1].astype(float), ended[: last + 1].astype(float)
    kept = np.cumprod(1 - d / np.maximum(n, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(np.where(n > d, d / (n * (n - d)), np.inf))
        spread = SURE * np.sqrt(greenwood) / np.abs(np.log(kept))
        low, high = kept ** np.exp(spread), kept ** np.exp(-spread)
    sure = kept == 1  # nobody has left yet
    return pd.DataFrame(
        {
            "at_risk": at_risk[: last + 1],
            "kept": kept,
            "kept_low": np.where(sure, 1.0, low),
            "kept_high": np.where(sure, 1.0, high),
        }
    )
