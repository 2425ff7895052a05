"""The review trail of a run: one line per verdict, in a file beside the run, only ever added to."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from workbench.store import Store

VERDICTS = ("approved", "rejected", "withdrawn")
SUFFIX = ".reviews.jsonl"


@dataclass(frozen=True)
class Review:
    """One verdict.

    Attributes
    ----------
    at : str
        UTC, ISO 8601.
    by : str
        The reviewer's name as given.
    manifest_sha256 : str
        Of the manifest of the run as the reviewer saw it; the manifest holds the hash of every other file.
    """

    at: str
    by: str
    verdict: str
    note: str
    manifest_sha256: str


def trail_name(study: str, period: str, run_id: str) -> str:
    """The trail's file in the archive."""
    return f"{study}/{period}/{run_id}{SUFFIX}"


def read_trail(content: bytes) -> tuple[list[Review], list[str]]:
    """The reviews of a trail, oldest first, and what is wrong with its other lines."""
    reviews, faults = [], []
    for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), start=1):
        if not line:
            continue
        try:
            review = Review(**json.loads(line))
            if review.verdict not in VERDICTS or not all(isinstance(v, str) for v in asdict(review).values()):
                raise ValueError
            reviews.append(review)
        except (TypeError, ValueError):
            faults.append(f"line {number} of the review trail cannot be read")
    return reviews, faults


def add_review(store: Store, trail: str, review: Review) -> None:
    """Add one line to a trail."""
    store.append_line(trail, json.dumps(asdict(review), ensure_ascii=False))


def last_verdict(reviews: Sequence[Review], digest: str) -> Review | None:
    """The verdict in force on a run whose manifest has the hash `digest`."""
    return next((one for one in reversed(reviews) if one.manifest_sha256 == digest), None)
