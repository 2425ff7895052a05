"""The pictures of notebook 04. Nothing is computed here."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from workbench.feedback import tables
from workbench.feedback.labels import POSITIVE_FROM
from workbench.feedback.sentiment import Measured
from workbench.feedback.shares import MIN_CELL, Split
from workbench.feedback.study import Listening, Ratings
from workbench.feedback.summary import beats_majority, course, share_of, sorest, trust
from workbench.feedback.topics import MIN_SPEAKERS
from workbench.language import current, say, write_number
from workbench.results import Metric, Missing
from workbench.theme import (
    ACCENT,
    GREY,
    INK,
    PALE,
    SENTIMENT_COLOURS,
    WARNING,
    finish,
    new_axes,
    passes_missing,
)

GROUPS_SHOWN = 16
ROW_INCHES, FRAME_INCHES = 0.3, 0.9
SMALLEST_DOT, LARGEST_DOT = 20, 260  # square points; the area is in proportion to the volume
MONTHS_A_YEAR, MONTHS_LABELLED = 12, 8


@passes_missing
def plot_languages(languages: Split, *, ax: Axes | None = None) -> Axes:
    """Number of texts by language, with shares."""
    groups = languages.groups
    ax = _rows_axes(ax, len(groups))
    places = range(len(groups) - 1, -1, -1)
    ax.barh(places, groups["n"], color=ACCENT, height=0.62)
    for place, n, share in zip(places, groups["n"], groups["share"], strict=True):
        text = say("feedback.mark_count", n=n, share=share)
        ax.annotate(text, (n, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(list(places), [tables.language_name(code) for code in groups["group"]])
    ax.set_xlim(0, groups["n"].max() * 1.25)
    ax.set_xlabel(say("feedback.axis_utterances"))
    ax.xaxis.set_major_formatter(FuncFormatter(_whole))
    top = groups.iloc[0]
    values = {"language": tables.language_name(str(top["group"])), "share": top["share"]}
    n, unknown = int(groups["n"].sum()), share_of(languages, "und")
    return finish(
        ax,
        title=say("feedback.title_languages", **values),
        sentence=say("feedback.sentence_languages", n=n, unknown=unknown, **values),
        alt=say("feedback.alt_languages", count=len(groups), largest=top["n"], **values),
        data=_data(tables.languages(languages)),
    )


@passes_missing
def plot_trust(measured: Measured, *, ax: Axes | None = None) -> Axes:
    """Accuracy and macro-F1 of the model with 95 % intervals, beside the majority rule."""
    ax, figures = new_axes(ax, height=2.2), trust(measured)
    rows = (
        ("accuracy", "accuracy", "low", "high", "naive"),
        ("macro_f1", "f1", "f1_low", "f1_high", "f1_naive"),
    )
    for place, (_, value, low, high, naive) in zip((1, 0), rows, strict=True):
        ax.plot([figures[low], figures[high]], [place, place], color=ACCENT, linewidth=2)
        ax.plot(figures[value], place, "o", color=ACCENT, markersize=7)
        ax.plot(figures[naive], place, "D", color=GREY, markersize=6)
        for name, at, above in (("model", figures[value], 9), ("majority", figures[naive], -16)):
            text = f"{say(f'feedback.rule_{name}')} {at:.3f}"
            ax.annotate(text, (at, place), (0, above), textcoords="offset points", ha="center", fontsize=9)
    ax.set_yticks([1, 0], [say(f"feedback.score_{name}") for name, *_ in rows])
    ax.set_ylim(-0.5, 1.5)
    ax.set_xlim(0, 1.02)
    ax.grid(visible=False, axis="y")
    title = "feedback.title_trust_yes" if beats_majority(measured) else "feedback.title_trust_no"
    return finish(
        ax,
        title=say(title, **figures),
        sentence=say("feedback.sentence_trust", **figures),
        alt=say("feedback.alt_trust", **figures),
        data=tables.scores(measured),
    )


@passes_missing
def plot_trend(trend: Split, *, ax: Axes | None = None) -> Axes:
    """Shares of negative and of positive utterances by month, with 95 % bands."""
    ax, months = new_axes(ax), trend.groups
    at = months["group"].dt.year * MONTHS_A_YEAR + months["group"].dt.month - 1
    for name in ("negative", "positive"):
        colour = SENTIMENT_COLOURS[name]
        ax.fill_between(at, months[f"{name}_low"], months[f"{name}_high"], color=colour, alpha=0.15, lw=0)
        ax.plot(at, months[name], color=colour, linewidth=1.8, marker="o", markersize=3.5)
        end = (float(at.iloc[-1]), float(months[name].iloc[-1]))
        text = say(f"feedback.sentiment_{name}")
        ax.annotate(text, end, (7, 0), textcoords="offset points", va="center", color=colour)
    ax.set_xlim(at.iloc[0] - 0.5, at.iloc[-1] + 0.11 * (at.iloc[-1] - at.iloc[0]) + 1)
    ax.set_ylim(0, min(1, months[["negative_high", "positive_high"]].to_numpy().max() * 1.05))
    ax.set_xticks(at[:: -(-len(at) // MONTHS_LABELLED)])
    ax.xaxis.set_major_formatter(FuncFormatter(_month))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    figures = course(trend)
    return finish(
        ax,
        title=say(f"feedback.title_trend_{figures['verdict']}", **figures),
        sentence=say("feedback.sentence_trend", least=MIN_CELL, **figures),
        alt=say("feedback.alt_trend", **figures),
        data=tables.months(trend),
    )


@passes_missing
def plot_topics(heard: Listening, *, ax: Axes | None = None) -> Axes | Missing:
    """Share of negative texts of each topic, with 95 % intervals; the dot grows with the topic."""
    topics = heard.topics
    if isinstance(topics, Missing):
        return topics
    several = topics.groups["language"].nunique() > 1
    names = [
        f"{row.group} ({tables.language_name(str(row.language))})" if several else str(row.group)
        for row in topics.groups.itertuples()
    ]
    values = {"covered": float(topics.groups["n"].sum()) / heard.n_texts, "least": MIN_SPEAKERS}
    spoken = [say("feedback.quoted", words=words) for words in topics.groups["group"]]
    ax = _plot_groups(topics, heard.negative, names, ax)
    data = _data(tables.topics(topics))
    return finish(ax, data=data, **_words("topics", topics, heard.negative, spoken, values))


@passes_missing
def plot_aspects(heard: Listening, *, ax: Axes | None = None) -> Axes | Missing:
    """Share of negative texts of each aspect, with 95 % intervals; the dot grows with the mentions."""
    aspects = heard.aspects
    if isinstance(aspects, Missing):
        return aspects
    names = [tables.aspect_name(code) for code in aspects.groups["group"]]
    ax = _plot_groups(aspects, heard.negative, names, ax)
    data = _data(tables.aspects(aspects))
    return finish(ax, data=data, **_words("aspects", aspects, heard.negative, names, {}))


@passes_missing
def plot_ratings(ratings: Ratings, *, ax: Axes | None = None) -> Axes:
    """Share of ratings by stars, with 95 % intervals."""
    ax, counts = new_axes(ax, height=2.8), ratings.counts
    places = range(len(counts))
    colours = [ACCENT if lowest >= POSITIVE_FROM else PALE for lowest in counts["lowest"]]
    ax.bar(places, counts["share"], color=colours, width=0.66)
    ax.vlines(places, counts["share_low"], counts["share_high"], color=INK, linewidth=1.2)
    for place, high, n in zip(places, counts["share_high"], counts["n"], strict=True):
        text = say("feedback.mark_n", n=n)
        ax.annotate(text, (place, high), (0, 4), textcoords="offset points", ha="center", fontsize=9)
    ax.set_xticks(list(places), counts["stars"])
    ax.set_xlabel(say("feedback.axis_stars"))
    ax.set_ylim(0, counts["share_high"].max() * 1.15)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    csat, most = ratings.csat, counts.iloc[int(counts["share"].to_numpy().argmax())]
    values = {"csat": csat.value, "low": csat.low, "high": csat.high, "n": csat.n, "least": MIN_CELL}
    return finish(
        ax,
        title=say("feedback.title_ratings", **values),
        sentence=say("feedback.sentence_ratings", **values),
        alt=say("feedback.alt_ratings", most=most["stars"], share=most["share"]),
        data=tables.ratings(ratings),
    )


def _plot_groups(split: Split, overall: Metric | Missing, names: list[str], ax: Axes | None) -> Axes:
    """A row per group: share negative where there is a sentiment, else share of the texts."""
    groups = split.groups.head(GROUPS_SHOWN)
    ax = _rows_axes(ax, len(groups))
    places = list(range(len(groups) - 1, -1, -1))
    column = "share" if isinstance(overall, Missing) else "negative"
    area = LARGEST_DOT * groups["n"] / groups["n"].max()
    ax.hlines(places, groups[f"{column}_low"], groups[f"{column}_high"], color=INK, linewidth=1.2)
    above = groups["negative_low"] > (1 if isinstance(overall, Missing) else overall.value)
    colours = [WARNING if sore else ACCENT for sore in above]
    ax.scatter(groups[column], places, s=area.clip(lower=SMALLEST_DOT), color=colours, zorder=3)
    ax.set_yticks(places, names[:GROUPS_SHOWN])
    ax.set_ylim(-0.6, len(groups) - (0.1 if column == "negative" else 0.4))
    ax.set_xlim(0, min(1, groups[f"{column}_high"].max() * 1.08))
    beside = ax.get_yaxis_transform()  # x in shares of the axes, y in data
    for place, n in zip(places, groups["n"], strict=True):
        ax.text(1.01, place, say("feedback.mark_n", n=n), transform=beside, va="center", fontsize=9)
    if isinstance(overall, Metric) and overall.value is not None:
        ax.axvline(overall.value, color=GREY, linewidth=1, linestyle="--", zorder=1)
        text, top = say("feedback.mark_all", share=overall.value), (overall.value, len(groups) - 0.45)
        ax.annotate(text, top, (4, 0), textcoords="offset points", fontsize=9, color=INK, va="center")
    ax.set_xlabel(say(f"feedback.axis_{column}"))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return ax


def _words(
    kind: str, split: Split, overall: Metric | Missing, spoken: list[str], values: dict[str, Any]
) -> dict[str, str]:
    """Title, sentence and alt text of a picture of groups."""
    top, sore = split.groups.iloc[0], sorest(split, overall)
    values = values | {"topic": spoken[0], "n": top["n"], "share": top["share"], "count": len(split.groups)}
    if isinstance(overall, Missing):
        title = say(f"feedback.title_{kind}_volume", **values)
    elif sore is None:
        title = say(f"feedback.title_{kind}_even", overall=overall.value)
    else:
        figures = {"negative": sore["negative"], "overall": overall.value}
        title = say(f"feedback.title_{kind}_sore", topic=spoken[int(str(sore.name))], **figures)
    sentence, alt = (say(f"feedback.{part}_{kind}", **values) for part in ("sentence", "alt"))
    return {"title": title, "sentence": sentence, "alt": alt}


def _rows_axes(ax: Axes | None, rows: int) -> Axes:
    """Axes as high as `rows` horizontal rows need, with lines along the values only."""
    ax = new_axes(ax, height=FRAME_INCHES + ROW_INCHES * min(rows, GROUPS_SHOWN))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    return ax


def _data(table: pd.DataFrame | Missing) -> pd.DataFrame:
    assert isinstance(table, pd.DataFrame)
    return table


def _whole(value: float, _position: int) -> str:
    speech = current()
    return write_number(value, "utterances", language=speech.language, currency=speech.currency)


def _month(value: float, _position: int) -> str:
    year, month = divmod(round(value), MONTHS_A_YEAR)
    return f"{year}-{month + 1:02d}"
