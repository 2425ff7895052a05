"""The stages as the reader sees them."""

from workbench.results import Missing
from workbench.segmentation.lifecycle.stages import Lifecycle
from workbench.segmentation.wording import show_part


def show_stages(stages: Lifecycle | Missing) -> None:
    """Show the stages of the life cycle."""
    show_part(stages if isinstance(stages, Missing) else stages.by_stage, "stages")
