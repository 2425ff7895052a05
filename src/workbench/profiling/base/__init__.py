"""Who the customers are as a whole: growth, concentration, rhythm, return."""

from workbench.profiling.base import figures, tables, told
from workbench.profiling.base.structure import Structure, structure

__all__ = ["Structure", "figures", "structure", "tables", "told"]
