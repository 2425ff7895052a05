"""Stages of the life cycle, and where their thresholds come from."""

from workbench.segmentation.lifecycle.figures import plot_lifecycle
from workbench.segmentation.lifecycle.tables import show_stages

__all__ = ["plot_lifecycle", "show_stages"]
