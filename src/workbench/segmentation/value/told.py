"""What the value room says: metrics, checks and findings."""

from typing import Any

import pandas as pd

from workbench.results import Check, Finding, Metric, Missing
from workbench.segmentation.value.ahp import HIGHEST_RATIO
from workbench.segmentation.value.backtest import Backtest
from workbench.segmentation.value.customer_value import CustomerValue
from workbench.segmentation.value.score import CLASSES
from workbench.segmentation.wording import SMALLEST_CELL

# So many customers may change class when one weight moves by a tenth.
LARGEST_MOVED = 0.1
# Weight, as judged, of the indicators that the data can tell: below it the score is another one than judged.
LEAST_KNOWN_WEIGHT = 0.5
# A share of the base that is worth somebody's while.
LEAST_LOOSE = 0.05


def metrics(found: CustomerValue | Missing) -> tuple[Metric, ...]:
    """How the weights did, how stable the classes are, how many indicators stand behind them."""
    names = ("value_tau", "value_tau_naive", "value_capture", "value_capture_naive")
    if isinstance(found, Missing):
        others = ("value_indicators", "value_known_weight", "value_class_moved_share", "judgement_ratio")
        return tuple(Metric(name, None, reason=found.reason) for name in (*names, *others))
    table, n = found.score.weights, len(found.score.scores)
    moved = found.sensitivity.table["class_share"].max()
    return (
        *_tested(found.backtest, names),
        Metric("value_indicators", len(found.indicators.values.columns), n=n),
        Metric("value_known_weight", _known_weight(found), n=len(table)),
        Metric("value_class_moved_share", float(moved), n, float(moved * n), n),
        Metric("judgement_ratio", found.score.ratio, n=found.score.n_experts),
    )


def checks(found: CustomerValue | Missing) -> tuple[Check, ...]:
    """Whether the weights can be trusted."""
    if isinstance(found, Missing):
        return ()
    made = []
    if not isinstance(found.backtest, Missing):
        ahp, naive = found.backtest.of(found.backtest.used), found.backtest.of("naive")
        values: dict[str, Any] = {"ahp": ahp["capture"], "naive": naive["capture"], "tau": ahp["tau"]}
        values |= {"tau_naive": naive["tau"], "n": found.backtest.n}
        passed = found.backtest.better(found.backtest.used)
        made.append(Check("value_weights_beat_revenue", passed, values, warns=True))
    first = found.sensitivity.table.iloc[0]
    stable: dict[str, Any] = {
        "share": float(first["class_share"]),
        "step": found.sensitivity.step,
        "limit": LARGEST_MOVED,
    }
    made.append(Check("value_classes_stable", stable["share"] <= LARGEST_MOVED, stable, warns=True))
    known = _known_weight(found)
    values = {"share": known, "limit": LEAST_KNOWN_WEIGHT, "left_out": len(found.indicators.left_out)}
    made.append(Check("value_indicators_known", known >= LEAST_KNOWN_WEIGHT, values, warns=True))
    alone = found.score.weighed.by_expert.groupby("expert")["ratio"].max()
    values = {"n": len(alone), "over": int((alone > HIGHEST_RATIO).sum()), "limit": HIGHEST_RATIO}
    made.append(Check("experts_consistent", values["over"] == 0, values, warns=True))
    return tuple(made)


def findings(found: CustomerValue | Missing, classes: pd.DataFrame | Missing) -> tuple[Finding, ...]:
    """Where the value sits, and whether the score or plain revenue should choose customers.

    Parameters
    ----------
    classes : pandas.DataFrame
        As `groups.by_class` gives them.
    """
    if isinstance(found, Missing) or isinstance(classes, Missing):
        return ()
    return (*_of_classes(classes), *_of_test(found.backtest))


def _of_classes(classes: pd.DataFrame) -> list[Finding]:
    table = classes.set_index("value_class")
    made = []
    if "value_share" in table and CLASSES[0] in table.index:
        best = table.to_dict("index")[CLASSES[0]]
        if best["customers"] >= SMALLEST_CELL:
            values = {"n": int(best["customers"]), "share": float(best["customer_share"])}
            values |= {"value_share": float(best["value_share"])}
            made.append(Finding("segmentation.finding_value_best", values))
    loose = table[[code.startswith("high-") and code.endswith("-low") for code in table.index]]
    values = {"n": int(loose["customers"].sum())}
    share = float(loose["customer_share"].sum())
    if values["n"] >= SMALLEST_CELL and share >= LEAST_LOOSE:
        made.append(Finding("decide.bind_customers", values | {"share": share}))
    return made


def _of_test(test: Backtest | Missing) -> list[Finding]:
    if isinstance(test, Missing):
        return []
    ahp, naive = test.of(test.used), test.of("naive")
    values = {"ahp": ahp["capture"], "naive": naive["capture"], "n": test.n}
    values |= {"low": ahp["capture_gain_low"], "high": ahp["capture_gain_high"]}
    code = "segmentation.finding_value_tested" if test.better(test.used) else "decide.use_revenue"
    return [Finding(code, values)]


def _tested(test: Backtest | Missing, names: tuple[str, ...]) -> list[Metric]:
    if isinstance(test, Missing):
        return [Metric(name, None, reason=test.reason) for name in names]
    made = []
    for measure in ("tau", "capture"):
        for rule, ending in ((test.used, ""), ("naive", "_naive")):
            value, low, high = (test.of(rule)[f"{measure}{end}"] for end in ("", "_low", "_high"))
            made.append(Metric(f"value_{measure}{ending}", value, n=test.n, low=low, high=high))
    return made


def _known_weight(found: CustomerValue) -> float:
    table = found.score.weights
    known = table["indicator"].isin(found.indicators.values.columns)
    return float(table.loc[known, "global_weight"].sum())
