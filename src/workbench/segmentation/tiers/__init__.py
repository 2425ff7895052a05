"""Tiers of members: who stands where, how certain that is, who moved, and what it is worth."""

from workbench.segmentation.tiers import told
from workbench.segmentation.tiers.figures import plot_ledger, plot_members, plot_moves, plot_what_if
from workbench.segmentation.tiers.ledger import control_total
from workbench.segmentation.tiers.rules import TierRules, read_rules
from workbench.segmentation.tiers.standing import Standing, tier_standing
from workbench.segmentation.tiers.tables import show_ledger, show_moves, show_tiers, show_what_if

__all__ = [
    "Standing",
    "TierRules",
    "control_total",
    "plot_ledger",
    "plot_members",
    "plot_moves",
    "plot_what_if",
    "read_rules",
    "show_ledger",
    "show_moves",
    "show_tiers",
    "show_what_if",
    "tier_standing",
    "told",
]
