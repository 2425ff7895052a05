"""Do the archive's pages hold in a real browser, opened from a disk?"""

import pytest

pytestmark = pytest.mark.browser

WIDTHS = [320, 1280]
PAGES = [
    "index.html", "index.zh.html", "demo/index.html", "demo/2026-10/index.html", "demo/2026-10/compare.html",
    "shop/index.html", "shop/2026-10/index.html",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def open_page(open_file, three_months):
    """Open a page of the archive."""
    return lambda name, width=1280, **options: open_file(three_months / name, width, **options)


def shown(page):
    return [row.inner_text().split("\t")[0] for row in page.locator("tbody tr").all() if row.is_visible()]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("2026-10 demo", 3),
        ("示例", 1),
        ("number 9.", 1),  # inside a folded list of findings
        ("customers 1,000", 2),  # a key figure with its value
        ("failed", 1),
        ("nothing like it", 0),
        ("", 6),
    ],
)
def test_the_search_finds_titles_findings_and_key_figures_from_a_disk(open_page, words, count):
    page = open_page("index.html")
    page.get_by_label("Filter").fill(words)
    assert len(shown(page)) == count
    assert page.locator("#found").inner_text() == (f"{count} / 6" if words else "")
    assert page.noise == []


def test_what_was_found_among_findings_is_unfolded(open_page):
    page = open_page("index.html")
    page.get_by_label("Filter").fill("number 9.")
    assert page.locator("details[open]").count() == 1
    assert page.get_by_text("Finding number 9.").is_visible()
    page.get_by_label("Filter").fill("2026-09")
    assert page.locator("details[open]").count() == 0


def test_without_script_the_list_is_whole_and_there_is_no_search_box(open_page):
    page = open_page("index.html", java_script_enabled=False)
    assert not page.locator("#search").is_visible()
    assert page.locator("tbody tr").count() == len(shown(page)) == 6


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window_or_asks_for_anything(open_page, width):
    for name in PAGES:
        page = open_page(name, width)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, name
        assert page.noise == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(open_page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    for name in PAGES:
        page = open_page(name, color_scheme=scheme, bypass_csp=True)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name


def test_from_the_list_to_last_months_same_figure_in_three_clicks(open_page):
    page = open_page("index.html")
    page.get_by_role("link", name="Title of demo 2026-10").first.click()
    page.get_by_role("link", name="Compare with September 2026").click()
    row = page.locator("tbody tr", has_text="AUC of the model").first
    assert [cell.inner_text() for cell in row.locator("td").all()][1:3] == ["0.790", "0.800"]
