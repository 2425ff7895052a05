"""Do all four studies give the same figures on every engine, and do only aggregates leave it on the way?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.engines.conftest import source_on

from workbench import churn, feedback, parameters, profiling, segmentation, sources
from workbench.feedback import summary
from workbench.profiling.trust.feeds import HISTORY_DAYS
from workbench.results import Metric

pytestmark = pytest.mark.long
# Both engines add doubles in another order: what is fitted to them may differ by what a solver leaves open.
CHANNELS_AND_KINDS = 12  # of events, the most of any table
TOLERANCE = 1e-6
MOST_QUARANTINED = 50  # rows kept apart leave with their reason; the demo company has few


@dataclass
class Studies:
    """The figures of one engine by notebook, and how many rows each answer brought to Python on the way."""

    figures: dict[str, tuple[Metric, ...]] = field(default_factory=dict)
    fetched: dict[str, list[int]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)  # customers, lines, utterances, rows of the model


Watch = Callable[[list[int]], Any]


@contextmanager
def _unwatched(_: list[int]) -> Iterator[None]:
    yield


@contextmanager
def _postgres_watched(fetched: list[int]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fetchall", "fetchmany", "fetchone"):
            plain = getattr(psycopg.Cursor, name)

            def brought(self: Any, *given: Any, _plain: Any = plain) -> Any:
                rows = _plain(self, *given)
                fetched.append(len(rows) if isinstance(rows, list) else int(rows is not None))
                return rows

            patch.setattr(psycopg.Cursor, name, brought)
        yield


@contextmanager
def _spark_watched(fetched: list[int]) -> Iterator[None]:
    frames = pytest.importorskip("pyspark.sql.classic.dataframe", reason="Spark is not installed").DataFrame
    with pytest.MonkeyPatch.context() as patch:
        for name in ("collect", "toPandas", "toArrow"):
            plain = getattr(frames, name)

            def brought(self: Any, *given: Any, _plain: Any = plain) -> Any:
                found = _plain(self, *given)
                fetched.append(len(found))
                return found

            patch.setattr(frames, name, brought)
        yield


def _studied(source: Path, watch: Watch) -> Studies:
    """Everything the four notebooks compute, on tables that are loaded once."""
    found = Studies()

    def watched(name: str, run: Callable[[], Any]) -> Any:
        with watch(found.fetched.setdefault(name, [])):
            return run()

    given = {"source": str(source), "seed": 1}
    p1 = parameters.ProfilingParameters(**given)
    data = watched("intake", lambda: sources.load(p1))
    profile = watched("profiling", lambda: profiling.profile(data, p1))
    p2 = parameters.SegmentationParameters(**given)
    value = watched("segmentation", lambda: segmentation.results(segmentation.segment(data, p2)))
    leaving = watched("churn", lambda: churn.foresee(data, parameters.ChurnParameters(**given)))
    heard = watched("feedback", lambda: feedback.listen(data, parameters.FeedbackParameters(**given)))
    found.figures = {
        "profiling": profile.results.metrics,
        "segmentation": value.metrics,
        "churn": leaving.metrics,
        "feedback": summary.metrics(heard),
    }
    dataset = leaving.dataset
    found.rows = {
        "customers": int(data.engine.rows("SELECT count(*) FROM pseudonyms")[0][0]),
        "lines": int(data.get("transactions").count().execute()),
        "days": _customer_days(data.get("transactions")),
        "utterances": len(heard.utterances),
        "modelled": len(dataset.labelled) + len(dataset.scored),
    }
    return found


def _customer_days(lines: Any) -> int:
    days = lines.select("customer_id", day=lines.ordered_at.date()).distinct()
    return int(days.count().execute())


@pytest.fixture(scope="module")
def expected(company: Path) -> Studies:
    """What DuckDB makes of the files."""
    return _studied(company / "source.yml", _unwatched)


# Four studies take minutes; what each is made of is compared on every engine in the tests of its room.
@pytest.fixture(scope="module", params=["postgres", "spark"])
def found(request: pytest.FixtureRequest, company: Path) -> Studies:
    """What another engine makes of its own tables."""
    server = request.getfixturevalue(request.param)
    if request.param == "postgres":
        return _studied(source_on(company, server), _postgres_watched)
    return _studied(source_on(company, "spark"), _spark_watched)


@pytest.mark.parametrize("notebook", ["profiling", "segmentation", "churn", "feedback"])
def test_every_figure_is_the_same(notebook: str, found: Studies, expected: Studies) -> None:
    ours, theirs = found.figures[notebook], expected.figures[notebook]
    assert [m.name for m in ours] == [m.name for m in theirs]
    for here, there in zip(ours, theirs, strict=True):
        assert (here.n, here.numerator, here.denominator) == (there.n, there.numerator, there.denominator)
        for name in ("value", "low", "high"):
            one, other = getattr(here, name), getattr(there, name)
            same = one is None if other is None else one == pytest.approx(other, rel=TOLERANCE)
            assert same, (here.name, name, one, other)


def test_of_the_intake_no_answer_is_longer_than_the_list_of_customers(found: Studies) -> None:
    assert found.rows["customers"] < found.rows["lines"]  # else it would say nothing
    assert 0 < max(found.fetched["intake"]) <= found.rows["customers"]


def test_of_segmentation_days_of_customers_leave_and_nothing_longer(found: Studies) -> None:
    """Stages and tiers of thirteen month ends follow from one book of days; lines do not leave."""
    assert found.rows["days"] < found.rows["lines"]
    assert 0 < max(found.fetched["segmentation"]) <= found.rows["days"]


def test_of_profiling_customers_on_two_days_and_counts_by_day_leave(found: Studies) -> None:
    """Tags are looked at twice; feeds are counted by day, channel and kind, however many rows a day has."""
    by_day = HISTORY_DAYS * CHANNELS_AND_KINDS
    assert 0 < max(found.fetched["profiling"]) <= max(2 * found.rows["customers"], by_day)


def test_of_churn_one_row_per_customer_and_cut_off_leaves(found: Studies) -> None:
    assert max(found.fetched["churn"]) <= found.rows["modelled"]


def test_of_feedback_the_utterances_leave_and_nothing_else_as_long(found: Studies) -> None:
    """A text is no sum: what customers wrote is the one table that is read row by row, once."""
    longest = sorted(found.fetched["feedback"], reverse=True)
    assert longest[0] == found.rows["utterances"]
    assert longest[1] <= found.rows["customers"]
