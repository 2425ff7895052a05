"""Who the customers are as a whole: growth, concentration, rhythm, return."""

from workbench.profiling.base import figures, habits, returning, tables, told, without_orders
from workbench.profiling.base.structure import Structure, structure

__all__ = ["Structure", "figures", "habits", "returning", "structure", "tables", "told", "without_orders"]
