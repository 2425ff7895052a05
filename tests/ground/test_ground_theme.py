"""Are pictures the same bytes every time, with text that stays text and colours that can be told apart?"""

import re
import warnings
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.font_manager import fontManager

from workbench import theme
from workbench.results import Missing

SVG = "{http://www.w3.org/2000/svg}"


def draw():
    """A picture with everything that has made bytes differ: clip paths, markers, raster, Chinese."""
    ax = theme.new_axes(height=2.5)
    x = np.linspace(0, 1, 50)
    ax.plot(x, x**2, marker="o")
    ax.fill_between(x, x**2 - 0.1, x**2 + 0.1, alpha=0.3)
    ax.scatter(x, x, rasterized=True)
    ax.set_xlabel("客户占比（由高到低）")
    ax.set_ylabel("Revenue (EUR)")
    ax.annotate("US$100 to US$200", (0.5, 0.5))
    return theme.finish(ax, title="标题", sentence="s", alt="a", data=pd.DataFrame({"x": [1]}))


@pytest.fixture(scope="module")
def svg() -> str:
    return theme.to_svg(draw())


def texts(svg: str) -> list[str]:
    """What the text elements of a picture say; comments do not count."""
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_same_picture_is_the_same_bytes(svg):
    assert theme.to_svg(draw()) == svg


def test_drawing_a_picture_twice_does_not_change_it():
    ax = draw()
    assert theme.to_svg(ax) == theme.to_svg(ax)


def test_a_picture_tells_neither_time_nor_maker(svg):
    assert not re.search(r"<dc:date>|<dc:creator>|Matplotlib v", svg)


def test_text_stays_text(svg):
    found = texts(svg)
    assert "Revenue (EUR)" in found
    assert "0.0" in found  # a tick
    assert f"{SVG}text" in {element.tag for element in ET.fromstring(svg).iter()}


def test_chinese_text_is_text_and_no_picture_of_boxes(svg):
    assert "客户占比（由高到低）" in texts(svg)


def test_the_reader_s_chinese_fonts_are_named(svg):
    assert "PingFang SC" in svg
    assert "Microsoft YaHei" in svg
    assert "Noto Sans CJK SC" in svg


def test_two_amounts_in_dollars_are_no_formula(svg):
    assert "US$100 to US$200" in texts(svg)


def test_what_a_customer_wrote_is_neither_markup_nor_formula():
    ax = theme.new_axes()
    hostile = '<script>alert("x")</script> & $\\frac{1}{$ -->'
    ax.set_title(hostile)
    ax.annotate(hostile, (0.5, 0.5))
    svg = theme.to_svg(ax)
    assert texts(svg).count(hostile) == 2
    assert "<script" not in svg


def test_no_font_of_this_machine_is_embedded(svg):
    assert "@font-face" not in svg
    assert "<style" in svg
    assert "font-family" in svg or "font:" in svg


def test_a_picture_draws_on_axes_that_are_given():
    ax = theme.new_axes()
    assert theme.new_axes(ax) is ax


def test_a_picture_is_as_wide_as_the_text():
    assert theme.new_axes(height=1.5).figure.get_size_inches().tolist() == [theme.WIDTH_INCHES, 1.5]


def test_the_note_stays_with_its_picture():
    note = theme.note_of(draw())
    assert (note.title, note.sentence, note.alt, note.data.x.tolist()) == ("标题", "s", "a", [1])


def test_a_picture_without_a_note_is_an_error():
    with pytest.raises(KeyError):
        theme.note_of(theme.new_axes())


def test_a_result_that_is_missing_is_handed_through_and_not_drawn():
    @theme.passes_missing
    def plot_x(result, *, ax=None):
        raise AssertionError

    why = Missing("results.no_denominator")
    assert plot_x(why, ax=None) is why


def test_the_plot_keeps_its_name_and_draws_what_is_there():
    @theme.passes_missing
    def plot_x(result, *, ax=None):
        return result

    assert plot_x.__name__ == "plot_x"
    assert plot_x(3) == 3


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [theme.INK])
def test_text_in_pictures_contrasts_with_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5  # WCAG 2.2, 1.4.3, level AA


@pytest.mark.parametrize("colour", [theme.ACCENT, theme.WARNING])
def test_marks_contrast_with_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize(
    "scale",
    [
        theme.TIER_COLOURS,
        theme.MEMBER_COLOURS,
        theme.STAGE_COLOURS,
        theme.RISK_COLOURS,
        theme.SENTIMENT_COLOURS,
    ],
)
def test_colours_of_a_scale_differ_in_grey(scale):
    greys = sorted(luminance(colour) for colour in scale.values())
    assert min(b - a for a, b in pairwise(greys)) > 0.05


def test_a_picture_names_the_reader_s_fonts_and_not_this_machine_s(svg):
    families = set(re.findall(r"font-family: ([^;\"]*)", svg))
    assert families == {", ".join([*(f"'{name}'" for name in theme.FONTS), "sans-serif"])}


def test_letters_that_no_font_here_has_are_told_with_what_to_install():
    ax = theme.new_axes()
    ax.set_xlabel("\ue000")  # of the private use area: no font has it
    with pytest.warns(UserWarning, match=r"install a font, such as Debian's fonts-wqy-microhei"):
        theme.to_svg(ax)


def test_a_picture_whose_letters_are_all_there_warns_of_nothing():
    ax = theme.new_axes()
    ax.set_xlabel("Revenue")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        svg = theme.to_svg(ax)
    assert ">Revenue</text>" in svg
    assert [str(one.message) for one in caught] == []


def test_fonts_installed_after_matplotlib_made_its_list_are_found(monkeypatch):
    here = theme._known_fonts() & set(theme.CHINESE_FONTS)
    if not here:
        pytest.skip("there is no Chinese font on this machine")
    files = {str(f.fname) for f in fontManager.ttflist if f.name in here}
    older = [f for f in fontManager.ttflist if str(f.fname) not in files]
    monkeypatch.setattr(fontManager, "ttflist", older)
    assert not theme._known_fonts() & set(theme.CHINESE_FONTS)
    theme._find_new_fonts()
    assert here <= theme._known_fonts()
