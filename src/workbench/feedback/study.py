"""The question of the room, answered: what customers say, how they mean it, how satisfied they are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.feedback.aspects import mentions
from workbench.feedback.detection import languages_of
from workbench.feedback.labels import Known, read_known
from workbench.feedback.satisfaction import (
    csat,
    net_promoter,
    rating_counts,
    satisfaction_table,
    ticket_counts,
)
from workbench.feedback.sentiment import Measured, Sentiment, judge
from workbench.feedback.shares import MIN_CELL, OTHER, Split, split
from workbench.feedback.texts import read_utterances
from workbench.feedback.topics import MIN_SPEAKERS, TopicModel, topic_models
from workbench.language import say
from workbench.parameters import FeedbackParameters
from workbench.recall import recall, rows_digest
from workbench.results import Metric, Missing, rate
from workbench.sources import TABLES

PROMISED = ("feedback_id", "customer_id", "language", "sentiment", "sentiment_score", "topic", "aspects")
FURTHER = ("sentiment_basis", "given_at", "rating", "nps")
KINDS: dict[str, Any] = {
    **dict.fromkeys(
        ("feedback_id", "customer_id", "language", "sentiment", "topic", "sentiment_basis"), "str"
    ),
    **dict.fromkeys(("sentiment_score", "rating", "nps"), "float64"),
    "aspects": "object",
    "given_at": "datetime64[us]",
}
MONTHS_SHOWN = 24


@dataclass(frozen=True)
class Ratings:
    """The spread of ratings and the share of satisfied ones.

    Attributes
    ----------
    counts : pandas.DataFrame
        See `satisfaction.rating_counts`.
    csat : Metric
    """

    counts: pd.DataFrame
    csat: Metric


@dataclass(frozen=True)
class Listening:
    """What the feedback says as of the end of `as_of`.

    Attributes
    ----------
    utterances : pandas.DataFrame
        feedback.parquet: PROMISED then FURTHER columns, one row per utterance, by feedback_id. No texts.
    satisfaction : pandas.DataFrame
        satisfaction.parquet, one row per customer with feedback.
    n_texts : int
        Utterances with a text.
    languages, trend, topics, aspects : Split or Missing
        Utterances with text by language; utterances with date by month (first day, the last MONTHS_SHOWN);
        texts by topic (group is the topic's name; also language, n_language, examples: further words, and
        lift: see `TopicModel`) and by aspect (its code; an utterance may mention several).
    measured : Measured or Missing
        How far the sentiment can be trusted.
    negative : Metric or Missing
        Share of negative ones among the judged utterances.
    ratings : Ratings or Missing
    nps : Metric or Missing
    n_refused : int
        Labels and ratings off their scales, which were left out.
    """

    as_of: date
    utterances: pd.DataFrame
    satisfaction: pd.DataFrame
    n_texts: int
    languages: Split | Missing
    measured: Measured | Missing
    negative: Metric | Missing
    trend: Split | Missing
    topics: Split | Missing
    aspects: Split | Missing
    ratings: Ratings | Missing
    nps: Metric | Missing
    n_refused: int


def listen(data: Any, p: FeedbackParameters) -> Listening:
    """What the customers of `data` (canonical tables) say.

    Without a feedback table every part is a `Missing` that says so, and the tables have their columns and no
    rows. Texts leave the function only as counts and as words that at least ten customers use.
    """
    table, tickets = data.get("feedback"), data.get("tickets")
    if table is None:
        return _nothing(
            data.as_of, Missing("missing.table", {"table": "feedback", "section": say("feedback.section")})
        )
    frame = read_utterances(table.to_pandas())  # the one table whose rows leave Ibis: a text is no sum
    # Tables made by hand have no digest, and nothing of them is kept.
    basis = rows_digest(frame) if data.digest() is not None else None
    read = recall("feedback.read", basis, {}, lambda: _read(frame["text"]))
    frame = frame.assign(language=read["language"].astype("str"), aspects=read["aspects"].map(list))
    known = read_known(frame)
    sentiment = judge(frame, known, holdout_share=p.holdout_share, seed=p.seed, basis=basis)
    frame = pd.concat([frame, sentiment.judged], axis=1)
    models = topic_models(frame, p.topics, p.seed, basis)
    frame["topic"] = _topic_names(frame, models)
    counts = None if tickets is None else ticket_counts(tickets)
    return _listening(data.as_of, frame, known, sentiment, models, counts)


def _read(texts: pd.Series) -> pd.DataFrame:
    """Language and aspects of each text."""
    return pd.DataFrame({"language": languages_of(texts), "aspects": mentions(texts)})


def _listening(
    as_of: date,
    frame: pd.DataFrame,
    known: Known,
    sentiment: Sentiment,
    models: dict[str, TopicModel],
    tickets: pd.DataFrame | None,
) -> Listening:
    texts = frame[frame["text"] != ""]
    return Listening(
        as_of=as_of,
        utterances=feedback_table(frame.assign(rating=known.rating)),
        satisfaction=satisfaction_table(frame, known.rating, tickets),
        n_texts=len(texts),
        languages=_by_language(texts),
        measured=sentiment.measured,
        negative=_negative_share(frame["sentiment"]),
        trend=_by_month(frame),
        topics=_by_topic(texts, models),
        aspects=_by_aspect(texts),
        ratings=_ratings(known.rating),
        nps=net_promoter(frame["nps"]),
        n_refused=known.n_labels_refused + known.n_ratings_refused,
    )


def feedback_table(frame: pd.DataFrame) -> pd.DataFrame:
    """feedback.parquet: one row per utterance, sorted by feedback_id, every column of its own type."""
    ordered = frame.sort_values("feedback_id", ignore_index=True)
    return ordered[[*PROMISED, *FURTHER]].astype(KINDS)


def _nothing(as_of: date, why: Missing) -> Listening:
    """What is known without a feedback table: why nothing is known, and the shape of the tables."""
    columns = [*TABLES["feedback"].columns, *PROMISED, *FURTHER]
    empty = pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    table = satisfaction_table(empty, empty["rating"], None)
    return Listening(as_of, feedback_table(empty), table, 0, why, why, why, why, why, why, why, why, 0)


def _topic_names(frame: pd.DataFrame, models: dict[str, TopicModel]) -> pd.Series:
    """The name of the topic of each utterance, missing for none."""
    named = pd.Series(pd.NA, frame.index, dtype="str")
    for language, model in models.items():
        names = dict(enumerate(model.names(language)))
        named.loc[model.assigned.index] = model.assigned.map(names).astype("str")
    return named


def _ratings(rating: pd.Series) -> Ratings | Missing:
    satisfied = csat(rating)
    return satisfied if isinstance(satisfied, Missing) else Ratings(rating_counts(rating), satisfied)


def _negative_share(sentiment: pd.Series) -> Metric | Missing:
    judged = sentiment.dropna()
    if len(judged) < MIN_CELL:
        return Missing("feedback.missing_sentiment", {"n": len(judged), "least": MIN_CELL})
    return rate("negative_share", int((judged == "negative").sum()), len(judged))


def _by_language(texts: pd.DataFrame) -> Split | Missing:
    """Languages of too few utterances are put together, if there are enough of them."""
    sizes = texts["language"].value_counts()
    small = set(sizes.index[sizes < MIN_CELL])
    groups = texts["language"].where(~texts["language"].isin(small), OTHER)
    return _if_any(split(groups, texts["sentiment"]), len(texts), "feedback.missing_texts")


def _by_month(frame: pd.DataFrame) -> Split | Missing:
    months = frame["given_at"].dt.to_period("M").dt.to_timestamp().dropna()
    shown = sorted(months.unique())[-MONTHS_SHOWN:]
    months = months[months.isin(shown)]
    found = split(months, frame.loc[months.index, "sentiment"])
    groups = found.groups.sort_values("group", ignore_index=True)
    enough = (groups["n_judged"] >= MIN_CELL).sum() >= 2  # one month is no course
    judged = groups[groups["n_judged"] >= MIN_CELL].reset_index(drop=True)
    why = Missing("feedback.missing_months", {"least": MIN_CELL})
    return Split(judged, found.n_left_out) if enough else why


def _by_topic(texts: pd.DataFrame, models: dict[str, TopicModel]) -> Split | Missing:
    """Topics of all languages, the largest share first; shares are of the texts of the same language."""
    parts, left_out = [], 0
    for language, model in models.items():
        rows = texts[texts["language"] == language]
        found = split(rows["topic"], rows["sentiment"], total=len(rows))
        details = pd.DataFrame(
            {
                "group": model.names(language),
                "language": language,
                "examples": model.examples(language),
                "lift": model.lift,
                "n_language": len(rows),
            }
        )
        parts.append(found.groups.merge(details, on="group", validate="one_to_one"))
        left_out += found.n_left_out
    why = Missing("feedback.missing_topics", {"least": MIN_SPEAKERS})
    if not sum(map(len, parts)):
        return why
    groups = pd.concat(parts).sort_values(["n", "group"], ascending=[False, True], ignore_index=True)
    return Split(groups, left_out)


def _by_aspect(texts: pd.DataFrame) -> Split | Missing:
    mentioned = texts[["aspects", "sentiment"]].explode("aspects")
    found = split(mentioned["aspects"], mentioned["sentiment"], total=len(texts))
    return _if_any(found, len(texts), "feedback.missing_aspects")


def _if_any(found: Split, n: int, code: str) -> Split | Missing:
    return found if len(found.groups) else Missing(code, {"n": n, "least": MIN_CELL})
