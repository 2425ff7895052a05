"""Is what a notebook hands on exact, readable again, and written whole or not at all?"""

import dataclasses
import json
import os
from datetime import date
from decimal import Decimal
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import language, results
from workbench.language import again, say
from workbench.results import Check, Finding, Metric, Missing, Results

AS_OF = date(2026, 10, 31)
WHOLE = Results(
    "01_profiling",
    AS_OF,
    metrics=(
        Metric("one_time_buyer_rate", 0.5, n=2, numerator=1, denominator=2, low=0.09, high=0.91),
        Metric("gini", 0.6346, n=23570, low=0.62, high=0.65),
        Metric("revenue_in", None, reason="no “transactions” table is mapped"),
    ),
    checks=(Check("few_quarantined", True, {"bad": 3, "rows": 1000, "limit": 0.005}),),
    findings=(Finding("profiling.finding_one_time", {"share": 0.5, "once": 1, "n": 2}),),
)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(results.OUT_VARIABLE, str(tmp_path / "out"))
    return tmp_path / "out"


def test_results_are_read_back_as_they_were_written():
    assert results.loads(results.dumps(WHOLE)) == WHOLE


def test_results_are_the_same_text_twice():
    assert results.dumps(WHOLE) == results.dumps(results.loads(results.dumps(WHOLE)))


def test_results_have_the_keys_of_the_contract():
    written = json.loads(results.dumps(WHOLE))
    assert list(written) == ["notebook", "as_of", "metrics", "checks", "findings"]
    assert (written["notebook"], written["as_of"]) == ("01_profiling", "2026-10-31")
    rate, gini, revenue = written["metrics"]
    assert list(rate) == ["name", "value", "unit", "n", "numerator", "denominator", "low", "high"]
    assert (rate["unit"], rate["numerator"], rate["denominator"]) == ("share", 1, 2)
    assert gini == {"name": "gini", "value": 0.6346, "unit": "ratio", "n": 23570, "low": 0.62, "high": 0.65}
    assert revenue["value"] is None
    assert revenue["reason"] == "no “transactions” table is mapped"
    assert written["checks"][0]["detail"] == (
        "3 of 1,000 rows of all tables break the schema and were quarantined; up to 0.5% is tolerated."
    )
    assert written["findings"] == [
        {"code": "profiling.finding_one_time", "values": {"share": 0.5, "once": 1, "n": 2}}
    ]


@given(
    st.floats(-1e300, 1e300),
    st.integers(0, 10**9),
    st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(), max_size=4),
)
def test_any_figures_survive_the_round_trip(value, n, values):
    given_ = Results("x", AS_OF, (Metric("gini", value, n=n),), findings=(Finding("a.b", values),))
    read = results.loads(results.dumps(given_))
    # Ten significant digits are kept: sums of floats differ beyond them with the order of threads.
    assert read.metrics[0].value == pytest.approx(value, rel=1e-9)
    assert (read.metrics[0].n, read.findings) == (n, given_.findings)


def test_the_last_digits_of_a_sum_do_not_reach_the_file():
    one, other = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert one != other
    assert results.dumps(Results("x", AS_OF, (Metric("gini", one),))) == results.dumps(
        Results("x", AS_OF, (Metric("gini", other),))
    )


def test_values_of_every_library_are_written_as_plain_json():
    values = {
        "float": np.float32(0.5),
        "integer": np.int64(3),
        "truth": np.bool_(True),
        "day": AS_OF,
        "time": pd.Timestamp("2026-10-31 12:00"),
        "day64": np.datetime64("2026-10-31"),
        "money": Decimal("1.5"),
        "list": (1, np.int64(2), [None]),
        "inner": {"a": np.float64(0.25)},
        "nothing": [float("nan"), float("inf"), pd.NaT, pd.NA, None],
    }
    found = json.loads(results.dumps(Results("x", AS_OF, findings=(Finding("a.b", values),))))
    assert found["findings"][0]["values"] == {
        "float": 0.5,
        "integer": 3,
        "truth": True,
        "day": "2026-10-31",
        "time": "2026-10-31T12:00:00",
        "day64": "2026-10-31",
        "money": 1.5,
        "list": [1, 2, [None]],
        "inner": {"a": 0.25},
        "nothing": [None] * 5,
    }


