"""Value in three dimensions, weighed by judgement and by the data."""

from workbench.segmentation.value.figures import plot_tiers, plot_weights
from workbench.segmentation.value.tables import show_classes, show_tiers

__all__ = ["plot_tiers", "plot_weights", "show_classes", "show_tiers"]
