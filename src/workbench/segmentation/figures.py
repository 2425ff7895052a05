"""How pictures of 02 are put together: bars in pairs, labels beside marks, words from the catalogue."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from workbench.language import current, say, write_number
from workbench.theme import ACCENT, GREY, INK, PALE, finish

BAR = 0.38  # height of one bar of a pair, in units of the distance between pairs
SMALL = 8.5  # points, of labels beside marks


def with_words(ax: Axes, name: str, values: dict[str, Any], data: pd.DataFrame) -> Axes:
    """`ax` with the messages ``segmentation.<name>_title``, ``_sentence`` and ``_alt``."""
    plain = {key: value.item() if isinstance(value, np.generic) else value for key, value in values.items()}
    words = {part: say(f"segmentation.{name}_{part}", **plain) for part in ("title", "sentence", "alt")}
    return finish(ax, **words, data=data)


def paired_bars(ax: Axes, names: list[str], people: Any, money: Any, money_name: str) -> None:
    """Two horizontal bars per name; the uppermost pair tells what the two are."""
    at = np.arange(len(names))[::-1]
    pairs = (
        (BAR / 2, people, PALE, GREY, say("segmentation.of_customers")),
        (-BAR / 2, money, ACCENT, ACCENT, money_name),
    )
    first = int((people > 0).to_numpy().argmax())  # an empty pair would explain nothing
    for offset, shares, colour, text_colour, what in pairs:
        ax.barh(at + offset, shares, color=colour, height=BAR)
        for position, (y, share) in enumerate(zip(at + offset, shares, strict=True)):
            text = f"{percent(share)} {what}" if position == first else percent(share)
            beside(ax, text, max(share, 0), y, colour=text_colour)
    ax.set_yticks(at, names)
    horizontal(ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.margins(x=0.22)
    ax.set_xlim(left=0)


def end_labels(ax: Axes, table: pd.DataFrame, columns: dict[str, str], colours: list[str]) -> None:
    """Names at the right ends of lines, pushed apart where they would overlap."""
    ends = table.dropna().iloc[-1]
    order = sorted(zip(columns.items(), colours, strict=True), key=lambda item: ends[item[0][1]])
    gap, last = 0.07 * table[list(columns.values())].max().max(), -np.inf
    for (label, column), colour in order:
        last = max(ends[column], last + gap)
        beside(ax, label, ends["repeats"], last, offset=8, colour=colour)


def horizontal(ax: Axes) -> None:
    """Grid and spine of a picture with bars that lie."""
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.spines["left"].set_visible(False)


def percent(value: float) -> str:
    """A share as the reader writes it."""
    return write_number(value, "share", language=current().language, currency=current().currency)


def whole(value: float, _position: int | None = None) -> str:
    """A whole number as the reader writes it; also a tick label."""
    return write_number(value, "customers", language=current().language, currency=current().currency)


def beside(ax: Axes, text: str, x: float, y: float, *, offset: int = 4, colour: str = INK) -> None:
    """Write `text` to the right of a point of the data, `offset` points away; at 0 where x is not known."""
    start = x if x == x else 0.0
    ax.annotate(
        text, (start, y), (offset, 0), textcoords="offset points", va="center", fontsize=SMALL, color=colour
    )
