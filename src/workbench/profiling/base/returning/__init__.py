"""Pictures of how customers come back: gaps, cohorts, growth."""

from workbench.profiling.base.returning.figures import (
    plot_categories,
    plot_cohorts,
    plot_gaps,
    plot_growth,
    plot_retention,
)

__all__ = ["plot_categories", "plot_cohorts", "plot_gaps", "plot_growth", "plot_retention"]
