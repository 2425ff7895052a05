"""01 Profiling: can the data be trusted this month, and who are the customers?"""

from workbench.profiling import base, people, tables, trust
from workbench.profiling.study import Profile, hand_over, profile

__all__ = ["Profile", "base", "hand_over", "people", "profile", "tables", "trust"]