def test_a_check_of_a_library_s_truth_is_a_truth():
    written = json.loads(results.dumps(Results("x", AS_OF, checks=(_check(np.bool_(False)),))))
    assert written["checks"][0]["passed"] is False


def _check(passed):
    return Check("few_quarantined", passed, {"bad": 0, "rows": 1, "limit": 0.005})


def test_the_interval_of_a_rate_is_wilson_s():
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I: 81 of 263 and 15 of 148.
    for numerator, denominator, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)):
        rate = results.rate("one_time_buyer_rate", numerator, denominator)
        assert rate.value == numerator / denominator
        assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)  # printed to four digits


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_a_rate_solves_wilson_s_equation(counts):
    k, n = counts
    rate, z = results.rate("one_time_buyer_rate", k, n), 1.959963984540054
    centre, half = (k + z**2 / 2) / (n + z**2), z * sqrt(k * (n - k) / n + z**2 / 4) / (n + z**2)
    assert (rate.low, rate.high) == pytest.approx((centre - half, centre + half), abs=1e-12)  # same formula
    assert rate.low - 1e-12 <= rate.value <= rate.high + 1e-12


def test_a_rate_of_nothing_is_missing_with_a_reason():
    rate = results.rate("one_time_buyer_rate", 0, 0)
    assert (rate.value, rate.n, rate.reason) == (None, 0, "no unit to count")


def test_a_figure_that_is_not_defined_is_missing_with_a_reason():
    for value in (float("nan"), float("inf"), np.float64("nan")):
        metric = Metric("gini", value, n=1)
        assert (metric.value, metric.reason) == (None, "not defined for these data")
    assert results.loads(results.dumps(Results("x", AS_OF, (metric,)))).metrics == (metric,)


def test_a_missing_figure_without_a_reason_is_an_error():
    with pytest.raises(ValueError, match=r"^metric gini: a value that is missing needs a reason$"):
        Metric("gini", None)


def test_a_figure_that_the_dictionary_does_not_hold_is_an_error():
    with pytest.raises(KeyError, match="gni"):
        Metric("gni", 0.5)


def test_words_follow_the_language_that_is_spoken_when_they_are_read():
    why = Missing("missing.table", {"table": "tickets", "section": "x"})
    check = _check(True)
    english = (why.reason, check.detail)
    with language.speaking("zh"):
        chinese = (why.reason, check.detail)
    assert english[0] == "no “tickets” table is mapped; left out: x"
    assert chinese[0] == "未映射“tickets”表；从略：x"
    assert english[1] != chinese[1]


def test_results_and_tables_are_saved_where_the_run_says(out):
    table = pd.DataFrame({"customer_id": ["a"], "tags": [["x", "y"]]})
    results.save(WHOLE, {"portrait": table})
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert files == ["results/01_profiling.json", "tables/portrait.parquet"]
    assert results.loads((out / files[0]).read_text(encoding="utf-8")) == WHOLE
    read = pd.read_parquet(out / files[1])
    assert read.customer_id.tolist() == ["a"]
    assert list(read.tags[0]) == ["x", "y"]


