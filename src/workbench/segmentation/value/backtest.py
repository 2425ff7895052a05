"""The weights put to the test: did the customers they ranked high bring more in the period after?"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import kendalltau

from workbench.results import Missing
from workbench.segmentation.value.objective import blended
from workbench.segmentation.value.score import DIGITS, ValueScore

RULES = ("ahp", "entropy", "critic", "blend", "naive")
HALF = 0.5  # share of judgement in the blend that stands beside a score of judgement alone
TOP = 0.1
DRAWS = 100  # a standard error from so many is known to 7 %
MOST_DRAWN = 2_000  # customers per resample
SPAN = 1.96  # standard errors on either side of a 95 % interval
FEWEST_CUSTOMERS = 100
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Backtest:
    """How well each rule, known before, ranked what customers brought after.

    Attributes
    ----------
    rules : pandas.DataFrame
        ``rule`` (RULES; ``naive``: revenue of the last 12 months alone), ``tau`` (Kendall's τ-b with the
        outcome) and ``capture`` (share of the outcome that the rule's top tenth brought), each with ``_low``
        and ``_high``, and ``tau_gain``, ``capture_gain`` over the naive rule with theirs.
        95 %: 1.96 bootstrap standard errors on either side.
    cutoff, as_of : date
        Scores are as of `cutoff`; the outcome is of the days after it up to `as_of`.
    outcome : str
        ``margin``, or ``revenue`` where no margin is known.
    total : float
        The outcome of all customers.
    n : int
        Customers with a purchase up to `cutoff`.
    used : str
        The rule that is the value score: ``ahp``, or ``blend`` where judgement has a share of the weights.
    """

    rules: pd.DataFrame
    cutoff: date
    as_of: date
    outcome: str
    total: float
    n: int
    used: str = "ahp"

    def of(self, rule: str) -> dict[str, float]:
        """The figures of one rule."""
        rows = self.rules.set_index("rule").to_dict("index")
        return {str(name): float(value) for name, value in rows[rule].items()}

    def better(self, rule: str) -> bool:
        """Whether `rule` beats the naive rule: surely better in one measure, in none surely worse."""
        row = self.of(rule)
        gains = [(row[f"{m}_gain_low"], row[f"{m}_gain_high"]) for m in ("tau", "capture")]
        return any(low > 0 for low, _ in gains) and all(high >= 0 for _, high in gains)


def backtest(
    score: ValueScore,
    revenue: pd.Series,
    outcome: pd.Series,
    *,
    cutoff: date,
    as_of: date,
    kind: str,
    seed: int,
    ahp_share: float = 1.0,
) -> Backtest | Missing:
    """Set each rule's ranking against what came.

    Parameters
    ----------
    score : ValueScore
        Of the customers known at `cutoff`, from what was known then.
    revenue : pandas.Series
        Of their last 12 months at `cutoff`, on the index of the scores: the naive rule.
    outcome : pandas.Series
        Money brought after `cutoff` and up to `as_of`, on the same index.
    kind : str
        ``margin`` or ``revenue``.
    ahp_share : float
        Share of judgement in the value score that is put to the test.

    Returns
    -------
    Backtest or Missing
        Missing for fewer than FEWEST_CUSTOMERS, or where nothing was brought afterwards.
    """
    total = float(outcome.sum())
    if len(outcome) < FEWEST_CUSTOMERS:
        values = {"n": len(outcome), "needed": FEWEST_CUSTOMERS}
        return Missing("segmentation.value_few_before", values)
    if total <= 0:
        return Missing("segmentation.value_nothing_after")
    columns = _ranked(score, HALF if ahp_share == 1 else ahp_share) | {"naive": revenue.to_numpy(dtype=float)}
    frame = pd.DataFrame(columns, index=outcome.index).assign(outcome=outcome)
    # In order of content: neither ids nor their order may change a draw.
    frame = frame.sort_values(list(frame.columns), ignore_index=True)
    table = _table(frame, np.random.default_rng(seed))
    used = "ahp" if ahp_share == 1 else "blend"
    return Backtest(table, cutoff, as_of, kind, total, len(frame), used)


def capture(score: Floats, outcome: Floats, top: float = TOP) -> float:
    """Share of the outcome brought by the `top` share of customers; equals at the bar count in proportion."""
    total = outcome.sum()
    if total <= 0:
        return float("nan")
    wanted = top * len(score)
    bar = -np.partition(-score, max(int(np.ceil(wanted)) - 1, 0))[max(int(np.ceil(wanted)) - 1, 0)]
    above, level = score > bar, score == bar
    part = (wanted - above.sum()) / level.sum()
    return float((outcome[above].sum() + part * outcome[level].sum()) / total)


def _ranked(score: ValueScore, blend: float) -> dict[str, Floats]:
    """The value score by each kind of weights."""
    table = score.objective.table
    kinds = {name: table.set_index("indicator")[name] for name in ("ahp", "entropy", "critic")}
    kinds["blend"] = blended(table, blend)
    found = {}
    for name, by_indicator in kinds.items():
        weights = score.weights.assign(weight_used=score.weights["indicator"].map(by_indicator).fillna(0.0))
        found[name] = weighted_sum(score.points, weights)
    return found


def weighted_sum(points: pd.DataFrame, weights: pd.DataFrame) -> Floats:
    """Value score (0 to 100) of every customer."""
    used = weights[weights["weight_used"] > 0]
    scores: Floats = 100 * points[used["indicator"]].to_numpy() @ used["weight_used"].to_numpy()
    return scores.round(DIGITS)


def _table(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    outcome = frame["outcome"].to_numpy()
    rules = {name: frame[name].to_numpy() for name in RULES}
    found = {name: _measures(values, outcome) for name, values in rules.items()}
    size = min(len(frame), MOST_DRAWN)
    draws = np.empty((DRAWS, len(RULES), 2))
    for draw in range(DRAWS):
        rows = rng.integers(0, len(frame), size)
        draws[draw] = [_measures(values[rows], outcome[rows]) for values in rules.values()]
    point = np.array(list(found.values()))
    # m out of n: a resample of m customers scatters sqrt(n/m) times as widely as one of all n would
    # (P. J. Bickel, F. Götze & W. R. van Zwet, Statistica Sinica 7 (1997), 1-31).
    scale = SPAN * np.sqrt(size / len(frame))
    span, gain_span = (scale * np.nanstd(d, axis=0, ddof=1) for d in (draws, draws - draws[:, -1:, :]))
    table = pd.DataFrame({"rule": RULES})
    for place, measure in enumerate(("tau", "capture")):
        for name, value, around in (
            (measure, point, span),
            (f"{measure}_gain", point - point[-1:], gain_span),
        ):
            middle, reach = value[:, place], around[:, place]
            table[name], table[f"{name}_low"], table[f"{name}_high"] = middle, middle - reach, middle + reach
    return table


def _measures(score: Floats, outcome: Floats) -> tuple[float, float]:
    return float(kendalltau(score, outcome).statistic), capture(score, outcome)
