"""The archive site: its index, its pages, its feeds, the review trail."""

from workbench.report.site.comparison import Section, compare, read_record
from workbench.report.site.digest import digest_text
from workbench.report.site.entry import RunEntry
from workbench.report.site.month import Month, read_month
from workbench.report.site.pages import compare_page
from workbench.report.site.trail import VERDICTS, Review, add_review, read_trail, trail_name
from workbench.report.site.write import rebuild, refresh, write_archive_index

__all__ = [
    "VERDICTS",
    "Month",
    "Review",
    "RunEntry",
    "Section",
    "add_review",
    "compare",
    "compare_page",
    "digest_text",
    "read_month",
    "read_record",
    "read_trail",
    "rebuild",
    "refresh",
    "trail_name",
    "write_archive_index",
]
