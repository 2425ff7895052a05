"""Can the data be trusted this month: books, columns, checks."""

from workbench.profiling.trust import figures

__all__ = ["figures"]
