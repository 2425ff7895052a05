"""Layers of the base: by recency, frequency and money, and as the figures group by themselves."""

from workbench.segmentation.layers import told
from workbench.segmentation.layers.clusters import customer_clusters
from workbench.segmentation.layers.figures import (
    plot_cells,
    plot_classes,
    plot_cluster_choice,
    plot_clusters,
    plot_segments,
)
from workbench.segmentation.layers.rfm import rfm_layers
from workbench.segmentation.layers.tables import show_clusters, show_limits, show_rfm_classes, show_segments

__all__ = [
    "customer_clusters",
    "plot_cells",
    "plot_classes",
    "plot_cluster_choice",
    "plot_clusters",
    "plot_segments",
    "rfm_layers",
    "show_clusters",
    "show_limits",
    "show_rfm_classes",
    "show_segments",
    "told",
]
