"""Study files, source files and notebook parameters: read, checked, frozen before any kernel starts."""

from workbench.parameters.notebooks import (
    MODELS,
    ChurnParameters,
    FeedbackParameters,
    NotebookParameters,
    ProfilingParameters,
    SegmentationParameters,
    collect,
)
from workbench.parameters.source import DemoSource, Source, TableMapping, find_source, read_source
from workbench.parameters.study import Study, read_study

__all__ = [
    "MODELS",
    "ChurnParameters",
    "DemoSource",
    "FeedbackParameters",
    "NotebookParameters",
    "ProfilingParameters",
    "SegmentationParameters",
    "Source",
    "Study",
    "TableMapping",
    "collect",
    "find_source",
    "read_source",
    "read_study",
]
