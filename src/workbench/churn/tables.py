"""Tables a reader sees, with heads in the current language."""

import pandas as pd

from workbench.churn.backtest import MODELS
from workbench.churn.calibration import wilson
from workbench.churn.dataset import Dataset
from workbench.churn.evaluation import Evaluation
from workbench.churn.reasons import feature_label
from workbench.churn.scores import Bands
from workbench.language import say
from workbench.results import Missing


def labelled_rows(dataset: Dataset | Missing) -> pd.DataFrame | Missing:
    """One row per cut-off: what it was used for, customers, lost, rate with interval."""
    if isinstance(dataset, Missing):
        return dataset
    rows = dataset.labelled.assign(cutoff=dataset.labelled["cutoff"].fillna(dataset.as_of))
    counts = rows.groupby("cutoff")["churned"].agg(["size", "sum"])
    low, high = wilson(counts["sum"].to_numpy("float64"), counts["size"].to_numpy("float64"))
    test = dataset.cutoffs.test if dataset.cutoffs else None
    use = {True: say("churn.use_test"), False: say("churn.use_training")}
    columns = {
        say("churn.head_cutoff"): [cutoff.isoformat() for cutoff in counts.index],
        say("churn.head_use"): [
            say("churn.use_both") if test is None else use[cutoff == test] for cutoff in counts.index
        ],
        say("churn.head_customers"): counts["size"].to_numpy(),
        say("churn.head_lost"): counts["sum"].to_numpy(),
        say("churn.head_rate"): (counts["sum"] / counts["size"]).to_numpy(),
        say("churn.head_low"): low,
        say("churn.head_high"): high,
    }
    return pd.DataFrame(columns)


def models(evaluation: Evaluation) -> pd.DataFrame:
    """One row per model: AUC with interval, Brier score, average precision, slope of calibration."""
    return pd.DataFrame(
        {
            say("churn.head_model"): [say(f"churn.model.{name}") for name in MODELS],
            "AUC": [evaluation.auc[name].value for name in MODELS],
            say("churn.head_low"): [evaluation.auc[name].low for name in MODELS],
            say("churn.head_high"): [evaluation.auc[name].high for name in MODELS],
            say("churn.head_brier"): [evaluation.brier[name].value for name in MODELS],
            say("churn.head_precision"): [evaluation.average_precision[name] for name in MODELS],
            say("churn.head_slope"): [evaluation.line[name].slope for name in MODELS],
        }
    )


def risk_bands(bands: Bands) -> pd.DataFrame:
    """One row per band: customers, expected to be lost, yearly value, value at risk."""
    summary = bands.summary
    return pd.DataFrame(
        {
            say("churn.head_band"): [say(f"churn.band.{band}") for band in summary["band"]],
            say("churn.head_from"): [bands.high_from, bands.medium_from, 0.0],
            say("churn.head_customers"): summary["customers"],
            say("churn.head_expected"): summary["expected_lost"],
            say("churn.head_value"): summary["yearly_value"],
            say("churn.head_at_risk"): summary["value_at_risk"],
        }
    )


def first_reasons(causes: pd.DataFrame | Missing) -> pd.DataFrame | Missing:
    """One row per first reason in the high band: customers and their value at risk."""
    if isinstance(causes, Missing):
        return causes
    return pd.DataFrame(
        {
            say("churn.head_reason"): [feature_label(name) for name in causes["feature"]],
            say("churn.head_customers"): causes["customers"],
            say("churn.head_at_risk"): causes["value_at_risk"],
        }
    )


def units() -> dict[str, str]:
    """The unit of each head that is not a plain number."""
    shares = ("rate", "low", "high", "from")
    return {say(f"churn.head_{name}"): "share" for name in shares} | {
        say("churn.head_value"): "currency",
        say("churn.head_at_risk"): "currency",
        say("churn.head_customers"): "customers",
        say("churn.head_lost"): "customers",
        say("churn.head_expected"): "customers",
    }
