"""The layers and clusters as the reader sees them."""

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.layers.clusters import Clusters
from workbench.segmentation.layers.naming import cluster_name
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.wording import (
    named,
    reader_frame,
    reader_units,
    show_part,
    show_strategies,
    without_small_cells,
)


def show_segments(layers: Layers | Missing) -> None:
    """Show the RFM segments, folded, and what is to be done about each."""
    if not isinstance(layers, Missing):
        show_part(layers.by_segment, "segments", folded=True)
        words = [named("strategy", str(code)) for code in layers.by_segment["segment"]]
        show_strategies(layers.by_segment, "segment", words)


def show_rfm_classes(layers: Layers | Missing) -> None:
    """Show the RFM classes, folded, and what is to be done about each."""
    if not isinstance(layers, Missing):
        show_part(layers.by_class, "rfm_classes", folded=True)
        words = [named("strategy", str(code)) for code in layers.by_class["rfm_class"]]
        show_strategies(layers.by_class, "rfm_class", words)


def show_limits(layers: Layers | Missing) -> None:
    """Show, folded, what each score takes."""
    if isinstance(layers, Missing):
        return
    # The company's own edges tell nothing of a customer; other limits are a customer's figure.
    table = layers.limits.assign(score=layers.limits["score"].astype(str))
    table = table if layers.method == "fixed" else without_small_cells(table)
    words = say(f"segmentation.caption_limits_{layers.method}")
    show.table(reader_frame(table), caption=words, units=reader_units(table), folded=True)


def show_clusters(clusters: Clusters | Missing) -> None:
    """Show the clusters; nothing where there are none, because the figure above has said why."""
    if isinstance(clusters, Missing):
        return
    table = without_small_cells(clusters.by_cluster)
    units = reader_units(table)
    show.table(cluster_frame(table), caption=say("segmentation.caption_clusters"), units=units)
    if not isinstance(clusters.kept, Missing):
        kept = clusters.kept
        values = {"share": kept.share, "kept": kept.kept, "n": kept.customers}
        show.sentence("segmentation.clusters_kept", **values)


def cluster_frame(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with names for numbers, columns and codes."""
    named = table.assign(traits=[cluster_name(code) for code in table["traits"]])
    return reader_frame(named.assign(cluster=named["cluster"].astype(str)))
