"""Layers and clusters in pictures. Nothing is computed here."""

from matplotlib.axes import Axes

from workbench.language import say
from workbench.segmentation.figures import paired_bars
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.wording import named, reader_frame, without_small_cells
from workbench.theme import finish, new_axes, passes_missing


@passes_missing
def plot_segments(layers: Layers, *, ax: Axes | None = None) -> Axes:
    """Share of customers beside share of revenue, by RFM segment."""
    table = without_small_cells(layers.by_segment)
    ax = new_axes(ax, height=0.6 + 0.36 * len(table))
    names = [named("segment", code) for code in table["segment"]]
    paired_bars(ax, names, table["customer_share"], table["revenue_share"], say("segmentation.of_revenue"))
    top = table.iloc[int(table["revenue_share"].fillna(-1).argmax())]
    values = {
        "segment": named("segment", str(top["segment"])),
        "share": top["customer_share"],
        "revenue_share": top["revenue_share"],
        "n": top["customers"],
    }
    return finish(
        ax,
        title=say("segmentation.segments_title", **values),
        sentence=say("segmentation.segments_sentence", groups=layers.groups, **values),
        alt=say("segmentation.segments_alt", **values),
        data=reader_frame(table),
    )
