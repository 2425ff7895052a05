"""Who the customers are as a whole: growth, concentration, rhythm, return."""

from workbench.profiling.base import figures

__all__ = ["figures"]
