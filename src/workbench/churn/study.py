"""The whole of notebook 03: from canonical tables to figures, checks, findings and the table of customers."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.churn import summary
from workbench.churn.contracts import contract_dataset
from workbench.churn.dataset import Dataset, too_few
from workbench.churn.evaluation import Evaluation, evaluate
from workbench.churn.explain import drivers
from workbench.churn.foretold import foretell
from workbench.churn.orders import order_dataset
from workbench.churn.reasons import reasons
from workbench.churn.scores import Bands, at_stake, bands, churn_table, first_causes, no_rows
from workbench.language import say
from workbench.parameters import ChurnParameters
from workbench.results import Check, Finding, Metric, Missing


@dataclass(frozen=True)
class Churn:
    """What notebook 03 shows and hands on. A part that could not be computed is Missing and says why.

    Attributes
    ----------
    dataset : Dataset or Missing
    evaluation : Evaluation or Missing
        Out of sample.
    drivers : pandas.DataFrame or Missing
        See `explain.drivers`.
    bands : Bands or Missing
    causes : pandas.DataFrame or Missing
        First reasons in the high band, see `scores.first_causes`.
    table : pandas.DataFrame
        churn.parquet, see `scores.COLUMNS`; no rows if nobody could be scored.
    explained : int
        Customers with reasons.
    """

    dataset: Dataset | Missing
    evaluation: Evaluation | Missing
    drivers: pd.DataFrame | Missing
    bands: Bands | Missing
    causes: pd.DataFrame | Missing
    table: pd.DataFrame
    explained: int
    metrics: tuple[Metric, ...]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]


def foresee(data: Any, p: ChurnParameters) -> Churn:
    """Foresee churn as of ``data.as_of``.

    Parameters
    ----------
    data : sources.Canonical
        Tables cut to the as-of date.
    """
    dataset = choose_dataset(data, p)
    reason = dataset if isinstance(dataset, Missing) else _not_enough(dataset)
    if reason is not None:
        return _nothing(dataset, reason)
    assert isinstance(dataset, Dataset)
    # Tables made by hand have no digest, and nothing of them is kept.
    return _foreseen(dataset, p, keep=data.digest() is not None)


def _nothing(dataset: Dataset | Missing, reason: Missing) -> Churn:
    return Churn(
        dataset,
        evaluation=reason,
        drivers=reason,
        bands=reason,
        causes=reason,
        table=no_rows(),
        explained=0,
        metrics=summary.missing_metrics(reason),
        checks=(),
        findings=(),
    )


def choose_dataset(data: Any, p: ChurnParameters) -> Dataset | Missing:
    """The rows of the basis that `p` asks for: orders where there are any, if it is left open."""
    transactions, subscriptions = data.get("transactions"), data.get("subscriptions")
    if p.basis == "auto" and transactions is None and subscriptions is None:
        return Missing("churn.missing_basis")
    if p.basis == "subscriptions" or (p.basis == "auto" and transactions is None):
        if subscriptions is None:
            return Missing("missing.table", {"table": "subscriptions", "section": say("churn.section")})
        return contract_dataset(subscriptions, data.attributes("subscriptions"), data.as_of, p)
    if transactions is None:
        return Missing("missing.table", {"table": "transactions", "section": say("churn.section")})
    return order_dataset(
        transactions,
        data.get("customers"),
        data.attributes("customers"),
        data.as_of,
        p,
        basis=data.digest("transactions", "customers"),
    )


def _not_enough(dataset: Dataset) -> Missing | None:
    """Why the labelled rows can not carry a training and a test."""
    if not dataset.features:
        return Missing("churn.missing_features")
    if dataset.cutoffs is None:
        return too_few(dataset.labelled)
    test = dataset.test_rows
    return too_few(dataset.labelled[test]) or too_few(dataset.labelled[~test])


def _foreseen(dataset: Dataset, p: ChurnParameters, *, keep: bool) -> Churn:
    told = foretell(dataset, p.seed, keep=keep)
    evaluation = evaluate(dataset, told.tested, p.seed)
    causes = reasons(told.explanation, dataset.scored)
    stakes = at_stake(dataset.scored, told.probability, p.high_risk)
    in_bands, ranked = bands(stakes), drivers(told.explanation, dataset.scored)
    return Churn(
        dataset,
        evaluation,
        ranked,
        in_bands,
        first_causes(stakes, causes),
        churn_table(stakes, causes),
        explained=len(told.explanation.places),
        metrics=summary.metrics(dataset, evaluation, in_bands),
        checks=summary.checks(dataset, evaluation),
        findings=summary.findings(dataset, evaluation, in_bands, ranked),
    )
