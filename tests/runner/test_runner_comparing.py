"""Does a notebook get what the last earlier report handed on, and does its run follow from that too?"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from workbench.runner import run
from workbench.runner.comparing import comparing

KEEPS = """\
import pathlib
import pandas as pd
from workbench.results import earlier
found = earlier("column_bins")
folder = pathlib.Path(os.environ["WORKBENCH_OUT"]) / "tables"
seen = 0 if found is None else int(found.seen.max()) + 1
pd.DataFrame({"seen": [seen]}).to_parquet(folder / "column_bins.parquet")"""


@pytest.fixture
def month(tmp_path, plan, step, hand_over):
    """A run of that month; its notebook counts the reports before it."""

    def made(number):
        one = step(tmp_path, "01_profiling", hand_over, KEEPS)
        whole = plan(tmp_path, [one], f"2026{number:02d}01T060000Z-aaaaa{number % 10}")
        clock = datetime(2026, number, 20, tzinfo=UTC)
        return replace(whole, as_of=date(2026, number, 28), clock=lambda: clock)

    return made


def test_a_notebook_reads_the_table_of_the_last_earlier_report(month):
    seen = []
    for number in (5, 6, 8):  # July was never reported
        planned = month(number)
        assert run(planned, tell=lambda _: None).state == "published"
        seen.append(int(pd.read_parquet(planned.place / "tables" / "column_bins.parquet").seen.iloc[0]))
    assert seen == [0, 1, 2]


def test_another_earlier_table_is_another_key(month, tmp_path):
    planned = month(6)
    folder = tmp_path / "archive" / "tiny" / "2026-05" / "one"
    keys = [comparing(planned, months).steps[0].execution["key"] for months in ([], [folder])]
    (folder / "tables").mkdir(parents=True)
    for content in (b"one", b"two"):
        (folder / "tables" / "column_bins.parquet").write_bytes(content)
        keys.append(comparing(planned, [folder]).steps[0].execution["key"])
    without, none, one, two = keys
    assert without == none
    assert len({none, one, two}) == 3
