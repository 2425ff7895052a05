"""Can text of the data run, or break a page? A run with markup wherever text goes, opened in Chromium."""

import csv
from datetime import date, timedelta
from itertools import cycle, islice

import pytest
import yaml

pytestmark = [pytest.mark.run, pytest.mark.browser]

AS_OF = date(2024, 6, 30)
CUSTOMERS, ORDERS_EACH = 120, 6
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</td></tr></table><h1>broken</h1>",
    "<svg onload=alert(3)>",
    "{{7*7}} ${7*7}",
    "`whoami` $(id) $x^2$",
    '=cmd|"/c calc"!A1',
    "[link](javascript:alert(4)) **bold**",
]
MADE = (  # what only the data could have made; pictures are embedded, and no script runs in them
    "img:not([src^='data:image/']), svg, [onerror], [onload], [onclick], a[href^='javascript:' i], iframe,"
    " object, embed, form, body h1 ~ h1, table h1"
)


@pytest.fixture(scope="module")
def report(published, tmp_path_factory):
    """A study whose categories, channels, regions, column names, tags and title are markup."""
    folder = tmp_path_factory.mktemp("hostile")
    kinds = list(islice(cycle(HOSTILE), CUSTOMERS * ORDERS_EACH))
    days = [AS_OF - timedelta(days=7 * (n % 50)) for n in range(len(kinds))]
    write(
        folder / "orders.csv",
        ["who", "day", "paid", "cat", "ch"],
        [
            (f"c{n % CUSTOMERS:03}", day, 5 + n % 90, kind, HOSTILE[n % 5])
            for n, (day, kind) in enumerate(zip(days, kinds, strict=True))
        ],
    )
    write(
        folder / "people.csv",
        ["who", "region", *HOSTILE[:4]],
        [(f"c{n:03}", HOSTILE[n % 8], *[HOSTILE[(n + k) % 8] for k in range(4)]) for n in range(CUSTOMERS)],
    )
    orders = {"customer_id": "who", "ordered_at": "day", "amount": "paid", "category": "cat", "channel": "ch"}
    tables = {
        "transactions": {"from": "orders.csv", "columns": orders},
        "customers": {
            "from": "people.csv",
            "columns": {"customer_id": "who", "region": "region"},
            "attributes": "all",
        },
    }
    study = {
        "study": "hostile",
        "title": HOSTILE[0],
        "also_in": ["zh"],
        "source": "source.yml",
        "notebooks": {"01_profiling": {}},
    }
    (folder / "source.yml").write_text(yaml.safe_dump({"tables": tables}), encoding="utf-8")
    (folder / "study.yml").write_text(yaml.safe_dump(study), encoding="utf-8")
    return published(folder / "study.yml", "--as-of", AS_OF.isoformat())


def write(path, heads, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, *rows])


@pytest.fixture
def opened(open_file, report):
    """A page of the run, everything unfolded, with what it did on the way."""

    def page_of(name):
        page = open_file(report.folder / name)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        return page

    return page_of


@pytest.mark.parametrize("name", ["01_profiling.html", "01_profiling.zh.html", "index.html"])
def test_nothing_of_the_data_runs_or_becomes_a_part_of_the_page(opened, name):
    page = opened(name)
    assert page.noise == []
    assert page.evaluate("made => [...document.querySelectorAll(made)].map(e => e.outerHTML)", MADE) == []
    scripts = page.evaluate("[...document.scripts].map(script => script.textContent)")
    assert not [script for script in scripts if "alert" in script]
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 100)")


def test_what_customers_wrote_is_read_as_they_wrote_it(opened):
    page = opened("01_profiling.html")
    shown = page.evaluate("document.body.innerText")
    for text in HOSTILE:
        assert text in shown, text
    assert "49 $49" not in shown  # nobody has multiplied


def test_the_page_is_whole_to_its_last_section(opened):
    page = opened("01_profiling.html")
    heads = page.evaluate("[...document.querySelectorAll('h2')].map(h => h.textContent.trim())")
    assert {"Can this month be trusted?", "What tells the group from the base?", "Limits"} <= set(heads)
    assert page.evaluate("document.images.length") >= 12
