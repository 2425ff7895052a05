"""The study as a whole: promised columns, agreement of its parts, and what happens when data are missing."""

import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from workbench import results, segmentation
from workbench.errors import WorkbenchError
from workbench.parameters import SegmentationParameters
from workbench.results import Missing
from workbench.segmentation.layers.scheme import CLASSES as RFM_CLASSES
from workbench.segmentation.layers.scheme import SEGMENTS
from workbench.segmentation.result import VALUE_COLUMNS
from workbench.segmentation.value.score import CLASSES
from workbench.segmentation.wording import without_small_cells

PROMISED_METRICS = {
    "purchase_model_log_likelihood",
    "holdout_orders_actual",
    "holdout_orders_expected",
    "holdout_mae",
    "holdout_mae_naive",
    "expected_value_total",
}


# Checks that a base of eighteen months with many thresholds in motion can not pass.
YOUNG = {
    "tiers_window_whole",
    "tiers_floors_settled",
    "lifecycle_lost_stay_away",
    "lifecycle_thresholds_settled",
}


@pytest.fixture(scope="module")
def study(lines, as_canonical):
    return segmentation.segment(as_canonical(lines), SegmentationParameters())


@pytest.fixture(scope="module")
def outcome(study):
    return segmentation.results(study)


def test_table_of_customers_has_the_promised_columns_and_order(study, lines):
    assert list(study.value.columns) == list(VALUE_COLUMNS)
    assert study.value["customer_id"].tolist() == sorted(lines["customer_id"].unique())
    assert study.value.notna().all().all()


def test_codes_in_the_table_are_the_known_ones(study):
    assert set(study.value["rfm_segment"]) <= set(SEGMENTS)
    assert set(study.value["value_class"]) <= set(CLASSES)
    assert set(study.value["tier"]) == {"diamond", "gold", "silver", "regular"}
    assert set(study.value["value_grade"]) == {"A", "B", "C"}
    assert set(study.value["rfm_class"]) <= set(RFM_CLASSES)
    assert set(study.value["lifecycle_stage"]) <= {"new", "returning", "loyal", "dormant", "lost"}


def test_parts_of_the_study_agree(study, outcome):
    figures = {metric.name: metric.value for metric in outcome.metrics}
    assert figures["expected_value_total"] == pytest.approx(study.value["expected_value"].sum())
    above = (study.value["tier"] != "regular").mean()
    assert figures["tier_upper_rate"] == pytest.approx(above)
    tables = (study.layers.by_segment, study.layers.by_class, study.classes, study.standing.by_tier)
    for table in (*tables, study.course.today.by_stage, study.forecast.outlook.by_alive, study.segments):
        assert table["customers"].sum() == len(study.value)
    assert study.totals.table["expected_value"].sum() == pytest.approx(figures["expected_value_total"])


def test_the_sheet_of_segments_says_what_the_table_of_customers_says(study):
    sheet, value = study.segments.set_index("segment"), study.value
    shown = sheet[sheet["customers"] >= 10]
    by_hand = value.groupby("rfm_segment")["expected_value"].sum()
    assert shown["expected_value"].to_numpy() == pytest.approx(by_hand[shown.index].to_numpy(), abs=1e-3)
    assert (shown["expected_value_low"] <= shown["expected_value"]).all()
    lost = value.assign(lost=value["lifecycle_stage"] == "lost").groupby("rfm_segment")["lost"].mean()
    assert shown["stage_lost_share"].to_numpy() == pytest.approx(lost[shown.index].to_numpy(), abs=1e-4)
    mix = shown[["alive_lost_share", "alive_at_risk_share", "alive_active_share"]].sum(axis=1)
    assert mix.to_numpy() == pytest.approx(1, abs=2e-4)  # shares of four decimals
    assert sheet["strategy"].str.len().min() > 10
    few = sheet[sheet["customers"] < 10]
    assert few["revenue"].isna().all()


def test_model_beats_the_naive_rule_on_customers_made_by_it(outcome):
    figures = {metric.name: metric.value for metric in outcome.metrics}
    assert figures["holdout_mae"] < figures["holdout_mae_naive"]
    assert {check.name for check in outcome.checks if not check.passed} <= YOUNG | {"holdout_revenue_met"}
    assert "segmentation.finding_trust" in [finding.code for finding in outcome.findings]


def test_promised_metrics_are_there_with_and_without_purchases(outcome, as_canonical):
    without = segmentation.results(segmentation.segment(as_canonical(None), SegmentationParameters()))
    for found in (outcome, without):
        assert {metric.name for metric in found.metrics} >= PROMISED_METRICS
    names = [metric.name for metric in outcome.metrics]
    assert [metric.name for metric in without.metrics] == names
    assert len(set(names)) == len(names)


