"""Stages of the life cycle, where their thresholds come from, how customers move, and what comes."""

from workbench.segmentation.lifecycle import told
from workbench.segmentation.lifecycle.categories import first_categories
from workbench.segmentation.lifecycle.course import Course, life_course
from workbench.segmentation.lifecycle.figures import (
    plot_ahead,
    plot_history,
    plot_lifecycle,
    plot_moves,
    plot_thresholds,
)
from workbench.segmentation.lifecycle.potential import registrations
from workbench.segmentation.lifecycle.tables import (
    show_backtest,
    show_categories,
    show_moves,
    show_potential,
    show_signals,
    show_stages,
)

__all__ = [
    "Course",
    "first_categories",
    "life_course",
    "plot_ahead",
    "plot_history",
    "plot_lifecycle",
    "plot_moves",
    "plot_thresholds",
    "registrations",
    "show_backtest",
    "show_categories",
    "show_moves",
    "show_potential",
    "show_signals",
    "show_stages",
    "told",
]
