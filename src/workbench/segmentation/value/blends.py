"""What a larger or smaller share of judgement in the weights would change."""

import pandas as pd
from scipy.stats import kendalltau

from workbench.segmentation.value.backtest import Floats, capture, weighted_sum
from workbench.segmentation.value.objective import STEPS, blended
from workbench.segmentation.value.score import ValueScore, grade_codes


def blends(
    score: ValueScore, before: ValueScore | None = None, outcome: pd.Series | None = None
) -> pd.DataFrame:
    """The value score by θ, the share of judgement, from the data's weights alone (0) to judgement alone (1).

    Parameters
    ----------
    before : ValueScore, optional
        Of an earlier day, with what its customers brought after it as `outcome`.

    Returns
    -------
    pandas.DataFrame
        ``ahp_share``, ``grade_moved`` (customers with another grade than by judgement alone),
        ``grade_moved_share``; with `before` ``tau`` and ``capture`` as in `Backtest`.
    """
    judged = grade_codes(_scored(score, 1.0))
    rows = []
    for share in STEPS:
        moved = int((grade_codes(_scored(score, share)) != judged).sum())
        row = {"ahp_share": share, "grade_moved": moved, "grade_moved_share": moved / len(judged)}
        if before is not None and outcome is not None:
            ranked, came = _scored(before, share), outcome.to_numpy(dtype=float)
            row |= {"tau": float(kendalltau(ranked, came).statistic), "capture": capture(ranked, came)}
        rows.append(row)
    return pd.DataFrame(rows)


def _scored(score: ValueScore, share: float) -> Floats:
    by_indicator = blended(score.objective.table, share)
    used = score.weights["indicator"].map(by_indicator).fillna(0.0)
    return weighted_sum(score.points, score.weights.assign(weight_used=used))
