"""Does the whole report work on the demo company in Chinese, and does it find what was put in?"""

import json
import re
from pathlib import Path

import pytest
from tests.cli.conftest import Report
from tests.conftest import DEMO_CUSTOMERS

pytestmark = pytest.mark.run

NOTEBOOKS = ("01_profiling", "02_segmentation", "03_churn", "04_feedback")


@pytest.fixture(scope="module")
def report(demo_run) -> Report:
    return Report(demo_run)


def test_everything_that_is_promised_is_there(report):
    report.check_promises()


def test_totals_balance(report):
    value = {name: metric["value"] for name, metric in report.metrics("01_profiling").items()}
    parts = ("used", "excluded", "quarantined")
    assert value["rows_in"] == sum(value[f"rows_{part}"] for part in parts)
    # Money of two decimals below ten million is exact to the cent in a float.
    assert value["revenue_in"] == pytest.approx(sum(value[f"revenue_{p}"] for p in parts), abs=0.005)
    portrait = report.table("portrait")  # whoever is known to any table, not buyers alone
    assert (portrait["n_orders"] > 0).sum() <= value["customers"] <= len(portrait) <= DEMO_CUSTOMERS


def test_the_purchase_model_beats_the_naive_rule_on_held_back_orders(report):
    assert report.value("02_segmentation", "holdout_mae") < report.value(
        "02_segmentation", "holdout_mae_naive"
    )
    ratio = report.value("02_segmentation", "holdout_orders_expected") / report.value(
        "02_segmentation", "holdout_orders_actual"
    )
    assert 0.7 < ratio < 1.4  # some 200 orders of a thousand customers: the sum has noise of a tenth
    value = report.table("value")
    assert value["expected_value"].sum() == pytest.approx(
        report.value("02_segmentation", "expected_value_total")
    )
    assert (value["expected_value_low"] <= value["expected_value_high"]).all()


def test_churn_is_told_better_than_by_chance_and_not_too_well_to_be_true(report):
    assert 0.55 < report.value("03_churn", "auc") < 0.95
    assert 0.0 < report.value("03_churn", "base_rate") < 1.0
    assert report.table("churn")["churn_probability"].between(0, 1).all()


def test_sentiment_beats_the_commonest_label(report):
    accuracy = report.metrics("04_feedback")["sentiment_accuracy"]
    assert accuracy["value"] > report.value("04_feedback", "sentiment_accuracy_naive")
    assert accuracy["numerator"] <= accuracy["denominator"]
    assert report.table("feedback")["language"].mode()[0] == "zh"


def test_every_page_speaks_chinese(report):
    for name in ("index", *NOTEBOOKS):
        page = report.text(f"{name}.html")
        assert '<html lang="zh-Hans">' in page
        title = re.search(r"<h1[^>]*>(.*?)</h1>", page)
        assert title is not None
        assert re.search(r"[\u4e00-\u9fff]", title[1])


def test_customers_stand_under_pseudonyms(report):
    for table in ("portrait", "value", "churn"):
        assert report.table(table)["customer_id"].str.fullmatch(r"c-[a-z2-7]{16}").all(), table
    orders = (report.folder.parents[3] / "customers.csv").read_text("utf-8").splitlines()
    one = orders[1].split(",")[0]
    for path in Path(report.folder).rglob("*"):
        if path.suffix in (".html", ".json", ".ipynb", ".log"):
            assert one not in path.read_text("utf-8"), path.name


def test_the_first_page_says_what_is_to_be_decided(report):
    asked = [
        finding["code"]
        for name in NOTEBOOKS
        for finding in json.loads(report.text(f"results/{name}.json"))["findings"]
        if finding["code"].startswith("decide.")
    ]
    assert {"decide.win_back", "decide.contact"} <= set(asked)
    page = report.text("index.html")
    assert "待决策事项" in page
    assert page.count("位正在流失的优质客户") == 1
