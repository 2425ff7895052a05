"""Palette and figure style, and what every figure carries: a finding, an alt text, the data behind it."""

import hashlib
import io
import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes as Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findSystemFonts, fontManager

from workbench.results import Missing

# Okabe & Ito's colours: told apart by colour-blind readers; ordered so that they also differ in grey.
INK = "#1f2933"
GREY = "#8a949e"
PALE = "#d5dae0"
ACCENT = "#0072b2"
WARNING = "#d55e00"
SEQUENCE = (ACCENT, WARNING, "#009e73", "#e69f00", "#cc79a7", "#56b4e9")
# The same colour means the same thing on every page.
DEEP = "#004870"  # ACCENT, darker: above it in an order
TIER_COLOURS = {"A": ACCENT, "B": "#56b4e9", "C": PALE}
MEMBER_COLOURS = {"diamond": DEEP, "gold": ACCENT, "silver": "#56b4e9", "regular": PALE}
STAGE_COLOURS = {
    "potential": "#eef0f2", "new": "#9fd3f1", "returning": "#3d9bd8", "loyal": ACCENT, "dormant": "#e69f00",
    "lost": WARNING,
}  # fmt: skip
RISK_COLOURS = {"low": PALE, "medium": "#e69f00", "high": WARNING}
SENTIMENT_COLOURS = {"negative": WARNING, "neutral": PALE, "positive": ACCENT}

WIDTH_INCHES = 7.2  # a text column of about 75 characters
# The reader's own fonts draw the text, so a Chinese page needs no font on the machine that made it.
CHINESE_FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei"]
FONTS = [
    "Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans", *CHINESE_FONTS,
]  # fmt: skip


def _known_fonts() -> set[str]:
    return {font.name for font in fontManager.ttflist}


def _find_new_fonts() -> None:
    """Tell matplotlib of fonts installed after it wrote its list, which it keeps for good."""
    listed = {font.fname for font in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in listed:
            with suppress(OSError, RuntimeError):  # one that it can not read, as of bitmaps
                fontManager.addfont(path)


if not _known_fonts() & set(CHINESE_FONTS):
    _find_new_fonts()
# Those that are here measure the text, each the letters it has: of a generic family only the first would.
MEASURED_WITH = [name for name in FONTS if name in _known_fonts()] or ["DejaVu Sans"]
NO_FONT = (
    "no font on this machine has some letters of the pictures (Chinese?). Readers see them in fonts of their"
    " own; for labels that are placed exactly install a font, such as Debian's fonts-wqy-microhei or"
    " fonts-noto-cjk, or Fedora's google-noto-sans-cjk-fonts."
)
_HASHED_ID = re.compile(r'id="([A-Za-z]*[0-9a-f]{10})"')
_MISSING_GLYPH = re.compile("Glyph .* missing from font")
STYLE: Any = {  # matplotlib types the keys one by one
    "svg.fonttype": "none",
    "svg.hashsalt": "workbench",  # ids of clip paths become the same in every run
    "font.family": MEASURED_WITH,
    "text.parse_math": False,  # two amounts in dollars are no formula, nor is what a customer wrote
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.labelsize": 9.5,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e8ebee",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.facecolor": "white",
    "savefig.dpi": 150,  # of the parts of a picture that are rasterised
}


@dataclass(frozen=True)
class FigureNote:
    """What a figure says beside its marks.

    Attributes
    ----------
    title : str
        The finding, in a few words; the page prints it above the picture.
    sentence : str
        What the picture shows, with its numbers; printed below.
    alt : str
        What a reader who cannot see the picture needs to know.
    data : pandas.DataFrame
        The figures drawn, with readable column names.
    """

    title: str
    sentence: str
    alt: str
    data: pd.DataFrame


_notes: WeakKeyDictionary[Figure, FigureNote] = WeakKeyDictionary()


Plot = TypeVar("Plot", bound=Callable[..., Any])


def passes_missing(plot: Plot) -> Plot:
    """Decorate a plot function: a result that could not be computed is handed through, not drawn."""

    @wraps(plot)
    def drawn(result: Any, **options: Any) -> Any:
        return result if isinstance(result, Missing) else plot(result, **options)

    return drawn  # type: ignore[return-value]  # the same signature, which TypeVar can not say


def new_axes(ax: Axes | None = None, *, height: float = 3.2) -> Axes:
    """`ax` itself, or the axes of a new figure as wide as the text column and `height` inches high."""
    if ax is not None:
        return ax
    sns.set_theme(style="white", palette=list(SEQUENCE), rc=STYLE)
    figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
    return figure.subplots()


def finish(ax: Axes, *, title: str, sentence: str, alt: str, data: pd.DataFrame) -> Axes:
    """Give the figure of `ax` its note and return `ax`."""
    figure = ax.figure.figure
    assert isinstance(figure, Figure)
    _notes[figure] = FigureNote(title, sentence, alt, data)
    return ax


def note_of(ax: Axes) -> FigureNote:
    """The note that `finish` gave to the figure of `ax`."""
    figure = ax.figure.figure
    assert isinstance(figure, Figure)
    return _notes[figure]


def to_svg(ax: Axes) -> str:
    """The figure of `ax` as SVG text: the same bytes for the same figure, text kept as text.

    Warns with NO_FONT where no font of this machine has the letters: the log of a run then says what to
    install.
    """
    buffer = io.StringIO()
    with mpl.rc_context(STYLE), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure = ax.figure.figure
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        figure.set_layout_engine("none")  # laid out once: a second time would move the axes a little
    # The layout measures with whatever font is here; the reader's browser draws with its own.
    others = [one for one in caught if not _MISSING_GLYPH.match(str(one.message))]
    if len(others) < len(caught):
        warnings.warn(NO_FONT, stacklevel=2)
    for one in others:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    # Said once for the whole picture: a grid of two hundred numbers is half as large without it.
    measured = _families(MEASURED_WITH)
    bare = buffer.getvalue().replace(f"{measured}; ", "").replace(measured, "")
    return _named(bare.replace("<svg ", f'<svg style="{_families(FONTS)}, sans-serif" ', 1))


def _named(svg: str) -> str:
    """`svg` with ids made of what it shows.

    Matplotlib hashes coordinates with all their digits, of which the last ones are noise, into names of clip
    paths and markers; coordinates themselves are written with six decimals.
    """
    found = list(dict.fromkeys(_HASHED_ID.findall(svg)))
    for number, name in enumerate(found):
        svg = svg.replace(name, f"\ue000{number}\ue000")
    shown = hashlib.sha256(svg.encode()).hexdigest()[:8]
    for number in range(len(found)):
        svg = svg.replace(f"\ue000{number}\ue000", f"s{shown}-{number}")
    return svg


def _families(names: list[str]) -> str:
    """How matplotlib names fonts in the style of a text."""
    return "font-family: " + ", ".join(f"'{name}'" for name in names)
