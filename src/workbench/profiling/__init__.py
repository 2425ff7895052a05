"""01 Profiling: can the data be trusted this month, and who brings the revenue?"""

from workbench.profiling import figures, tables
from workbench.profiling.study import Profile, hand_over, profile

__all__ = ["Profile", "figures", "hand_over", "profile", "tables"]
