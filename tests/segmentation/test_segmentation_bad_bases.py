"""Bases that models can not carry: every cell of the notebook goes through, and what is missing says why."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench import results, segmentation, show
from workbench.parameters import SegmentationParameters
from workbench.results import Missing
from workbench.segmentation import forecast, layers, lifecycle, tiers, value

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_segmentation.ipynb"
CELLS = [
    "".join(c["source"]) for c in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if c["cell_type"] == "code"
]
SHOWING = CELLS[next(i for i, cell in enumerate(CELLS) if cell.startswith("study =")) + 1 : -1]


def some(lines: pd.DataFrame, customers: int) -> pd.DataFrame:
    return lines[lines["customer_id"] < f"c{customers:06d}"]


def alike(_: pd.DataFrame) -> pd.DataFrame:
    rows = [(c, k) for c in range(60) for k in range(4)]
    return pd.DataFrame(
        {
            "customer_id": [f"c{c:06d}" for c, _ in rows],
            "order_id": [f"o{c}-{k}" for c, k in rows],
            "ordered_at": [pd.Timestamp("2026-01-10 10:00") + pd.Timedelta(days=40 * k) for _, k in rows],
            "amount": 10.0,
        }
    )


def wholesalers(lines: pd.DataFrame) -> pd.DataFrame:
    """Two of five customers buy for two hundred times as much."""
    large = lines["customer_id"].str[-1].isin(["0", "3", "5", "8"])
    return some(lines.assign(amount=lines["amount"].where(~large, 200 * lines["amount"])), 150)


def given_back(lines: pd.DataFrame) -> pd.DataFrame:
    back = lines.assign(order_id=lines["order_id"] + "-back", amount=-1.5 * lines["amount"])
    return some(pd.concat([lines, back]), 120)


BASES = {
    "one customer": lambda lines: some(lines, 1),
    "thirty customers": lambda lines: some(lines, 30),
    "nobody came back": lambda lines: some(lines, 150).groupby("customer_id").head(1),
    "all alike": alike,
    "one month": lambda lines: lines[lines["ordered_at"] >= "2026-06-01"],
    "all on the last day": lambda lines: some(lines, 100).assign(ordered_at=pd.Timestamp("2026-06-30 10:00")),
    "gifts alone": lambda lines: some(lines, 100).assign(amount=0.0),
    "more given back than bought": given_back,
    "two of five are wholesalers": wholesalers,
}


# Those that take another way through the code; the others are long tests.
OFTEN = ("one customer", "all alike", "gifts alone", "nobody came back")


@pytest.mark.parametrize(
    "name", [name if name in OFTEN else pytest.param(name, marks=pytest.mark.long) for name in BASES]
)
def test_every_cell_goes_through_and_what_is_missing_says_why(name, lines, as_canonical, monkeypatch):
    shown: list[Any] = []
    monkeypatch.setattr("workbench.show.display", lambda thing, **_: shown.append(thing.data))
    study = segmentation.segment(as_canonical(BASES[name](lines)), SegmentationParameters())
    outcome = segmentation.results(study)
    names: dict[str, Any] = {
        "study": study, "outcome": outcome, "part": results.part, "course": study.course, "show": show,
        "standing": study.standing, "worth": study.worth, "forecast": forecast, "layers": layers,
        "lifecycle": lifecycle, "tiers": tiers, "value": value,
    }  # fmt: skip
    for cell in SHOWING:
        exec(cell, names)
    assert not any("nan" in html.lower().split() for html in shown)
    assert all(metric.value is not None or metric.why for metric in outcome.metrics)
    assert results.dumps(outcome)
    # A column of the table that is empty has its reason.
    empty = {column for column in study.value if study.value[column].isna().all()}
    reasons = {
        "expected_value": study.forecast.outlook, "value_score": study.worth, "cluster": study.clusters,
        "tier": study.standing, "lifecycle_stage": study.course,
    }  # fmt: skip
    for column, owner in reasons.items():
        assert (column in empty) == isinstance(owner, Missing), column
    assert study.value["rfm_segment"].notna().all()
