"""The figures, checks and findings of the study, as the archive keeps them."""

from workbench.results import Check, Finding, Metric, Results
from workbench.segmentation.forecast import told as forecast
from workbench.segmentation.layers import told as layers
from workbench.segmentation.lifecycle import told as lifecycle
from workbench.segmentation.result import Segmentation
from workbench.segmentation.tiers import told as tiers
from workbench.segmentation.value import told as value
from workbench.segmentation.value.telecom import told as contracts

NOTEBOOK = "02_segmentation"
# What a manager asks for first: what is to come, who carries it, who slips away, how sure we are.
TILES = {
    name: place
    for place, name in enumerate(
        (
            "expected_value_total",
            "tier_upper_revenue_share",
            "rfm_champions_rate",
            "lifecycle_loyal_rate",
            "lifecycle_lost_rate",
            "rfm_slipping_revenue_share",
            "holdout_mae",
            "holdout_mae_naive",
        )
    )
}


def results(study: Segmentation) -> Results:
    """Everything that ``results/02_segmentation.json`` holds."""
    return Results(
        NOTEBOOK,
        study.as_of,
        _metrics(study),
        _checks(study),
        _findings(study),
        blocks=tiers.blocks(study.standing),
    )


def _metrics(study: Segmentation) -> tuple[Metric, ...]:
    """Those of TILES first: the page shows the first ones as tiles."""
    found = (
        *forecast.metrics(study.forecast),
        *tiers.metrics(study.standing),
        *lifecycle.metrics(study.course),
        *layers.metrics(study.layers, study.clusters),
        *value.metrics(study.worth),
        *contracts.metrics(study.contracts),
    )
    return tuple(sorted(found, key=lambda metric: TILES.get(metric.name, len(TILES))))


def _checks(study: Segmentation) -> tuple[Check, ...]:
    return (
        *forecast.checks(study.forecast),
        *tiers.checks(study.standing),
        *lifecycle.checks(study.course),
        *layers.checks(study.layers, study.clusters),
        *value.checks(study.worth),
        *contracts.checks(study.contracts),
    )


def _findings(study: Segmentation) -> tuple[Finding, ...]:
    """In order of money: what is to come, who carries the base, what slips away, how sure the figures are."""
    return (
        *forecast.findings(study.forecast),
        *layers.findings(study.layers, study.clusters),
        *tiers.findings(study.standing),
        *lifecycle.findings(study.course),
        *value.findings(study.worth, study.classes),
        *contracts.findings(study.contracts),
    )
