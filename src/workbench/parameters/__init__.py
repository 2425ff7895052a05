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
from workbench.parameters.source import (
    Control,
    DemoSource,
    Rule,
    Source,
    TableMapping,
    find_source,
    read_source,
)
from workbench.parameters.study import Study, read_study

__all__ = [
    "MODELS",
    "ChurnParameters",
    "Control",
    "DemoSource",
    "FeedbackParameters",
    "NotebookParameters",
    "ProfilingParameters",
    "Rule",
    "SegmentationParameters",
    "Source",
    "Study",
    "TableMapping",
    "collect",
    "find_source",
    "read_source",
    "read_study",
]
