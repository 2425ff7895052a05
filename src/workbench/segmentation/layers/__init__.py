"""Layers of the base: by recency, frequency and money, and as the figures group by themselves."""

from workbench.segmentation.layers.figures import plot_segments
from workbench.segmentation.layers.tables import show_clusters, show_segments

__all__ = ["plot_segments", "show_clusters", "show_segments"]
