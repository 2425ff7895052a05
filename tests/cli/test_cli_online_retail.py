"""Does the whole report give the known figures of Online Retail (UCI 352), which has no feedback?"""

from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.run

LARGEST = 3_000_000  # bytes of a page


@pytest.fixture(scope="module")
def report(published, shared_data, tmp_path_factory) -> Any:
    folder: Path = tmp_path_factory.mktemp("retail")
    study = {
        "study": "online-retail",
        "title": "Online Retail",
        "currency": "GBP",
        "timezone": "Europe/London",
        "source": "source.yml",
        "notebooks": {name: {} for name in ("01_profiling", "02_segmentation", "03_churn", "04_feedback")},
    }
    orders = {
        "from": str(shared_data / "online_retail" / "online_retail.csv.gz"),
        "columns": {
            "customer_id": "CustomerID",
            "order_id": "InvoiceNo",
            "ordered_at": "InvoiceDate",
            "amount": "Quantity * UnitPrice",
            "quantity": "Quantity",
            "product_id": "StockCode",
            "product_name": "Description",
        },
        "where": "CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0",
    }
    (folder / "source.yml").write_text(yaml.safe_dump({"tables": {"transactions": orders}}), encoding="utf-8")
    (folder / "study.yml").write_text(yaml.safe_dump(study), encoding="utf-8")
    return published(folder / "study.yml", "--as-of", "2011-11-30")


def test_everything_that_is_promised_is_there(report):
    report.check_promises()


def test_the_rows_of_the_last_complete_month_are_counted(report):
    assert report.value("01_profiling", "rows_used") == 380_580
    assert report.value("01_profiling", "rows_quarantined") == 0


def test_the_page_reconciles_with_the_whole_source(report):
    page = report.text("01_profiling.html")
    # Lines, customers and revenue of the usual base of this data set, to the last digit.
    for figure in ("397,884", "4,338", "8,911,407.904"):
        assert figure in page


def test_nothing_after_the_as_of_day_is_seen(report):
    portrait = report.table("portrait")
    assert portrait["last_order_at"].max().date().isoformat() <= "2011-11-30"
    assert portrait["days_since_last_order"].min() >= 0
    assert str(portrait["last_order_at"].dt.tz) == "Europe/London"


def test_models_stand_beside_their_naive_rules(report):
    segmentation, churn = report.metrics("02_segmentation"), report.metrics("03_churn")
    assert segmentation["holdout_mae"]["value"] < segmentation["holdout_mae_naive"]["value"]
    # Nobody announces in this shop that she leaves: a ranking close to perfect would have seen the future.
    assert 0.5 < churn["auc_naive"]["value"] < churn["auc"]["value"] < 0.85


def test_a_table_that_is_not_mapped_is_told_and_the_run_goes_on(report):
    metric = report.metrics("04_feedback")["n_utterances"]
    assert metric["value"] is None
    assert metric["reason"] == "no “feedback” table is mapped; left out: feedback and satisfaction"
    assert metric["reason"] in report.text("04_feedback.html").replace("<code>", "`").replace("</code>", "`")
    assert len(report.table("feedback")) == len(report.table("satisfaction")) == 0


def test_no_page_is_too_large_to_mail(report):
    sizes = {page.name: page.stat().st_size for page in report.folder.glob("*.html")}
    assert len(sizes) == 5
    assert max(sizes.values()) <= LARGEST, sizes
