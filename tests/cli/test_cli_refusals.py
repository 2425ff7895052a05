"""Is every mistake answered by one message and exit code 2, before anything is written?"""

from pathlib import Path
from typing import Any

import pytest
import yaml

ORDERS = """\
CustomerID,InvoiceNo,InvoiceDate,Amount,Town
17850,1,2026-09-03 10:00:00,10.00,Oslo
17850,2,2026-10-05 10:00:00,12.00,Rome
13047,3,2026-10-31 11:00:00,8.50,Bonn
"""
COLUMNS = {
    "customer_id": "CustomerID",
    "order_id": "InvoiceNo",
    "ordered_at": "InvoiceDate",
    "amount": "Amount",
}
STUDIED = "01_profiling, 03_churn"
OWN = "active_days, basis, cutoffs, high_risk, horizon_days"


def write_study(folder: Path, *, churn: dict[str, Any] | None = None, **changed: Any) -> Path:
    """A study file of two notebooks."""
    content = {
        "study": "shop",
        "title": "Shop",
        "source": "source.yml",
        "notebooks": {"01_profiling": {}, "03_churn": churn or {}},
    }
    (folder / "study.yml").write_text(yaml.safe_dump(content | changed), encoding="utf-8")
    return folder / "study.yml"


def write_source(folder: Path, file: str = "orders.csv", table: str = "transactions", **changed: str) -> None:
    """A source file with the columns of the orders, some of them changed."""
    columns = COLUMNS | changed if table == "transactions" else {"customer_id": "CustomerID"}
    content = {"tables": {table: {"from": file, "columns": columns}}}
    (folder / "source.yml").write_text(yaml.safe_dump(content), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study, its source and its orders, all in order."""
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    write_source(tmp_path)
    write_study(tmp_path)
    return tmp_path


def refused(console: Any, folder: Path, *options: str, study: str = "study.yml") -> str:
    """The message of a refused run; nothing but the message may have come of it."""
    before = sorted(folder.rglob("*"))
    done = console("run", folder / study, "--archive", folder / "archive", *options)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert sorted(folder.rglob("*")) == before
    return str(done.err).removesuffix("\n").replace(str(folder), "HERE")


def test_a_missing_study_file(console, folder):
    assert refused(console, folder, study="shop.yml") == (
        "HERE/shop.yml: the study file must be a file that exists; got no such file. "
        "In that folder there are: source.yml, study.yml."
    )


def test_a_missing_source_file(inside, folder):
    write_study(folder, source="sources.yml")
    assert refused(inside, folder) == (
        "HERE/sources.yml: the source file must be a file that exists; got no such file. "
        "Give a path that is right from this folder or from one above it."
    )


def test_a_missing_data_file(inside, folder):
    write_source(folder, "order.csv")
    assert refused(inside, folder) == (
        "HERE/source.yml: tables.transactions.from: the path must be a file or glob that exists; "
        "got 'order.csv'. Did you mean 'orders.csv'?"
    )


def test_a_misspelled_column(inside, folder):
    write_source(folder, ordered_at="InvoiceDat")
    assert refused(inside, folder) == (
        "HERE/source.yml: tables.transactions.columns.ordered_at: the column must be one that the file has; "
        "got 'InvoiceDat'. Did you mean 'InvoiceDate'?"
    )


def test_a_column_of_towns_taken_for_dates(inside, folder):
    write_source(folder, ordered_at="Town")
    assert refused(inside, folder) == (
        "HERE/source.yml: tables.transactions: rows that break the schema must be at most 1.0% of 3; "
        "got 3 (100.0%): unreadable ordered_at: 3. "
        "Correct the mapping, exclude them by a rule, or raise max_bad_rows."
    )


def test_rules_of_a_companys_own_that_are_malformed(inside, folder):
    write_study(folder, notebooks={"02_segmentation": {"tier_rules": {"window": 365}}})
    assert refused(inside, folder) == (
        "tier rules: a key must be one of keep_share, review_months, tiers, value, window_days; "
        "got 'window'. Did you mean 'window_days'?"
    )


def test_a_source_without_any_table_to_study(inside, folder):
    write_source(folder, table="customers")
    assert refused(inside, folder) == (
        "HERE/source.yml: tables: the mapped tables must be at least one of "
        "transactions, subscriptions, feedback; got customers. Map one of them."
    )


@pytest.mark.parametrize(
    ("churn", "message"),
    [
        (
            {"horizon_day": 60},
            f"horizon_day must be one of {OWN}; got 'horizon_day'. Did you mean 'horizon_days'?",
        ),
        (
            {"horizon_days": "soon"},
            "horizon_days must be a valid integer, unable to parse string as an integer; got 'soon'. "
            "Correct the value.",
        ),
        (
            {"horizon_days": 3},
            "horizon_days must be greater than or equal to 7; got 3. Correct the value.",
        ),
    ],
    ids=["unknown", "wrong type", "out of range"],
)
def test_a_parameter_that_breaks_a_rule(inside, folder, churn, message):
    write_study(folder, churn=churn)
    assert refused(inside, folder) == f"HERE/study.yml: notebooks.03_churn.{message}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--set", "03_churn.horizon_day=60"),
            f"HERE/study.yml: notebooks.03_churn.horizon_day must be one of {OWN}; got 'horizon_day'. "
            "Did you mean 'horizon_days'?",
        ),
        (
            ("--set", "3_churn.horizon_days=60"),
            f"--set: the notebook must be one of {STUDIED}; got '3_churn'. Did you mean '03_churn'?",
        ),
        (
            ("--set", "horizon_days 60"),
            "--set: an override must be notebook.parameter=value; got 'horizon_days 60'. "
            "As in 03_churn.horizon_days=60.",
        ),
        (
            ("--as-of", "2011-13-45"),
            "--as-of: the as-of date must be a date YYYY-MM-DD or a month YYYY-MM; got '2011-13-45'. "
            "Write it as in 2026-10-31.",
        ),
        (
            ("--as-of", ""),
            "--as-of: the as-of date must be a date YYYY-MM-DD or a month YYYY-MM; got ''. "
            "Write it as in 2026-10-31.",
        ),
        (
            ("--notebooks", "03_chrun"),
            f"HERE/study.yml: the notebook must be one of {STUDIED}; got '03_chrun'. "
            "Did you mean '03_churn'?",
        ),
        (
            ("--notebooks", " ,"),
            "--notebooks: the value must be names or numbers; got ' ,'. As in 01,03.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_option_that_breaks_a_rule(inside, folder, options, message):
    assert refused(inside, folder, *options) == message


def test_an_unknown_notebook_in_the_study(inside, folder):
    write_study(folder, notebooks={"03_chrun": {}})
    assert refused(inside, folder) == (
        "HERE/study.yml: notebooks.03_chrun must be one of "
        "01_profiling, 02_segmentation, 03_churn, 04_feedback; got '03_chrun'. Did you mean '03_churn'?"
    )


def test_a_file_in_place_of_the_archive(inside, folder):
    (folder / "archive").touch()
    assert refused(inside, folder) == (
        "HERE/archive: the archive must be a folder one can write to; got Not a directory. "
        "Choose another folder."
    )


def test_a_backfill_from_the_later_month_to_the_earlier_one(inside, folder):
    done = inside("backfill", folder / "study.yml", "--from", "2026-10", "--to", "2026-09")
    assert (done.code, done.out) == (2, "")
    assert done.err == "backfill: --from must be not later than --to; got 2026-10 and 2026-09. Swap them.\n"


@pytest.mark.parametrize("verb", ["list", "verify"])
def test_an_archive_that_is_not_there(inside, folder, verb):
    done = inside("archive", verb, "--archive", folder / "archive")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"{folder / 'archive'}: the archive must be a folder that exists; got no such folder. "
        "Give the folder with --archive.\n"
    )


def test_check_refuses_what_run_refuses(inside, folder):
    write_source(folder, ordered_at="Town")
    done = inside("check", folder / "study.yml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{folder}/source.yml: tables.transactions: rows that break the schema must")
