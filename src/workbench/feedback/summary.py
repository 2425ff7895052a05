"""What the first page and the archive are told: metrics, checks and findings."""

from typing import Any

import pandas as pd

from workbench.feedback.detection import UNDETERMINED
from workbench.feedback.sentiment import MIN_LABELLED, Measured, macro_f1
from workbench.feedback.shares import Split
from workbench.feedback.study import Listening, Ratings
from workbench.language import say
from workbench.results import Check, Finding, Metric, Missing, rate

NO_TABLE = "missing.table"  # the reason that everything is missing for
MIN_LANGUAGE_SHARE = 0.8  # of the texts; where more are too short to tell, topics stand on too little


def metrics(heard: Listening) -> tuple[Metric, ...]:
    """The figures of the dictionary's feedback part; those without a value carry the reason."""
    csat = heard.ratings.csat if isinstance(heard.ratings, Ratings) else heard.ratings
    # The page shows the first of them as tiles: what a manager asks for comes first.
    return (
        _or_missing("csat_share", csat),
        _or_missing("nps", heard.nps),
        _or_missing("negative_share", heard.negative),
        _count("n_utterances", heard, len(heard.utterances)),
        *_sentiment_metrics(heard.measured),
        _topics(heard.topics),
        _count("n_texts", heard, heard.n_texts),
        _count("customers_heard", heard, len(heard.satisfaction)),
        _open_complaints(heard),
    )


def _count(name: str, heard: Listening, n: int) -> Metric:
    known = isinstance(heard.languages, Split) or heard.languages.code != NO_TABLE
    return Metric(name, n, n=n) if known else _or_missing(name, heard.negative)


def _or_missing(name: str, found: Metric | Missing) -> Metric:
    return Metric(name, None, reason=found.reason) if isinstance(found, Missing) else found


def _sentiment_metrics(measured: Measured | Missing) -> tuple[Metric, ...]:
    names = (
        "sentiment_accuracy",
        "sentiment_accuracy_naive",
        "sentiment_macro_f1",
        "sentiment_macro_f1_naive",
    )
    if isinstance(measured, Missing):
        return tuple(_or_missing(name, measured) for name in names)
    low, high = measured.macro_f1_interval
    f1, f1_naive = (float(macro_f1(c.to_numpy())) for c in (measured.confusion, measured.naive_confusion))
    return (
        rate(names[0], measured.n_right, measured.n),
        rate(names[1], measured.n_right_naive, measured.n),
        Metric(names[2], f1, n=measured.n, low=low, high=high),
        Metric(names[3], f1_naive, n=measured.n),
    )


def _topics(topics: Split | Missing) -> Metric:
    if isinstance(topics, Missing):
        return _or_missing("n_topics", topics) if topics.code == NO_TABLE else Metric("n_topics", 0, n=0)
    return Metric("n_topics", len(topics.groups), n=int(topics.groups["n"].sum()))


def _open_complaints(heard: Listening) -> Metric:
    name, known = "customers_with_open_complaint", heard.satisfaction["open_complaint"].dropna()
    if known.empty:
        return _or_missing(name, Missing("feedback.missing_tickets"))
    return Metric(name, int(known.sum()), n=len(known))


def checks(heard: Listening) -> tuple[Check, ...]:
    """What the figures rest on; nothing to check without a feedback table."""
    if heard.utterances.empty:
        return ()
    found = [Check("feedback_scales", heard.n_refused == 0, {"n": heard.n_refused})]
    if isinstance(heard.measured, Missing):
        values = {"n": heard.measured.values.get("n", 0), "least": MIN_LABELLED}
        return (Check("feedback_labelled", False, values), *found)
    found.append(Check("feedback_labelled", True, {"n": heard.measured.n, "least": MIN_LABELLED}))
    figures = trust(heard.measured)
    values = {name: figures[name] for name in ("accuracy", "low", "naive")}
    found.append(Check("sentiment_beats_majority", beats_majority(heard.measured), values))
    if isinstance(heard.languages, Split):
        known = 1 - share_of(heard.languages, UNDETERMINED)
        values = {"share": known, "n": heard.n_texts}
        found.append(Check("feedback_languages", known >= MIN_LANGUAGE_SHARE, values))
    return tuple(found)


