"""Sentences of 01 on columns that not every month has something to say about."""

from workbench import show
from workbench.profiling.trust.examination import Trust
from workbench.profiling.trust.tables import columns_left_out
from workbench.profiling.trust.told import outliers_sentence
from workbench.results import Missing


def show_columns(found: Trust) -> None:
    """How many columns the table leaves out, if any, and how many values lie far out."""
    more = columns_left_out(found.columns)
    if more:
        show.sentence("profiling.trust_more_columns", more=more)
    told = outliers_sentence(found)
    if isinstance(told, Missing):
        show.missing(told)
    else:
        show.finding(told)
