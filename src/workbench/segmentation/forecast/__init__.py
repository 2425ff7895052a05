"""What customers are expected to bring, between which limits, and whether such forecasts have held."""

from workbench.segmentation.forecast.figures import plot_alive, plot_holdout, plot_totals
from workbench.segmentation.forecast.tables import show_contenders, show_effects, show_ladder, show_parameters

__all__ = [
    "plot_alive",
    "plot_holdout",
    "plot_totals",
    "show_contenders",
    "show_effects",
    "show_ladder",
    "show_parameters",
]
