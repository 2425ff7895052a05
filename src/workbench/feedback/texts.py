"""Utterances as the room reads them: cleaned texts, a key per text, blanks told from words."""

import html
import re
import unicodedata

import pandas as pd

# Control characters, invisible formatting (U+FEFF, zero-width), halves of broken pairs.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean(text: str) -> str:
    """`text` with full-width forms made half-width (NFKC), entities read, invisible characters gone.

    White space of any kind becomes single blanks. The result of a second call is the same.

    Source: Unicode Standard Annex #15 (normalisation form KC).
    """
    spaced = " ".join(unicodedata.normalize("NFKC", html.unescape(text)).split())
    if spaced.isprintable():  # nearly every text: nothing to look for
        return spaced
    visible = "".join(mark for mark in spaced if unicodedata.category(mark) not in INVISIBLE)
    return " ".join(visible.split())


def key_of(text: str) -> str:
    """What two utterances share that say the same: letters and digits alone, in one case.

    An utterance of marks only (an emoji) is its own key.
    """
    folded = text.casefold()
    return re.sub(r"[\W_]+", "", folded) or folded


def read_utterances(feedback: pd.DataFrame) -> pd.DataFrame:
    """The feedback table with its texts cleaned, in an order that ids have no part in.

    Parameters
    ----------
    feedback : pandas.DataFrame
        The canonical table: one row per utterance or answer.

    Returns
    -------
    pandas.DataFrame
        The same rows with `text` cleaned ("" where nothing was written), `key` (see `key_of`) and
        `speaker` (the customer; the utterance itself where the customer is not known).
    """
    written = feedback["text"].astype(object).where(feedback["text"].notna(), "")
    cleaned = written.map({text: clean(text) for text in written.unique()})
    frame = feedback.assign(text=cleaned)
    frame["key"] = cleaned.map({text: key_of(text) for text in cleaned.unique()})
    frame["speaker"] = frame["customer_id"].fillna(frame["feedback_id"])
    by = ["text", "rating", "nps", "label", "given_at", "channel", "product_id", "customer_id", "feedback_id"]
    return frame.sort_values(by, kind="stable", ignore_index=True)
