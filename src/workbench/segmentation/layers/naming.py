"""Names of clusters, put together from what sets them apart from the base."""

import pandas as pd

from workbench.language import say

# Robust standard deviations from the base that a trait takes, and that a strong one takes.
NOTABLE, STRONG = 0.5, 1.5
MOST_TRAITS = 3
AVERAGE = "average"
NUMBER = "number"


def traits(deviations: pd.DataFrame) -> pd.Series:
    """What sets each cluster apart, as a code; no two clusters have the same.

    Parameters
    ----------
    deviations : pandas.DataFrame
        One row for each cluster, one column for each feature: its median less that of the base, in robust
        standard deviations.

    Returns
    -------
    pandas.Series
        As in ``n_orders.very_high revenue.high``: up to MOST_TRAITS features that are NOTABLE, the largest
        deviation first; ``average`` where there is none. Clusters that would share a name get all their
        traits, and if need be a number, as in ``average number.2``.
    """
    short = pd.Series({c: _code(row, NOTABLE, MOST_TRAITS) for c, row in deviations.iterrows()}, dtype=str)
    full = pd.Series({c: _code(row, 0.0, len(row)) for c, row in deviations.iterrows()}, dtype=str)
    named = short.where(~_shared(short), full)
    number = named.groupby(named.map(_as_set)).cumcount() + 1
    return named.where(~_shared(named), named + f" {NUMBER}." + number.astype(str))


def _code(deviations: pd.Series, least: float, most: int) -> str:
    """The largest deviations; those that are equal in the order of the features."""
    by_size = deviations.sort_values(key=lambda d: -d.abs(), kind="stable")
    notable = by_size[(by_size.abs() >= least) & (by_size != 0)].head(most)
    return " ".join(f"{name}.{_degree(float(d))}" for name, d in notable.items()) or AVERAGE


def _degree(deviation: float) -> str:
    side = "high" if deviation > 0 else "low"
    return f"very_{side}" if abs(deviation) >= STRONG else side


def _as_set(code: str) -> str:
    return " ".join(sorted(code.split()))


def _shared(codes: pd.Series) -> pd.Series:
    """Whether another cluster has the same traits, in whatever order."""
    return codes.map(_as_set).duplicated(keep=False)


def cluster_name(code: str) -> str:
    """The name in the current language; another language can say it again."""
    *parts, last = code.split()
    if parts and last.startswith(NUMBER):
        return say("segmentation.cluster_numbered", name=_joined(parts), number=last.partition(".")[2])
    return _joined([*parts, last])


def _joined(parts: list[str]) -> str:
    first, *rest = parts
    word = say(f"segmentation.trait_{first.replace('.', '_')}")
    return say("segmentation.traits_and", first=word, rest=_joined(rest)) if rest else word
