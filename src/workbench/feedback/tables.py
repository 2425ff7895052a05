"""The tables that a reader sees, and the names of codes in the language spoken."""

import pandas as pd
from babel import Locale

from workbench import show
from workbench.feedback.labels import CLASSES
from workbench.feedback.satisfaction import NPS_CLASSES
from workbench.feedback.sentiment import POOLED, Measured
from workbench.feedback.shares import MIN_CELL, OTHER, Split
from workbench.feedback.study import Ratings
from workbench.feedback.summary import trust
from workbench.language import current, say
from workbench.language.numbers import LOCALES
from workbench.results import Missing

# Columns of a Split, by the head a reader sees.
HEADS = {
    "group": "group", "language": "language", "n": "utterances", "share": "share", "share_low": "low",
    "share_high": "high", "n_judged": "judged", "negative": "negative", "negative_low": "low",
    "negative_high": "high", "positive": "positive", "examples": "examples", "lift": "lift",
}  # fmt: skip
SHARES = ("share", "low", "high", "negative", "positive")


def head(name: str) -> str:
    """The head of a column."""
    return say(f"feedback.head_{name}")


def units() -> dict[str, str]:
    """Units of the columns that are shares."""
    return {head(name): "share" for name in SHARES}


def language_name(code: str) -> str:
    """The name of a language, of the pooled model, or of what is no language."""
    if code == POOLED:
        return say("feedback.model_pooled")
    if code in ("und", OTHER):
        return say(f"feedback.language_{code}")
    return str(Locale.parse(LOCALES[current().language]).languages.get(code, code))


def aspect_name(code: str) -> str:
    """The name of an aspect."""
    return say(f"feedback.aspect_{code}")


def languages(split: Split | Missing) -> pd.DataFrame | Missing:
    """Volume and sentiment by language."""
    shown = _readable(split, ["group", "n", "share", "negative", "negative_low", "negative_high"], "language")
    if isinstance(shown, Missing):
        return shown
    return shown.assign(**{head("language"): shown[head("language")].map(language_name)})


def topics(split: Split | Missing) -> pd.DataFrame | Missing:
    """Topics with volume, sentiment, further words, and how often its words stand together."""
    columns = ["group", "language", "n", "share", "negative", "negative_low", "negative_high", "examples"]
    shown = _readable(split, [*columns, "lift"], "topic")
    if isinstance(shown, Missing):
        return shown
    return shown.assign(**{head("language"): shown[head("language")].map(language_name)})


def aspects(split: Split | Missing) -> pd.DataFrame | Missing:
    """Aspects with volume and sentiment."""
    shown = _readable(split, ["group", "n", "share", "negative", "negative_low", "negative_high"], "aspect")
    if isinstance(shown, Missing):
        return shown
    return shown.assign(**{head("aspect"): shown[head("aspect")].map(aspect_name)})


def months(split: Split) -> pd.DataFrame:
    """Sentiment by month."""
    shown = _readable(split, ["group", "n", "negative", "negative_low", "negative_high", "positive"], "month")
    assert isinstance(shown, pd.DataFrame)
    return shown.assign(**{head("month"): shown[head("month")].dt.strftime("%Y-%m")})


def show_tests(measured: Measured | Missing) -> None:
    """Show the confusion matrix and the test of each model; the figure above says what is missing."""
    if isinstance(measured, Measured):
        show.table(confusion(measured), caption=say("feedback.caption_confusion"))
        show.table(models(measured), caption=say("feedback.caption_models"))


def models(measured: Measured) -> pd.DataFrame:
    """What each model got right, beside the majority rule; a count below the cell size is hidden."""
    heads = {"model": "model", "n": "texts", "n_right": "right", "n_right_naive": "majority"}
    shown = measured.models.assign(model=measured.models["model"].map(language_name))
    for name in ("n", "n_right", "n_right_naive"):
        shown[name] = shown[name].map(_hidden_if_few)
    return shown.rename(columns={name: head(as_head) for name, as_head in heads.items()})


def scores(measured: Measured) -> pd.DataFrame:
    """Accuracy and macro-F1 of the model and of the majority rule, with 95 % intervals."""
    rows = [
        ("accuracy", "model", "accuracy", "low", "high"),
        ("accuracy", "majority", "naive", "naive_low", "naive_high"),
        ("macro_f1", "model", "f1", "f1_low", "f1_high"),
        ("macro_f1", "majority", "f1_naive", "", ""),
    ]
    figures = trust(measured)
    return pd.DataFrame(
        {
            head("score"): [say(f"feedback.score_{row[0]}") for row in rows],
            head("rule"): [say(f"feedback.rule_{row[1]}") for row in rows],
            head("value"): [figures[row[2]] for row in rows],
            head("low"): [figures.get(row[3]) for row in rows],
            head("high"): [figures.get(row[4]) for row in rows],
        }
    )


def confusion(measured: Measured) -> pd.DataFrame:
    """Known against predicted sentiment; a count below the cell size is hidden."""
    names = {name: say(f"feedback.sentiment_{name}") for name in CLASSES}
    shown = measured.confusion.map(_hidden_if_few).rename(index=names, columns=names)
    shown.index.name, shown.columns.name = head("known"), None
    return shown.reset_index()


def ratings(found: Ratings) -> pd.DataFrame:
    """Ratings by stars."""
    names = {"stars": "stars", "n": "answers", "share": "share", "share_low": "low", "share_high": "high"}
    return found.counts[list(names)].rename(columns={name: head(as_head) for name, as_head in names.items()})


def nps_classes(satisfaction: pd.DataFrame) -> pd.DataFrame | Missing:
    """Customers by the class of their last answer; a count below the cell size is hidden."""
    answered = satisfaction["nps_class"].dropna()
    if len(answered) < MIN_CELL:
        return Missing("feedback.missing_nps", {"n": len(answered), "least": MIN_CELL})
    sizes = answered.value_counts().reindex(list(reversed(NPS_CLASSES)), fill_value=0)
    names = [say(f"feedback.nps_{name}") for name in sizes.index]
    return pd.DataFrame({head("group"): names, head("customers"): [_hidden_if_few(n) for n in sizes]})


def _hidden_if_few(n: int) -> str:
    return say("feedback.few", least=MIN_CELL) if 0 < n < MIN_CELL else say("feedback.count", n=n)


def _readable(split: Split | Missing, columns: list[str], group: str) -> pd.DataFrame | Missing:
    if isinstance(split, Missing):
        return split
    names = HEADS | {"group": group}
    if split.groups["negative"].isna().all():
        columns = [name for name in columns if not name.startswith("negative")]
    return split.groups[columns].rename(columns={name: head(names[name]) for name in columns})
