"""Does a study written from the files alone pass every check and give the known figures?"""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from workbench import sources
from workbench.parameters import read_study


@pytest.fixture
def checked(guessed):
    """The data of a guessed study, as `workbench check` loads them."""

    def load(*files) -> sources.Canonical:
        study = read_study(guessed(*files).study_path)
        for notebook in study.notebooks:
            study.parameters_of(notebook, None)
        return sources.load(study.parameters_of("01_profiling", None), undated_as_of=date(2024, 6, 30))

    return load


def test_online_retail_ends_at_its_known_figures_by_guess_alone(checked, shared_data):
    data = checked(shared_data / "online_retail" / "online_retail.csv.gz")
    whole = data.totals["transactions"].whole
    assert whole.rows["in"] == 541_909
    assert whole.rows["used"] == 397_884
    assert whole.rows["quarantined"] == 0
    assert whole.customers["used"] == 4_338
    assert whole.revenue["in"] == Decimal("9747747.934")
    assert whole.revenue["used"] == Decimal("8911407.904")
    steps = {step.name: step for step in data.totals["transactions"].whole_steps}
    assert list(steps) == ["without_customer", "cancellations", "without_price"]
    assert steps["without_customer"].kind == "excluded"
    assert steps["without_customer"].rows == 135_080


def test_telco_uses_every_contract_by_guess_alone(checked, shared_data):
    data = checked(shared_data / "telco_churn" / "WA_Fn-UseC_-Telco-Customer-Churn.csv")
    assert data.totals["subscriptions"].whole.rows["used"] == 7_043
    churned = data.get("subscriptions").churned.sum().execute()
    assert churned == 1_869
    assert "Contract" in data.attributes("subscriptions")
    assert "TotalCharges" in data.attributes("subscriptions")


def test_cdnow_sums_to_its_published_total_by_guess_alone(checked, shared_data):
    data = checked(shared_data / "cdnow" / "CDNOW_master.txt")
    whole = data.totals["transactions"].whole
    assert (whole.rows["used"], whole.customers["used"]) == (69_659, 23_570)
    assert whole.revenue["used"] == Decimal("2500315.63")
    assert data.latest == date(1998, 6, 30)


def test_a_chinese_export_in_gb18030_runs_by_guess_alone(checked, save):
    n = 300
    frame = pd.DataFrame(
        {
            "订单编号 ": [f"D{i // 2:06d}" for i in range(n)],
            "下单时间": pd.date_range("2024-01-03", periods=n, freq="11h").strftime("%Y-%m-%d %H:%M:%S"),
            "会员号": [f"{i % 41:07d}" if i % 10 else "" for i in range(n)],
            "手机号": [f"138{i:08d}" for i in range(n)],
            "实付金额（元）": [f"￥1,{i:03d}.50" for i in range(n)],
        }
    )
    reviews = pd.DataFrame(
        {
            "会员ID": [f"{i % 41:07d}" for i in range(80)],
            "评价时间": pd.date_range("2024-01-05", periods=80, freq="40h").strftime("%Y/%m/%d %H:%M"),
            "评价内容": [f"第{i}次买了，包装很好，下次再来" for i in range(80)],
            "评分": [1 + i % 5 for i in range(80)],
        }
    )
    data = checked(save(frame, "订单.csv", "gb18030"), save(reviews, "评价.csv", "gb18030"))
    totals = data.totals["transactions"].whole
    assert totals.rows == {"in": 300, "used": 270, "excluded": 30, "quarantined": 0}
    assert totals.revenue["in"] == sum(Decimal(f"1{i:03d}.50") for i in range(n))
    assert data.totals["feedback"].whole.rows["used"] == 80
