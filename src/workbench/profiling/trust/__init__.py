"""Can the data be trusted this month: books, columns, rows, feeds, outliers, drift, checks."""

from workbench.profiling.trust import figures, tables, told
from workbench.profiling.trust.examination import Trust, examine
from workbench.profiling.trust.narrative import show_columns

__all__ = ["Trust", "examine", "figures", "show_columns", "tables", "told"]
