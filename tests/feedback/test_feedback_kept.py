"""Is feedback read, judged and grouped once for the same utterances, and no text kept of them?"""

from dataclasses import fields, replace
from types import SimpleNamespace

import pandas as pd
import pytest

from workbench import feedback, results
from workbench.feedback import summary
from workbench.feedback.shares import Split
from workbench.parameters import FeedbackParameters
from workbench.recall import folder

FITS = {
    "languages": "workbench.feedback.detection.language_of",
    "sentiment": "workbench.feedback.sentiment.class_probabilities",
    "topics": "workbench.feedback.factors._factorise",
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def listen(as_canonical):
    """Listens to a frame as if it had come from a source."""

    def listen(frame, **parameters):
        engine = SimpleNamespace(con="a connection", digest=lambda name: f"rows of {name}")
        return feedback.listen(replace(as_canonical(frame), engine=engine), FeedbackParameters(**parameters))

    return listen


def refuse(monkeypatch, *parts):
    for part in parts:

        def fit(*_, part=part, **__):
            raise AssertionError(f"{part} are found again")

        monkeypatch.setattr(FITS[part], fit)


def test_the_same_utterances_are_heard_again_without_a_fit(listen, utterances, heard, monkeypatch):
    first = listen(utterances)
    refuse(monkeypatch, *FITS)
    shuffled = utterances.sample(frac=1, random_state=4)  # rows of a table have no order
    for study in (heard, listen(utterances), listen(shuffled)):
        for field in fields(first):
            one, other = getattr(first, field.name), getattr(study, field.name)
            if isinstance(one, Split):
                one, other = one.groups, other.groups
            if isinstance(one, pd.DataFrame):
                pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert written(study) == written(first)


def test_other_utterances_are_read_judged_and_grouped_anew(listen, utterances, monkeypatch):
    listen(utterances)
    changed = utterances.copy()
    changed.loc[1, "rating"] = 6 - changed["rating"].fillna(1).loc[1]
    for part in FITS:
        with monkeypatch.context() as patched:
            refuse(patched, part)
            with pytest.raises(AssertionError, match=f"{part} are found again"):
                listen(changed)


@pytest.mark.parametrize(
    ("parameter", "value", "again"),
    [
        ("seed", 2, ["sentiment", "topics"]),
        ("holdout_share", 0.5, ["sentiment"]),
        ("topics", 3, ["topics"]),
    ],
)
def test_a_parameter_fits_again_what_depends_on_it(listen, utterances, parameter, value, again, monkeypatch):
    listen(utterances)
    for part in again:  # in the order of work: what is done before a failure is kept
        with monkeypatch.context() as patched:
            refuse(patched, part)
            with pytest.raises(AssertionError, match=f"{part} are found again"):
                listen(utterances, **{parameter: value})
    refuse(monkeypatch, *(part for part in FITS if part not in again))
    listen(utterances, **{parameter: value})


def test_neither_a_text_nor_an_id_nor_a_rare_word_is_kept(listen, utterances):
    listen(utterances)
    kept = "".join(pd.read_parquet(path).to_csv() for path in folder().glob("*.parquet"))
    assert "negative" in kept
    assert not any(text in kept for text in utterances["text"].dropna())
    assert not any(name in kept for name in (*utterances["customer_id"], *utterances["feedback_id"]))
    assert "zanzibar" not in kept  # one customer's word


def test_of_tables_made_by_hand_nothing_is_kept(utterances, as_canonical):
    feedback.listen(as_canonical(utterances), FeedbackParameters())
    assert not folder().exists()


def test_utterances_that_teach_nothing_are_heard_twice_alike(listen, as_feedback):
    few = as_feedback(text=["good", None, "no"], rating=[5, 1, None])
    assert written(listen(few)) == written(listen(few))
    assert listen(few).utterances["aspects"].map(type).eq(list).all()
    assert len(listen(few.head(0)).utterances) == 0


def written(heard):
    figures = (summary.metrics(heard), summary.checks(heard), summary.findings(heard))
    return results.dumps(results.Results("04_feedback", heard.as_of, *figures))
