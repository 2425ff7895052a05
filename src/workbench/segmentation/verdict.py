"""The figures, checks and findings of the study, as the archive keeps them."""

from workbench.results import Check, Finding, Metric, Missing, Results, rate
from workbench.segmentation.forecast import told as forecast
from workbench.segmentation.layers import told as layers
from workbench.segmentation.result import Segmentation
from workbench.segmentation.value import told as value
from workbench.segmentation.value.telecom import told as contracts

NOTEBOOK = "02_segmentation"


def results(study: Segmentation) -> Results:
    """Everything that ``results/02_segmentation.json`` holds."""
    # The page shows the first of them as tiles: what a manager asks for comes first.
    metrics = (
        *forecast.metrics(study.forecast),
        *_value_metrics(study),
        *_stage_metrics(study),
        *layers.metrics(study.layers, study.clusters),
        *value.metrics(study.worth),
        *contracts.metrics(study.contracts),
    )
    return Results(NOTEBOOK, study.as_of, metrics, tuple(_checks(study)), tuple(_findings(study)))


def _value_metrics(study: Segmentation) -> list[Metric]:
    tiers = study.tiers
    found: list[Metric] = []
    if isinstance(tiers, Missing):
        return found + [_absent(f"customers_tier_{tier}", tiers) for tier in "abc"]
    sizes = tiers.set_index("tier")["customers"].reindex(list("ABC"), fill_value=0)
    return found + [Metric(f"customers_tier_{tier}", int(sizes[tier.upper()])) for tier in "abc"]


def _stage_metrics(study: Segmentation) -> list[Metric]:
    names, stages = ("loyal", "dormant", "lost"), study.lifecycle
    if isinstance(stages, Missing):
        return [_absent(f"lifecycle_{name}_rate", stages) for name in names]
    sizes, n = stages.by_stage.set_index("stage")["customers"], len(stages.stages)
    return [rate(f"lifecycle_{name}_rate", int(sizes[name]), n) for name in names]


def _checks(study: Segmentation) -> list[Check]:
    return [
        *forecast.checks(study.forecast),
        *layers.checks(study.layers, study.clusters),
        *value.checks(study.worth),
        *contracts.checks(study.contracts),
    ]


def _findings(study: Segmentation) -> list[Finding]:
    """In order of money: what is to come, what slips away, who carries the base, how sure the figures are."""
    return [
        *forecast.findings(study.forecast),
        *layers.findings(study.layers, study.clusters),
        *value.findings(study.worth, study.classes),
        *contracts.findings(study.contracts),
    ]


def _absent(name: str, why: Missing) -> Metric:
    return Metric(name, None, reason=why.reason)
