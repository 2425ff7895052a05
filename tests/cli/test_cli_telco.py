"""Does the whole report give the known figures of the Telco data: contracts, no orders, no dates?"""

from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = [pytest.mark.run, pytest.mark.long]


@pytest.fixture(scope="module")
def report(published, shared_data, tmp_path_factory) -> Any:
    folder: Path = tmp_path_factory.mktemp("telco")
    study = {
        "study": "telco",
        "title": "Telco",
        "currency": "USD",
        "source": "source.yml",
        "notebooks": {name: {} for name in ("01_profiling", "02_segmentation", "03_churn", "04_feedback")},
    }
    contracts = {
        "from": str(shared_data / "telco_churn" / "WA_Fn-UseC_-Telco-Customer-Churn.csv"),
        "columns": {
            "customer_id": "customerID",
            "churned": "Churn",
            "tenure_months": "tenure",
            "monthly_fee": "MonthlyCharges",
        },
        "attributes": "all",
    }
    tables = {"tables": {"subscriptions": contracts}}
    (folder / "source.yml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    (folder / "study.yml").write_text(yaml.safe_dump(study), encoding="utf-8")
    return published(folder / "study.yml")


def test_everything_that_is_promised_is_there(report):
    report.check_promises()


def test_every_contract_is_used(report):
    assert report.value("01_profiling", "rows_used") == 7_043
    assert report.value("03_churn", "base_rate") == pytest.approx(1_869 / 7_043, rel=1e-9)


def test_churn_is_ranked_as_well_as_in_public_work_and_no_better(report):
    # Public work on this file reports 0.84 to 0.85; above 0.87 something has leaked.
    assert 0.840 < report.value("03_churn", "auc") < 0.870
    assert 0.840 < report.value("03_churn", "auc_logistic") < 0.870
    assert report.value("03_churn", "auc_naive") < report.value("03_churn", "auc")


def test_what_needs_orders_is_told_to_be_missing(report):
    for notebook, name in (("01_profiling", "gini"), ("02_segmentation", "expected_value_total")):
        metric = report.metrics(notebook)[name]
        assert metric["value"] is None
        assert metric["reason"].startswith("no “transactions” table is mapped; left out: ")
    assert len(report.table("value")) == 0
    assert len(report.table("churn")) == 7_043
