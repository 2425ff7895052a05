"""Who will leave, why, and what is at stake: the room of notebook 03."""

from workbench.churn.study import Churn, foresee

__all__ = ["Churn", "foresee"]