def test_an_analyst_s_drafts_go_into_the_cache(tmp_path, monkeypatch):
    monkeypatch.delenv(results.OUT_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert results.out_folder() == tmp_path / "workbench" / "draft"


def test_the_same_results_are_the_same_bytes(tmp_path, monkeypatch):
    table = pd.DataFrame({"customer_id": ["a", "b"], "revenue": [0.1, 2.5]})
    files = []
    for name in ("one", "two"):
        monkeypatch.setenv(results.OUT_VARIABLE, str(tmp_path / name))
        results.save(WHOLE, {"portrait": table})
        files.append(
            [
                (tmp_path / name / f).read_bytes()
                for f in ("results/01_profiling.json", "tables/portrait.parquet")
            ]
        )
    assert files[0] == files[1]


def test_a_reader_never_sees_half_a_file(out, monkeypatch):
    """At each rename the old file is whole, and the figures are the last to come."""
    results.save(WHOLE, {"portrait": pd.DataFrame({"customer_id": ["old"]})})
    seen: list[tuple[str, list[str]]] = []
    rename = Path.replace

    def look(self, target):
        seen.append((target.name, pd.read_parquet(out / "tables/portrait.parquet").customer_id.tolist()))
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", look)
    results.save(WHOLE, {"portrait": pd.DataFrame({"customer_id": ["new"]})})
    assert seen == [("portrait.parquet", ["old"]), ("01_profiling.json", ["new"])]


def test_a_table_that_can_not_be_written_leaves_the_old_files_and_no_mark_of_an_end(out):
    good = pd.DataFrame({"customer_id": ["old"]})
    results.save(Results("02_segmentation", AS_OF), {"value": good})
    bad = pd.DataFrame({"customer_id": [1, "a", object()]}, dtype=object)
    with pytest.raises(Exception, match=r"(?i)object|convert|bytes"):
        results.save(WHOLE, {"value": bad})
    assert pd.read_parquet(out / "tables/value.parquet").customer_id.tolist() == ["old"]
    assert not (out / "results/01_profiling.json").exists()
    assert os.listdir(out / "results") == ["02_segmentation.json"]


LEDGER = results.Block(
    "report.findings",
    (("report.table", ""), ("report.value", "currency")),
    ((say("report.none"), 1.5), ("2026-10", None)),
    Finding("report.as_of", {"as_of": "2026-10-31"}),
)


def test_blocks_are_read_back_and_say_themselves_in_any_language():
    with_block = dataclasses.replace(WHOLE, blocks=(LEDGER,))
    read = results.loads(results.dumps(with_block))
    assert read == with_block
    with language.speaking("zh"):
        assert again(read.blocks[0].rows[0][0]) == "无"
        assert read.blocks[0].note.text == "数据截至2026年10月31日"


def test_results_without_blocks_do_not_mention_them():
    assert "blocks" not in json.loads(results.dumps(WHOLE))


def test_a_block_with_an_uneven_row_is_refused():
    with pytest.raises(ValueError, match=r"^block a\.b: 1 of 2 rows have not 1 values$"):
        results.Block("a.b", (("a.c", ""),), ((1,), (1, 2)))


def test_a_reason_is_said_again_in_the_language_of_the_reader():
    section = say("report.quality")
    absent = Missing("missing.table", {"table": "tickets", "section": section})
    metric = Metric("gini", None, reason=absent.reason)
    written = results.dumps(Results("x", AS_OF, (metric,)))
    assert json.loads(written)["metrics"][0]["why"] == {
        "code": "missing.table",
        "values": {"table": "tickets", "section": "Data quality"},
        "words": {"section": {"code": "report.quality", "values": {}}},
    }
    read = results.loads(written).metrics[0]
    assert (read, read.why) == (metric, "no “tickets” table is mapped; left out: Data quality")
    with language.speaking("zh"):
        assert read.why == "未映射“tickets”表；从略：数据质量"


def test_words_inside_checks_and_findings_are_said_again_too():
    values = {"table": "tickets", "section": say("report.quality")}
    given_ = Results("x", AS_OF, checks=(_check(True),), findings=(Finding("missing.table", values),))
    read = results.loads(results.dumps(given_))
    with language.speaking("zh"):
        assert read.findings[0].text == "未映射“tickets”表；从略：数据质量"


def test_results_of_before_there_were_codes_keep_their_text():
    old = results.dumps(Results("x", AS_OF, (Metric("gini", None, reason="too few"),)))
    assert "why" not in json.loads(old)["metrics"][0]
    with language.speaking("zh"):
        assert results.loads(old).metrics[0].why == "too few"
