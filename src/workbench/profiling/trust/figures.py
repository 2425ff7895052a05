"""Pictures of whether the data can be trusted. They compute nothing."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from workbench.language import again
from workbench.profiling.figures import with_words
from workbench.profiling.tables import bridge_table
from workbench.theme import ACCENT, GREY, INK, PALE, WARNING, new_axes, passes_missing

STEP_COLOURS = {"in": GREY, "excluded": PALE, "quarantined": WARNING, "used": ACCENT, "net": PALE}


@passes_missing
def plot_bridge(bridge: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Rows that came in, and what became of them rule by rule, up to the as-of day."""
    ax = new_axes(ax, height=0.7 + 0.3 * len(bridge))
    rows, kinds = bridge.rows_as_of.to_numpy(), bridge.kind
    taken = np.where(kinds.isin(["excluded", "quarantined"]), rows, 0)
    starts = np.where(taken > 0, rows[0] - np.cumsum(taken), 0)
    places = np.arange(len(bridge))
    ax.barh(places, rows, left=starts, color=[STEP_COLOURS[kind] for kind in kinds], height=0.62)
    for place, end, width in zip(places, starts + rows, rows, strict=True):
        ax.annotate(f" {width:,}", (end, place), va="center", fontsize=9, color=INK)
    ax.set_yticks(places, [again(label) for label in bridge.label])
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.xaxis.set_visible(False)
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.margins(x=0.12)
    by_kind = bridge.groupby("kind").rows_as_of.sum()
    parts = {"rows": "in", "used": "used", "excluded": "excluded", "bad": "quarantined"}
    values: dict[str, Any] = {name: int(by_kind.get(kind, 0)) for name, kind in parts.items()}
    values["share"] = values["used"] / values["rows"] if values["rows"] else None
    return with_words(ax, "bridge", values, bridge_table(bridge, "as_of"))
