"""Stages in pictures. Nothing is computed here."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from workbench.language import say
from workbench.segmentation.figures import beside, horizontal
from workbench.segmentation.lifecycle.stages import Lifecycle
from workbench.segmentation.wording import named, reader_frame, without_small_cells
from workbench.theme import ACCENT, GREY, WARNING, finish, new_axes, passes_missing


@passes_missing
def plot_lifecycle(stages: Lifecycle, *, ax: Axes | None = None) -> Axes:
    """Customers in each stage of the life cycle."""
    ax = new_axes(ax, height=2.5)
    table = without_small_cells(stages.by_stage)
    at = np.arange(len(table))[::-1]
    colours = [WARNING if code == "lost" else ACCENT if code == "loyal" else GREY for code in table["stage"]]
    ax.barh(at, table["customer_share"], color=colours, height=0.65)
    for y, row in zip(at, table.to_dict("records"), strict=True):
        text = say("segmentation.stage_label", share=row["customer_share"], n=row["customers"])
        beside(ax, text, row["customer_share"], y)
    ax.set_yticks(at, [named("stage", code) for code in table["stage"]])
    horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlim(0, table["customer_share"].max() * 1.2)
    by_stage = table.set_index("stage")
    values = {name: by_stage.loc[name, "customer_share"] for name in ("loyal", "dormant", "lost")}
    limits = {"dormant_days": stages.dormant_after_days, "lost_days": stages.lost_after_days}
    limits |= {"loyal_from": stages.loyal_from_days, "n_gaps": stages.n_gaps}
    return finish(
        ax,
        title=say("segmentation.lifecycle_title", **values, **limits),
        sentence=say("segmentation.lifecycle_sentence", **values, **limits),
        alt=say("segmentation.lifecycle_alt", **values, **limits),
        data=reader_frame(table),
    )
