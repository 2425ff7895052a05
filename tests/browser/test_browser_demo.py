"""Every page of the demo company's run, in both languages: WCAG 2.2 AA, alone, at every width, no script."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from workbench import report

pytestmark = pytest.mark.browser

NOTEBOOKS = ("01_profiling", "02_segmentation", "03_churn", "04_feedback")
PAGES = [f"{stem}{tail}.html" for stem in ("index", *NOTEBOOKS) for tail in ("", ".en")]
WIDTHS = (320, 400, 1280)
LARGEST = 1_500_000  # bytes of a page
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
UNFOLD = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
# Rows of the same elements, classes and styles as an earlier row of their table have its colours: axe takes
# milliseconds for every text on a page, and the longest page has thousands of cells of a few looks.
KEEP_ONE_ROW_OF_EACH_LOOK = """() => {
  const look = row => [row, ...row.querySelectorAll('*')]
    .map(e => [e.tagName, e.className, e.getAttribute('style'), e.children.length].join()).join(';');
  document.querySelectorAll('tbody').forEach(body => {
    const seen = new Set();
    [...body.rows].forEach(row => seen.has(look(row)) ? row.remove() : seen.add(look(row)));
  });
}"""


def broken_rules(page, **only):
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]} | only
    found = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_demo_is_accessible_alone_and_fits_every_window(open_file, demo_run, name):
    # The policy lets no script in, axe's neither: for the test alone the browser looks away from it.
    page = open_file(demo_run / name, bypass_csp=True, color_scheme="light")
    page.evaluate(UNFOLD)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    english = ".en." in name
    if english:  # its rows have the parts of the Chinese ones, which are looked at one by one
        page.evaluate(KEEP_ONE_ROW_OF_EACH_LOOK)
    assert broken_rules(page, rules={"color-contrast": {"enabled": False}}) == []
    page.evaluate(KEEP_ONE_ROW_OF_EACH_LOOK)
    for scheme in () if english else ("light", "dark"):  # no colour depends on the language
        page.emulate_media(color_scheme=scheme)
        assert broken_rules(page, runOnly={"type": "rule", "values": ["color-contrast"]}) == []
    assert page.noise == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_demo_is_whole_without_script_and_small(open_file, demo_run, name):
    html = (demo_run / name).read_text(encoding="utf-8")
    assert report.faults(html) == []
    assert len(html.encode()) <= LARGEST
    page = open_file(demo_run / name, java_script_enabled=False)
    assert page.locator("h1").is_visible()
    assert page.locator("#quality").is_visible()
    summaries = page.locator("summary")
    if summaries.count():
        summaries.first.click()
        assert page.locator("details[open]").count() == 1
    assert page.noise == []


def test_both_languages_have_the_same_parts_and_no_sentence_of_the_other_is_left(open_file, demo_run):
    ids = "[...document.querySelectorAll('[id]')].map(e => e.id)"
    counted = ("figure img", "table", ".missing")
    numbers = f"{list(counted)}.map(kind => document.querySelectorAll(kind).length)"
    sentences = (
        "[...document.querySelectorAll('.sentence, .finding, .findings li, .missing, caption, .change')]"
        ".map(e => e.textContent.trim())"
    )
    for stem in ("index", *NOTEBOOKS):
        chinese, english = (open_file(demo_run / f"{stem}{tail}.html") for tail in ("", ".en"))
        assert english.evaluate(ids) == chinese.evaluate(ids)
        assert english.evaluate(numbers) == chinese.evaluate(numbers)
        said = {text for text in english.evaluate(sentences) if len(text) > 12}
        assert said & set(chinese.evaluate(sentences)) == set()


def test_from_the_first_page_to_a_definition_it_is_two_clicks_at_most(open_file, demo_run):
    page = open_file(demo_run / "index.html")
    page.locator(".tiles .label a").first.click()
    page.wait_for_load_state()
    anchor = page.url.partition("#")[2]
    assert anchor.startswith("metric-")
    assert page.locator(f"#{anchor}").is_visible()


def test_a_narrow_picture_keeps_its_labels_and_scrolls_by_keyboard(open_file, demo_run):
    page = open_file(demo_run / "03_churn.html", width=320)
    frame = page.locator("figure.picture").first
    assert frame.evaluate("e => e.scrollWidth > e.clientWidth")
    frame.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(
        500
    )  # it scrolls smoothly; the policy of the page forbids to wait for an expression
    assert frame.evaluate("e => e.scrollLeft") > 0


def test_on_paper_nothing_is_cut_and_every_sheet_names_its_run(open_file, demo_run):
    page = open_file(demo_run / "03_churn.html", width=794)  # A4 at 96 dpi
    page.emulate_media(media="print")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 794
    # The foot of each sheet is the page's own style, which is where Chromium takes it from.
    assert demo_run.name in page.evaluate("document.querySelector('style').textContent")
    cut = "[...document.querySelectorAll('figure img')].filter(i => i.clientHeight > 0.9 * 1123).length"
    assert page.evaluate(cut) == 0
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
