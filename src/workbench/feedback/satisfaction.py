"""How satisfied customers are: ratings, the readiness to recommend (NPS), tickets and open complaints."""

import math
from typing import Any

import numpy as np
import pandas as pd

from workbench.feedback.labels import POSITIVE_FROM
from workbench.feedback.shares import MIN_CELL, Z_95, with_interval
from workbench.results import Metric, Missing, rate

DETRACTOR_UP_TO, PROMOTER_FROM = 6, 9  # answers 0 to 10
NPS_CLASSES = ("detractor", "passive", "promoter")
COMPLAINT_WORDS = frozenset({"complaint", "complaints", "投诉", "客诉"})
COLUMNS = (
    "customer_id",
    "n_feedback",
    "mean_rating",
    "nps_class",
    "n_tickets",
    "n_complaints",
    "open_complaint",
)


def ticket_counts(tickets: Any) -> pd.DataFrame:
    """What the tickets tell of each customer, counted where they lie.

    Parameters
    ----------
    tickets : ibis.Table
        Canonical tickets.

    Returns
    -------
    pandas.DataFrame
        By customer_id: n_tickets, n_kinds (tickets whose kind is given), n_resolved, n_complaints and n_open
        (complaints that are not resolved at the end of the as-of day).
    """
    complaint = tickets.kind.strip().lower().isin(sorted(COMPLAINT_WORDS))
    counts = tickets.group_by("customer_id").agg(
        n_tickets=tickets.count(),
        n_kinds=tickets.kind.count(),
        n_resolved=tickets.resolved_at.count(),
        n_complaints=tickets.count(where=complaint),
        n_open=tickets.count(where=complaint & tickets.resolved_at.isnull()),
    )
    frame: pd.DataFrame = counts.to_pandas()  # the line that leaves Ibis for pandas
    return frame.set_index("customer_id")


def satisfaction_table(frame: pd.DataFrame, rating: pd.Series, tickets: pd.DataFrame | None) -> pd.DataFrame:
    """One row per customer with feedback, sorted by customer_id.

    Parameters
    ----------
    frame : pandas.DataFrame
        customer_id, given_at, nps; one row per utterance.
    rating : pandas.Series
        Ratings of the same rows, one to five.
    tickets : pandas.DataFrame or None
        Counts by customer: see `ticket_counts`. None leaves the columns made from them empty, not zero.

    Returns
    -------
    pandas.DataFrame
        COLUMNS: n_feedback (utterances), mean_rating, nps_class of the last answer, n_tickets, n_complaints
        and open_complaint (a complaint that is not resolved at the end of the as-of day).
    """
    said = frame.assign(rating=rating).dropna(subset="customer_id")
    answers = said.groupby("customer_id").agg(
        n_feedback=("customer_id", "size"), mean_rating=("rating", "mean")
    )
    last = said.dropna(subset="nps").sort_values(["given_at", "nps"], na_position="first", kind="stable")
    last_nps = last.drop_duplicates("customer_id", keep="last").set_index("customer_id")["nps"]
    answers["nps_class"] = nps_class(last_nps).reindex(answers.index)
    whole = answers.join(_ticket_counts(tickets, answers.index)).rename_axis("customer_id").reset_index()
    kinds = {"n_feedback": "int64", "mean_rating": "float64", "n_tickets": "Int64", "n_complaints": "Int64"}
    kinds |= {"customer_id": "str", "nps_class": "str", "open_complaint": "boolean"}
    return whole.astype(kinds)[list(COLUMNS)].sort_values("customer_id", ignore_index=True)


def nps_class(nps: pd.Series) -> pd.Series:
    """Promoter from 9, detractor up to 6, passive between, missing where nobody answered."""
    answered = pd.cut(nps, [-np.inf, DETRACTOR_UP_TO, PROMOTER_FROM - 1e-9, np.inf], labels=NPS_CLASSES)
    return answered.astype("str")


def _ticket_counts(tickets: pd.DataFrame | None, customers: pd.Index) -> pd.DataFrame:
    """n_tickets, n_complaints and open_complaint of each customer; missing where the tickets do not tell."""
    unknown = pd.DataFrame(
        index=customers, columns=["n_tickets", "n_complaints", "open_complaint"], dtype="Int64"
    )
    if tickets is None:
        return unknown
    here = tickets.reindex(customers, fill_value=0)
    known = unknown.assign(n_tickets=here["n_tickets"])
    if not tickets["n_kinds"].sum():  # the column is not mapped
        return known
    known["n_complaints"] = here["n_complaints"]
    if tickets["n_resolved"].sum():  # else not mapped: nothing could ever be closed
        known["open_complaint"] = here["n_open"] > 0
    return known


def csat(rating: pd.Series) -> Metric | Missing:
    """The share of ratings of four and five, with its Wilson interval."""
    answers = rating.dropna()
    if len(answers) < MIN_CELL:
        return Missing("feedback.missing_ratings", {"n": len(answers), "least": MIN_CELL})
    return rate("csat_share", int((answers >= POSITIVE_FROM).sum()), len(answers))


def net_promoter(nps: pd.Series) -> Metric | Missing:
    """Share of promoters less share of detractors, −1 to 1, over all answers.

    The variance is (p + d − (p − d)²) / n with shares p of promoters and d of detractors; the interval is
    the normal one. If all answers are of one class, that variance is 0 whatever n is: half an answer is then
    added to each class, for the width of the interval only. Assumes independent answers.
    """
    answers = nps.dropna()
    if len(answers) < MIN_CELL:
        return Missing("feedback.missing_nps", {"n": len(answers), "least": MIN_CELL})
    sizes = nps_class(answers).value_counts().reindex(list(NPS_CLASSES), fill_value=0).astype(float)
    n, value = len(answers), float(sizes["promoter"] - sizes["detractor"]) / len(answers)
    shares = sizes / n if (sizes > 0).sum() > 1 else (sizes + 0.5) / (n + 1.5)
    p, d = float(shares["promoter"]), float(shares["detractor"])
    half_width = Z_95 * math.sqrt((p + d - (p - d) ** 2) / n)
    low, high = max(-1.0, value - half_width), min(1.0, value + half_width)
    difference = int(sizes["promoter"] - sizes["detractor"])
    return Metric("nps", value, n=n, numerator=difference, denominator=n, low=low, high=high)


def rating_counts(rating: pd.Series) -> pd.DataFrame:
    """Ratings by whole stars (half stars count as the lower), small cells joined with their neighbour.

    Assumes at least MIN_CELL ratings.

    Returns
    -------
    pandas.DataFrame
        stars (such as ``4`` or ``1–2``), n (never below MIN_CELL), lowest (of the stars joined), share,
        share_low, share_high.
    """
    answers = rating.dropna()
    counts = np.floor(answers).astype(int).value_counts().reindex(range(1, 6), fill_value=0)
    cells: list[tuple[int, int, int]] = []  # first star, last star, n
    for stars, n in counts.items():
        cells.append((int(str(stars)), int(str(stars)), int(n)))
        while len(cells) > 1 and min(cells[-1][2], cells[-2][2]) < MIN_CELL:
            (first, _, before), (_, last, here) = cells[-2], cells[-1]
            cells[-2:] = [(first, last, before + here)]
    found = pd.DataFrame(
        {
            "stars": [str(a) if a == b else f"{a}–{b}" for a, b, _ in cells],
            "n": [n for _, _, n in cells],
            "lowest": [a for a, _, _ in cells],
        }
    )
    return with_interval(found, "share", "n", len(answers))
