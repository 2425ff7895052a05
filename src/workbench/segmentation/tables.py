"""Tables for the reader: names instead of codes, units, no figures of a handful of persons.

A table that stands under a figure of the same part shows nothing where the part is missing: the figure has
said why.
"""

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.layers.clusters import Clusters
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.lifecycle.stages import Lifecycle
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.gamma_gamma import GammaGamma
from workbench.segmentation.result import without_small_cells

# Column → unit in which it is written; the others are written as plain numbers or text.
UNITS = {
    "customers": "customers",
    "customer_share": "share",
    "revenue": "currency",
    "revenue_share": "share",
    "mean_revenue": "currency",
    "median_days_since_last_order": "days",
    "median_revenue": "currency",
    "expected_value": "currency",
    "value_share": "share",
    "typical": "currency",
    "typical_low": "currency",
    "typical_high": "currency",
    "local_weight": "share",
    "global_weight": "share",
    "weight_used": "share",
}
# Columns that hold codes with a name of their own in the catalogue.
CODED = ("segment", "band", "tier", "dimension", "indicator", "stage", "value_class")


def named(kind: str, code: str) -> str:
    """The name of a code in the current language; a value class is put together from its three levels."""
    if kind == "value_class":
        levels = dict(zip(("current", "potential", "relationship"), code.split("-"), strict=True))
        words = {name: say(f"segmentation.level_{level}") for name, level in levels.items()}
        return say("segmentation.value_class", **words)
    return say(f"segmentation.{kind}_{code}")


def reader_frame(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with names of the catalogue for columns and codes."""
    coded = {name: [named(name, str(c)) for c in table[name]] for name in CODED if name in table}
    columns = {name: say(f"segmentation.column_{name}") for name in table.columns}
    return table.assign(**coded).rename(columns=columns)


def reader_units(table: pd.DataFrame) -> dict[str, str]:
    """Unit of each column, by the name the reader sees."""
    return {say(f"segmentation.column_{name}"): UNITS[name] for name in table.columns if name in UNITS}


def show_segments(layers: Layers | Missing) -> None:
    """Show the RFM segments."""
    _show(layers if isinstance(layers, Missing) else layers.by_segment, "segments")


def show_stages(stages: Lifecycle | Missing) -> None:
    """Show the stages of the life cycle."""
    _show(stages if isinstance(stages, Missing) else stages.by_stage, "stages")


def show_tiers(tiers: pd.DataFrame | Missing) -> None:
    """Show the tiers."""
    _show(tiers, "tiers")


def show_classes(classes: pd.DataFrame | Missing) -> None:
    """Show the value classes."""
    _show(classes, "classes")


def show_clusters(clusters: Clusters | Missing) -> None:
    """Show the clusters and how clearly they stand apart, or why there are none."""
    if isinstance(clusters, Missing):
        show.missing(clusters)
        return
    _show(clusters.by_cluster, "clusters")
    k = len(clusters.by_cluster)
    show.sentence("segmentation.clusters_sentence", k=k, silhouette=clusters.silhouette)


def show_parameters(purchases: BetaGeoNBD | Missing, spend: GammaGamma | Missing) -> None:
    """Show what the models have learnt."""
    rows = []
    if not isinstance(purchases, Missing):
        rows += [(name, value) for name, value in purchases.population_._asdict().items()]
    if not isinstance(spend, Missing):
        rows += [("p", spend.p_), ("q", spend.q_), ("v", spend.v_), ("mean_spend", spend.population_mean_)]
    if rows:
        table = pd.DataFrame(
            {
                say("segmentation.column_parameter"): [
                    say(f"segmentation.parameter_{name}") for name, _ in rows
                ],
                say("show.value"): [float(value) for _, value in rows],
            }
        )
        show.table(table, caption=say("segmentation.caption_parameters"))


def _show(table: pd.DataFrame | Missing, caption: str) -> None:
    if isinstance(table, Missing):
        return
    shown, words = without_small_cells(table), say(f"segmentation.caption_{caption}")
    show.table(reader_frame(shown), caption=words, units=reader_units(shown))
