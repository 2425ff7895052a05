"""Weights that the data suggest, beside those of judgement: entropy, CRITIC, and a blend of the two kinds.

They say how much an indicator tells customers apart, not how much it matters: a rare event has a high weight
by entropy whatever it is worth.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)  # shares of judgement that the table of blends shows


@dataclass(frozen=True)
class Objective:
    """Weights of the indicators, each column summing to 1.

    Attributes
    ----------
    table : pandas.DataFrame
        ``indicator``, ``ahp`` (judgement, rescaled to the indicators there are), ``entropy``, ``critic``.
    constant : tuple of str
        Indicators that do not vary; they weigh 0 by entropy and CRITIC.
    """

    table: pd.DataFrame
    constant: tuple[str, ...]


def entropy_weights(scaled: pd.DataFrame) -> pd.Series:
    """Weights by how unevenly an indicator is spread over customers, w ∝ 1 + Σ p ln p / ln n, p = x/Σx.

    C. E. Shannon's entropy as in C. L. Hwang & K. Yoon, "Multiple Attribute Decision Making", Springer 1981,
    ch. 3. Values must not be negative; `scaled` are min-max values, for ranks are spread alike by nature.
    """
    x = scaled.to_numpy(dtype=float)
    total = x.sum(axis=0)
    p = np.divide(x, total, out=np.zeros_like(x), where=total > 0)
    terms = np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0)
    spread = 1 + terms.sum(axis=0) / np.log(max(len(x), 2))
    varies = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(x.shape[1], dtype=bool)
    return _shares(np.where(varies, spread.clip(0), 0.0), scaled.columns)


def critic_weights(scaled: pd.DataFrame) -> pd.Series:
    """Weights by contrast and conflict, w_j ∝ σ_j Σ_k (1 - r_jk), r Pearson's correlation.

    D. Diakoulaki, G. Mavrotas & L. Papayannakis, "Determining objective weights in multiple criteria
    problems: the CRITIC method", Computers & Operations Research 22 (1995), 763-770, eq. 4.
    """
    x = scaled.to_numpy(dtype=float)
    sigma = x.std(axis=0, ddof=1) if len(x) > 1 else np.zeros(x.shape[1])
    varies = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(x.shape[1], dtype=bool)
    found = np.zeros(x.shape[1])
    if varies.sum() == 1:
        found[varies] = 1.0
    elif varies.any():
        correlation = np.corrcoef(x[:, varies], rowvar=False)
        found[varies] = sigma[varies] * (1 - correlation).sum(axis=0)
    return _shares(found.clip(0), scaled.columns)


def objective(scaled: pd.DataFrame, judged: pd.Series) -> Objective:
    """All weights side by side.

    Parameters
    ----------
    scaled : pandas.DataFrame
        Indicators from 0 to 1 by min-max, more being better.
    judged : pandas.Series
        Indicator → weight by judgement.
    """
    ahp = _shares(judged.reindex(scaled.columns).fillna(0.0).to_numpy(), scaled.columns)
    parts = {"ahp": ahp, "entropy": entropy_weights(scaled), "critic": critic_weights(scaled)}
    table = pd.DataFrame(parts).rename_axis("indicator").reset_index()
    constant = tuple(str(name) for name in scaled.columns if scaled[name].nunique() <= 1)
    return Objective(table, constant)


def blended(weights: pd.DataFrame, ahp_share: float) -> pd.Series:
    """θ · AHP + (1 - θ) · entropy by indicator, θ being `ahp_share`.

    Entropy stands for the data: CRITIC gives most to what contradicts the others, and on CDNOW, on Online
    Retail and on the demo company the customers it put first brought least afterwards.
    """
    table = weights.set_index("indicator")
    return ahp_share * table["ahp"] + (1 - ahp_share) * table["entropy"]


def _shares(parts: np.ndarray[tuple[int], np.dtype[np.float64]], names: pd.Index) -> pd.Series:
    total = parts.sum()
    # Nothing varies: nothing is known, so each counts alike.
    even = np.full(len(parts), 1 / max(len(parts), 1))
    return pd.Series(parts / total if total > 0 else even, index=names)
