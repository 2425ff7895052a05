"""Tag health: how many carry a tag, how it held since last month, and whether it tells customers apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.profiling.people.catalogue import Tag
from workbench.profiling.people.customers import People
from workbench.profiling.people.shares import cliffs_delta, wilson
from workbench.results import Missing

MIN_CARRIERS = 30  # fewer carriers, or fewer others, are not judged
RARE, EVERYONE = 0.01, 0.99  # coverage beyond which a tag hardly divides the customers
UNSTABLE_BELOW = 0.5  # of last month's carriers who carry the tag still
MONTH_DAYS = 28  # tags that expire sooner are meant to change within a month
NEGLIGIBLE = 0.147  # Cliff's delta: Romano et al. (2006)
SAME_TAG = 0.95  # Jaccard index above which two tags say the same
# What a useful tag tells apart: money of the last year, and days of silence.
EFFECTS = {"effect_revenue": "revenue_365d", "effect_silence": "days_since_last_order"}
VERDICTS = ("absent", "nobody", "rare", "everyone", "flat", "unstable", "fine")


@dataclass(frozen=True)
class Health:
    """How each tag is.

    Attributes
    ----------
    tags, absent : of the `People` that it is the health of.
    n, n_before : int
        Customers now, and those known at the end of the month before.
    by_tag : pandas.DataFrame
        One row per tag in the order of the catalogue. code; carriers, share, low, high (of n; Wilson);
        carriers_before, kept, entered, left, jaccard, kept_share, kept_low, kept_high (NaN where the past
        cannot be computed again); effect_revenue, effect_silence (Cliff's delta of carriers against others,
        NaN with fewer than MIN_CARRIERS of either or for tags with a value); verdict (VERDICTS).
    alike : pandas.DataFrame
        Pairs of tags with a Jaccard index above SAME_TAG: code, other, jaccard, carriers of either.
    """

    tags: tuple[Tag, ...]
    absent: Mapping[str, Missing]
    n: int
    n_before: int
    by_tag: pd.DataFrame
    alike: pd.DataFrame


def health(people: People) -> Health | Missing:
    """The health of all tags; Missing where no customer is known."""
    n, n_before = len(people.customers), int(people.known_before.sum())
    if n == 0:
        return Missing("profiling.people_nobody")
    ranked = {name: _ranks(people.customers[column]) for name, column in EFFECTS.items()}
    rows = [_of_tag(tag, people, ranked) for tag in people.tags]
    table = pd.DataFrame(rows)
    table["low"], table["high"] = wilson(table["carriers"], np.full(len(table), n))
    table["kept_low"], table["kept_high"] = wilson(table["kept"], table["carriers_before"].replace(0, np.nan))
    table["share"] = table["carriers"] / n
    lasting = [tag.expiry_days >= MONTH_DAYS for tag in people.tags]
    table["verdict"] = [_verdict(row, one) for row, one in zip(table.itertuples(), lasting, strict=True)]
    order = ["code", "carriers", "share", "low", "high", "carriers_before", "kept", "entered", "left",
             "jaccard", "kept_share", "kept_low", "kept_high", *EFFECTS, "verdict"]  # fmt: skip
    return Health(people.tags, people.absent, n, n_before, table[order], _alike(people))


def _of_tag(
    tag: Tag, people: People, ranked: dict[str, tuple[NDArray[np.bool_], NDArray[np.float64]]]
) -> dict[str, object]:
    none: dict[str, object] = dict.fromkeys(
        ("carriers", "carriers_before", "kept", "entered", "left"), np.nan
    )
    none |= {"code": tag.code, "jaccard": np.nan, "kept_share": np.nan} | dict.fromkeys(EFFECTS, np.nan)
    if tag.code in people.absent:
        return none
    column = people.carried[tag.code]
    carried = column.to_numpy() if column.dtype == bool else column.notna().to_numpy()
    found = none | {"carriers": int(carried.sum())}
    if tag.as_of and people.known_before.any():
        found |= _held(column, people.carried_before[tag.code])
    if column.dtype == bool:
        found |= {name: _effect(*ranks, carried) for name, ranks in ranked.items()}
    return found


def _held(now: pd.Series, before: pd.Series) -> dict[str, object]:
    """What became of the carriers of the month before; another value of a tag is another tag."""
    if now.dtype == bool:
        had, has = before.to_numpy(), now.to_numpy()
        kept = int((had & has).sum())
    else:
        had, has = before.notna().to_numpy(), now.notna().to_numpy()
        kept = int((before == now).fillna(False).to_numpy(bool).sum())
    n_had, n_has = int(had.sum()), int(has.sum())
    either = n_had + n_has - kept
    return {
        "carriers_before": n_had,
        "kept": kept,
        "entered": n_has - kept,
        "left": n_had - kept,
        "jaccard": kept / either if either else np.nan,
        "kept_share": kept / n_had if n_had else np.nan,
    }


def _ranks(values: "pd.Series[float]") -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    known = values.notna().to_numpy()
    return known, np.asarray(values[known].rank(), dtype="float64")


def _effect(known: NDArray[np.bool_], ranks: NDArray[np.float64], carried: NDArray[np.bool_]) -> float:
    among = carried[known]
    enough = min(among.sum(), (~among).sum()) >= MIN_CARRIERS
    return cliffs_delta(ranks, among) if enough else float("nan")


def _verdict(row: Any, lasting: bool) -> str:
    effects = [abs(effect) for name in EFFECTS if not np.isnan(effect := getattr(row, name))]
    judged = lasting and row.carriers_before >= MIN_CARRIERS
    findings = (
        ("absent", np.isnan(row.carriers)),
        ("nobody", row.carriers == 0),
        ("rare", row.share < RARE),
        ("everyone", row.share > EVERYONE),
        ("flat", bool(effects) and max(effects, default=0) < NEGLIGIBLE),
        ("unstable", judged and row.kept_share < UNSTABLE_BELOW),
    )
    return next((verdict for verdict, found in findings if found), "fine")


def _alike(people: People) -> pd.DataFrame:
    codes = [code for code, column in people.carried.items() if column.dtype == bool]
    carried = people.carried[codes].to_numpy(dtype="float32")
    both = np.rint(carried.T @ carried) if len(codes) else np.zeros((0, 0))
    sizes = both.diagonal()
    either = sizes[:, None] + sizes[None, :] - both
    with np.errstate(divide="ignore", invalid="ignore"):
        jaccard = both / either
    pairs = np.argwhere(np.triu((jaccard > SAME_TAG) & (either >= MIN_CARRIERS), k=1))
    rows = [(codes[i], codes[j], float(jaccard[i, j]), int(either[i, j])) for i, j in pairs]
    return pd.DataFrame(rows, columns=["code", "other", "jaccard", "carriers"])
