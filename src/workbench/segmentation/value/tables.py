"""Classes and tiers as the reader sees them."""

import pandas as pd

from workbench.results import Missing
from workbench.segmentation.wording import show_part


def show_tiers(tiers: pd.DataFrame | Missing) -> None:
    """Show the tiers."""
    show_part(tiers, "tiers")


def show_classes(classes: pd.DataFrame | Missing) -> None:
    """Show the value classes."""
    show_part(classes, "classes")
