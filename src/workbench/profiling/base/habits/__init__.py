"""Pictures of when, where and through what customers buy."""

from workbench.profiling.base.habits.figures import plot_hours, plot_places, plot_season, plot_weekdays

__all__ = ["plot_hours", "plot_places", "plot_season", "plot_weekdays"]
