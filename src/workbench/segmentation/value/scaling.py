"""Indicators of any unit brought to one scale from 0 to 1, more being better."""

from typing import Literal

import numpy as np
import pandas as pd

CUTS = (0.01, 0.99)  # winsorised: what lies beyond counts as much as what lies there
MIDDLE = 0.5
BETTER_LOWER = ("service_cost",)


def normalised(values: pd.DataFrame, *, method: Literal["rank", "min_max"] = "rank") -> pd.DataFrame:
    """Indicators from 0 to 1, more being better, after winsorising at P1 and P99.

    ``rank`` gives the percentile rank (equal values share their middle rank), so that neither unit nor shape
    matters; ``min_max`` keeps distances. What is not known of a customer stands in the middle.
    """
    low, high = values.quantile(CUTS[0]), values.quantile(CUTS[1])
    cut = values.clip(low, high, axis=1)
    if method == "rank":
        found = ((cut.rank() - MIDDLE) / cut.count()).fillna(MIDDLE)
    else:
        # Of an indicator that the cuts make constant nothing can be told.
        found = ((cut - low) / (high - low).replace(0.0, np.nan)).replace([np.inf, -np.inf], np.nan)
        found = found.fillna(found.median()).fillna(MIDDLE)
    lower = [name for name in BETTER_LOWER if name in found]
    return found.assign(**{name: 1 - found[name] for name in lower})
