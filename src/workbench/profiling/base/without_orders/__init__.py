"""Pictures of a base without orders: contracts, feedback."""

from workbench.profiling.base.without_orders.figures import plot_fees, plot_ratings, plot_tenure, plot_voices

__all__ = ["plot_fees", "plot_ratings", "plot_tenure", "plot_voices"]