def test_without_transactions_everything_is_missing_for_the_same_reason(as_canonical, tmp_path, monkeypatch):
    study = segmentation.segment(as_canonical(None), SegmentationParameters())
    reason = "no “transactions” table is mapped; left out: layers, life cycle and expected value of customers"
    told = {name: part for name, part in vars(study).items() if name != "contracts"}
    parts = [part for part in told.values() if isinstance(part, Missing)]
    assert (
        len(parts) == len(vars(study)) - 5
    )  # all but the date, the forecast, the contracts and the empty tables
    assert {part.reason for part in (*parts, study.forecast.choice, study.forecast.outlook)} == {reason}
    assert {name: str(kind) for name, kind in study.value.dtypes.items()} == VALUE_COLUMNS
    assert study.value.empty
    outcome = segmentation.results(study)
    without = {reason, study.contracts.reason}
    assert all(metric.value is None and metric.reason in without for metric in outcome.metrics)
    assert study.contracts.reason.startswith("no “subscriptions” table is mapped")
    assert outcome.checks == outcome.findings == ()
    monkeypatch.setenv(results.OUT_VARIABLE, str(tmp_path))
    results.save(outcome, {"value": study.value})
    written = pd.read_parquet(tmp_path / "tables" / "value.parquet")
    assert list(written.columns) == list(VALUE_COLUMNS)


def test_refunds_alone_are_no_purchases(lines, as_canonical):
    refunds = lines.head(5).assign(amount=-1.0)
    study = segmentation.segment(as_canonical(refunds), SegmentationParameters())
    assert study.layers == Missing("segmentation.no_orders")


def test_a_small_base_is_layered_and_scored_without_models(lines, as_canonical):
    few = lines[lines["customer_id"] < "c000040"]
    study = segmentation.segment(as_canonical(few), SegmentationParameters())
    assert study.forecast.choice.name == "cohort_mean"
    assert study.value["p_alive"].isna().all()
    assert study.value["expected_value"].notna().all()
    assert study.value["cluster"].isna().all()
    for name in ("rfm_segment", "value_score", "value_class", "lifecycle_stage"):
        assert study.value[name].notna().all()
    assert study.standing.reason.startswith("only")
    values = {metric.name: metric for metric in segmentation.results(study).metrics}
    assert values["expected_value_total"].value > 0
    assert values["purchase_model_log_likelihood"].reason.startswith("the mean of the base stands in")


def test_a_young_base_gets_expected_values_but_no_holdout_test(lines, as_canonical):
    first = lines["ordered_at"].min()
    as_of = (first + pd.Timedelta(days=200)).date()
    study = segmentation.segment(as_canonical(lines, as_of), SegmentationParameters())
    assert study.forecast.holdout.code == "segmentation.short_history"
    assert study.forecast.outlook.total > 0


def test_nothing_after_the_as_of_date_is_seen(lines, as_canonical):
    as_of = date(2026, 3, 31)
    known = lines[lines["ordered_at"] < "2026-04-01"]
    p = SegmentationParameters()
    whole, cut = (segmentation.segment(as_canonical(part, as_of), p) for part in (lines, known))
    pd.testing.assert_frame_equal(whole.value, cut.value)
    assert results.dumps(segmentation.results(whole)) == results.dumps(segmentation.results(cut))


def test_other_pseudonyms_change_no_figure(lines, as_canonical, study, outcome):
    reversed_ids = lines.assign(
        customer_id=lines["customer_id"].map(lambda c: f"p{999_999 - int(c[1:]):06d}")
    )
    again = segmentation.segment(as_canonical(reversed_ids), SegmentationParameters())
    assert results.dumps(segmentation.results(again)) == results.dumps(outcome)
    columns = [name for name in VALUE_COLUMNS if name != "customer_id"]
    mirrored = again.value[columns].iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(mirrored, study.value[columns])


def test_figures_survive_a_round_trip_through_json(outcome):
    text = results.dumps(outcome)
    assert "NaN" not in text
    assert results.dumps(results.loads(text)) == text
    assert json.loads(text)["notebook"] == "02_segmentation"


def test_rows_of_few_customers_show_their_count_alone():
    table = pd.DataFrame({"stage": ["new", "lost"], "customers": [9, 10], "revenue": [90, 100]})
    shown = without_small_cells(table)
    assert shown["customers"].tolist() == [9, 10]
    assert shown["revenue"].isna().tolist() == [True, False]
    assert table["revenue"].tolist() == [90, 100]


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (
            {"hierarchy": {"experts": ["a"]}},
            "hierarchy: indicators must be given; got nothing. Add the key. (1 more to mend in this file.)",
        ),
        (
            {"rfm_method": "fixed", "rfm_edges": {"revenue": [2, 1]}},
            "parameters: rfm_edges.days_since_last_order must be 2 to 9 rising numbers above 0; got none. "
            "As in days_since_last_order: [30, 60, 90, 180].",
        ),
    ],
)
def test_malformed_rules_are_refused_before_any_table_is_read(own, message):
    with pytest.raises(WorkbenchError) as refused:
        segmentation.refuse_malformed(SegmentationParameters(**own))
    assert str(refused.value) == message


def test_the_example_of_the_user_guide_holds(lines, as_canonical):
    guide = (Path(__file__).parents[2] / "docs" / "user-guide.md").read_text("utf-8")
    (block,) = [block for block in re.findall(r"```yaml\n(.*?)```", guide, re.S) if "tier_rules" in block]
    own = yaml.safe_load(block)["notebooks"]["02_segmentation"]
    study = segmentation.segment(as_canonical(lines), SegmentationParameters(**own))
    assert set(study.value["tier"]) <= {"diamond", "gold", "regular"}
    assert set(study.worth.score.weighed.table["indicator"]) == {
        "margin", "frequency", "expected_value", "tenure", "loyalty"
    }  # fmt: skip
    assert set(study.value["recency_score"]) <= {1, 2, 3, 4, 5}
