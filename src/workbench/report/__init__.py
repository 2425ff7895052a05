"""Pages and the archive site: executed notebooks in, self-contained HTML out."""

from workbench.report.context import (
    EarlierPage,
    IndexContext,
    PageContext,
    PageLink,
    Past,
    Run,
    RunPage,
    TableFile,
    page_file,
)
from workbench.report.faults import faults
from workbench.report.notebook import sections_of_findings, title_of
from workbench.report.page import render_page
from workbench.report.shell import write_page
from workbench.report.site import RunEntry, write_archive_index
from workbench.report.summary import render_run_index

__all__ = [
    "EarlierPage",
    "IndexContext",
    "PageContext",
    "PageLink",
    "Past",
    "Run",
    "RunEntry",
    "RunPage",
    "TableFile",
    "faults",
    "page_file",
    "render_page",
    "render_run_index",
    "sections_of_findings",
    "title_of",
    "write_archive_index",
    "write_page",
]
