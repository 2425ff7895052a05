"""The sentences of notebook 03 that depend on what the company's data are."""

import numpy as np

from workbench import show
from workbench.churn.dataset import Dataset
from workbench.churn.study import Churn
from workbench.churn.summary import windows
from workbench.parameters import ChurnParameters
from workbench.results import Missing


def show_definition(study: Churn, p: ChurnParameters) -> None:
    """Show who is judged, what counts as lost, and who is left out; nothing if there is no answer."""
    dataset = study.dataset
    if isinstance(dataset, Missing):
        return
    values = {
        "n": len(dataset.scored), "churned": int(dataset.scored["churned"].sum()), "as_of": dataset.as_of,
        "left_out": dataset.left_out, "horizon_days": dataset.horizon_days, "active_days": p.active_days,
    }  # fmt: skip
    code = f"churn.definition_{_design(dataset)}"
    show.sentence(code if dataset.left_out else f"{code}_all", **values)


def show_test(study: Churn) -> None:
    """Show what the test was trained on and what it foresaw; nothing if there was no test."""
    dataset, evaluation = study.dataset, study.evaluation
    if isinstance(evaluation, Missing):
        return
    assert isinstance(dataset, Dataset)  # without rows there is no evaluation
    if dataset.cutoffs is not None:
        show.sentence("churn.definition_test_dated", **windows(dataset))
    else:
        aucs = evaluation.fold_aucs
        show.sentence("churn.definition_test_folds", mean=np.mean(aucs), sd=np.std(aucs, ddof=1))


def show_explained(study: Churn) -> None:
    """Show how many customers have reasons."""
    if not isinstance(study.bands, Missing):
        show.sentence("churn.explained", explained=study.explained, n=len(study.table))


def _design(dataset: Dataset) -> str:
    if dataset.basis == "orders":
        return "orders"
    return "panel" if dataset.cutoffs is not None else "snapshot"
