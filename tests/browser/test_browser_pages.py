"""Do the pages hold in a real browser: no overflow, no request, Chinese letters, a search that works?"""

import pytest

pytestmark = pytest.mark.browser

PAGES = ["index.html"] + [
    f"study-{language}/2026-10/20261101T060312Z-4f2a/{page}"
    for language in ("en", "zh")
    for page in ("index.html", "01_profiling.html")
]
WIDTHS = [320, 400, 1280]  # a phone, which is also a desktop at 400 % zoom; a larger phone; a desktop
# The pixels of a character as the page's own fonts draw it.
GLYPH = """character => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const drawing = canvas.getContext('2d');
  drawing.font = '48px ' + getComputedStyle(document.body).fontFamily;
  drawing.fillText(character, 4, 52);
  return Array.from(drawing.getImageData(0, 0, 64, 64).data).join();
}"""


@pytest.fixture
def open_page(open_file, site):
    """Open a page of the site."""
    return lambda name, width=1280, **options: open_file(site / name, width, **options)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_its_window_and_none_complains(open_page, name, width):
    page = open_page(name, width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.noise == []


@pytest.mark.parametrize("name", PAGES[1:])
def test_no_page_is_cut_off_on_paper(open_page, name):
    page = open_page(name, 794)  # A4 at 96 dpi
    page.emulate_media(media="print")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 794
    heads = page.evaluate("[...document.querySelectorAll('thead')].map(h => getComputedStyle(h).display)")
    assert set(heads) <= {"table-header-group"}
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    closed = page.evaluate("document.querySelectorAll('details[open]').length")
    assert closed == 0


def test_chinese_letters_are_letters_and_not_boxes(open_page):
    page = open_page(PAGES[-1])
    drawn = {page.evaluate(GLYPH, character) for character in ("客", "户", "\ue000")}
    assert len(drawn) == 3  # a font without Chinese draws the same box for all three


def test_chinese_row_names_do_not_stand_on_end_in_a_narrow_table(open_page):
    page = open_page(PAGES[-1], width=400)
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    lines = page.evaluate(
        """() => {
        const table = document.createElement("table");
        const cells = "<td>1,234,567.00</td>".repeat(6);
        table.innerHTML = `<tr><th scope="row">重要价值客户</th>${cells}</tr>`;
        const frame = document.querySelector("main").appendChild(document.createElement("div"));
        frame.className = "scroll";
        frame.append(table);
        const head = table.querySelector("th");
        return head.clientHeight / parseFloat(getComputedStyle(head).lineHeight);
    }"""
    )
    assert lines < 2.5  # one line and the padding; letter by letter it would be six


def test_chinese_letters_inside_pictures_are_letters(open_page):
    page = open_page(PAGES[-1])
    first, second = page.locator("figure img").all()
    assert first.screenshot() != second.screenshot()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_light_on_dark_only_where_the_reader_asks_for_it(open_page, scheme):
    page = open_page(PAGES[2], color_scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 25, 29)"}[scheme]
    picture = page.evaluate("getComputedStyle(document.querySelector('figure img')).backgroundColor")
    assert picture == "rgb(255, 255, 255)"


def test_the_first_tab_shows_the_skip_link_and_enter_leads_to_the_report(open_page):
    page = open_page(PAGES[2])
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.className")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert (focused, outline) == ("skip", "solid")
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_every_link_inside_the_archive_leads_somewhere(open_page, site):
    for name in PAGES:
        page = open_page(name)
        for href in page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"):
            target, _, anchor = href.partition("#")
            if target in ("manifest.json", "run.log"):
                continue  # written by the run, not by the report
            file = (site / name).parent / target if target else site / name
            assert file.resolve().is_file(), href
            assert not anchor or f'id="{anchor}"' in file.read_text(encoding="utf-8"), href


def test_without_script_the_archive_has_no_search_box_and_all_its_rows(open_page):
    page = open_page("index.html", java_script_enabled=False)
    assert not page.locator("#search").is_visible()
    assert all(row.is_visible() for row in page.locator("tbody tr").all())
