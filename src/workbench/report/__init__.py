"""Pages and the archive site: executed notebooks in, self-contained HTML out."""

from workbench.report.archive import RunEntry, read_archive, render_archive_index, write_archive_index
from workbench.report.context import IndexContext, PageContext, PageLink, Run, RunPage, TableFile
from workbench.report.notebook import title_of
from workbench.report.page import render_page
from workbench.report.shell import write_page
from workbench.report.summary import render_run_index

__all__ = [
    "IndexContext",
    "PageContext",
    "PageLink",
    "Run",
    "RunEntry",
    "RunPage",
    "TableFile",
    "read_archive",
    "render_archive_index",
    "render_page",
    "render_run_index",
    "title_of",
    "write_archive_index",
    "write_page",
]