def share_of(split: Split, group: str) -> float:
    """The share of one group, 0 if it is not shown."""
    return float(split.groups.loc[split.groups["group"] == group, "share"].sum())


def trust(measured: Measured) -> dict[str, float]:
    """The figures that say how far the sentiment can be trusted, by the names that messages use."""
    accuracy, naive, f1, f1_naive = _sentiment_metrics(measured)
    named = {"accuracy": accuracy.value, "low": accuracy.low, "high": accuracy.high, "naive": naive.value}
    named |= {"naive_low": naive.low, "naive_high": naive.high, "n": measured.n}
    named |= {"f1": f1.value, "f1_low": f1.low, "f1_high": f1.high, "f1_naive": f1_naive.value}
    return {name: float(value) for name, value in named.items() if value is not None}


def beats_majority(measured: Measured) -> bool:
    """Whether the interval of the accuracy lies above the accuracy of the majority rule."""
    figures = trust(measured)
    return figures["low"] > figures["naive"]


def sorest(split: Split, overall: Metric | Missing) -> pd.Series | None:
    """The group with the most negative utterances beyond the overall share, if its interval lies above it."""
    if isinstance(overall, Missing):
        return None
    groups = split.groups[split.groups["negative_low"] > overall.value]
    if groups.empty:
        return None
    beyond = groups["n_negative"] - groups["n_judged"] * float(overall.value or 0)
    return groups.iloc[int(beyond.to_numpy().argmax())]


def course(trend: Split) -> dict[str, Any]:
    """The last month beside the months before it.

    Its `verdict` is ``above`` or ``below`` if the 95 % interval of its share of negative utterances lies
    above or below the share of the months before, else ``usual``.
    """
    before, last = trend.groups.iloc[:-1], trend.groups.iloc[-1]
    usual = float(before["n_negative"].sum() / before["n_judged"].sum())
    verdict = (
        "above" if last["negative_low"] > usual else "below" if last["negative_high"] < usual else "usual"
    )
    return {
        "verdict": verdict,
        "usual": usual,
        "first": f"{before['group'].iloc[0]:%Y-%m}",
        "month": f"{last['group']:%Y-%m}",
        "n": int(last["n_judged"]),
        "last": float(last["negative"]),
        "low": float(last["negative_low"]),
        "high": float(last["negative_high"]),
        "positive": float(last["positive"]),
    }


def findings(heard: Listening) -> tuple[Finding, ...]:
    """Sentences for the first page: what hurts, how satisfied, and whether to believe it."""
    found = []
    if isinstance(heard.aspects, Split) and (sore := sorest(heard.aspects, heard.negative)) is not None:
        assert isinstance(heard.negative, Metric)
        values = {"aspect": say(f"feedback.aspect_{sore['group']}"), "share": sore["negative"]}
        values |= {"n": sore["n_judged"], "overall": heard.negative.value}
        found += [Finding("feedback.finding_sore", values), Finding("decide.remedy", values)]
    elif isinstance(heard.negative, Metric):
        found.append(Finding("feedback.finding_negative", _interval("negative", heard.negative)))
    if isinstance(heard.ratings, Ratings):
        found.append(Finding("feedback.finding_satisfaction", _interval("csat", heard.ratings.csat)))
    if isinstance(heard.nps, Metric):
        found.append(Finding("feedback.finding_nps", _interval("nps", heard.nps)))
    if isinstance(heard.measured, Measured):
        code = "trusted" if beats_majority(heard.measured) else "not_trusted"
        figures = trust(heard.measured)
        found.append(Finding(f"feedback.finding_{code}", {k: figures[k] for k in ("accuracy", "naive")}))
    waiting = _open_complaints(heard).value
    if waiting:
        found.append(Finding("decide.open_complaints", {"n": int(waiting)}))
    return tuple(found)


def _interval(name: str, metric: Metric) -> dict[str, float | int | None]:
    return {name: metric.value, "low": metric.low, "high": metric.high, "n": metric.n}
