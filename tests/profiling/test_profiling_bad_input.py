"""Does 01 make a page of bad data, and say what can not be said? Its own cells are run, figures and all."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup

from workbench import language, show

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_profiling.ipynb"
AS_OF = pd.Timestamp("2024-06-30")
COLUMNS = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
LINES, CUSTOMERS, DAYS = 400, 40, 180
BAD_NUMBERS = re.compile(r"(nan|inf|NaN|NaT|None(?! is removed))|[-−]0(\.0+)?%")


@dataclass(frozen=True)
class Page:
    """What the cells of the notebook have shown, in the order of the page."""

    parts: list
    profile: object

    @property
    def html(self):
        return BeautifulSoup("\n".join(self.parts), "html.parser")

    def said(self, kind):
        return [line.get_text() for line in self.html.select(f"p.{kind}")]

    def checks(self):
        return {check.name: check for check in self.profile.results.checks}


def lines(**columns):
    """Orders of half a year up to the as-of day, with other columns or other contents of them."""
    draw = np.random.default_rng(1)
    ago = np.concatenate([[0], draw.integers(0, DAYS, LINES - 1)])
    frame = pd.DataFrame({
        "who": [f"c{i % CUSTOMERS:03}" for i in range(LINES)],
        "day": AS_OF - pd.to_timedelta(ago, unit="D"),
        "paid": draw.lognormal(3, 1, LINES).round(2),
    })  # fmt: skip
    return frame.assign(**columns)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of these tables (name → frame, columns of the mapping, other keys of it)."""
    cells = [c for c in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]

    def made(tables, **given):
        folder = tmp_path_factory.mktemp("bad")
        mapped = {}
        for name, (frame, columns, *more) in tables.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
            mapped[name] = {"from": f"{name}.parquet", "columns": columns} | (more[0] if more else {})
        source = folder / "source.yml"
        source.write_text(yaml.safe_dump({"tables": mapped}, sort_keys=False), encoding="utf-8")
        parts, names = [], {}
        with language.speaking("en"), pytest.MonkeyPatch.context() as patch:
            patch.setattr(show, "display", lambda part, **_: parts.append(part.data))
            for cell in cells:
                exec("".join(cell["source"]), names)
                if "parameters" in cell["metadata"].get("tags", []):
                    names |= {"source": str(source), "as_of": f"{AS_OF:%Y-%m-%d}"} | given
        found = Page(parts, names["profile"])
        whole(found)
        return found

    return made


def whole(page):
    """A page that came to its end: every line is a sentence, and no number is none."""
    assert page.html.select("table")
    assert all(line.strip() for kind in ("finding", "sentence", "missing") for line in page.said(kind))
    words = page.html
    for part in words.select("svg, th[scope=row]"):
        part.decompose()
    assert not BAD_NUMBERS.search(words.get_text(" "))
    assert not re.search(r"[{}]", words.get_text(" "))  # every message is filled in


def test_columns_without_a_value_are_named_and_what_rests_on_them_is_left_out(page):
    orders = lines(cat=None, ch=None, n=None)
    people = pd.DataFrame({"who": sorted(orders.who.unique()), "region": None, "void": None})
    found = page(
        {
            "transactions": (orders, COLUMNS | {"category": "cat", "channel": "ch", "quantity": "n"}),
            "customers": (people, {"customer_id": "who", "region": "region"}, {"attributes": ["void"]}),
        }
    )
    silent = found.checks()["columns_say_something"]
    assert silent.values["empty"] == 5  # of what is mapped: quantity, category, channel, region and void
    assert silent.values["names"] == "transactions.quantity, transactions.category, transactions.channel, …"
    missing = found.said("missing")
    assert "the orders name no category: gaps by category are left out" in missing
    for column in ("region", "channel"):
        assert f"the column “{column}” is not mapped or empty; what rests on it is left out" in missing
    assert found.said("finding")[2].startswith("Columns with empty cells: ")


def test_constants_make_a_page_in_chinese_too(page):
    orders = lines(paid=5.0, cat="x", ch="y", n=1)
    mapping = COLUMNS | {"category": "cat", "channel": "ch", "quantity": "n"}
    found = page({"transactions": (orders, mapping)}, language="zh")
    assert found.checks()["columns_say_something"].values["constant"] == 4
    assert "没有数值字段具备至少 100 个且差异足够的取值：离群值从略" in found.said("missing")
    gini = next(metric for metric in found.profile.results.metrics if metric.name == "gini")
    assert (gini.value, gini.low, gini.high) == (0, 0, 0)


def test_one_customer_is_no_group_and_no_cohort(page):
    found = page({"transactions": (lines(who="amy"), COLUMNS)})
    assert {
        "no month of first orders (of 1) has 10 new customers: the retention triangle is left out",
        "too few active customers (1) to be divided: at least 20 are needed",
        "no tag is carried by ten customers or more: coverage is left out",
    } <= set(found.said("missing"))
    assert "amy" not in found.html.get_text()


def test_one_day_is_no_month_no_rhythm_and_no_return(page):
    found = page({"transactions": (lines(day=AS_OF), COLUMNS)})
    assert found.checks()["more_than_one_day"].level == "warn"
    missing = found.said("missing")
    assert {
        "no feed has rows on enough days to know its rhythm: whether one is late can not be said",
        "no month follows the first one with an order by 30 June 2024: growth accounting is left out",
        "no customer has ordered on two different days: gaps between purchases are left out",
        "the orders cover less than a week (days: 1): weekdays and hours are left out",
    } <= set(missing)
    assert not [title for title in found.said("finding") if "feed" in title]


def test_refunds_alone_fail_and_are_no_purchases(page):
    orders = lines()
    found = page({"transactions": (orders.assign(paid=-orders.paid), COLUMNS)})
    assert found.checks()["sales_exceed_refunds"].level == "fail"
    why = "no purchase is dated up to 30 June 2024, and refunds alone are none: the structure of the base is"
    sections = {line for line in found.said("missing") if line.startswith(why)}
    assert sections == {f"{why} left out"}
    (verdict,) = found.profile.results.findings
    assert verdict.code == "profiling.trust_finding_broken"


def test_dates_in_the_far_future_are_set_aside_and_told(page):
    orders = lines()
    stray = orders[:60].assign(day=pd.Timestamp("2091-01-01"))
    found = page({"transactions": (pd.concat([orders, stray]), COLUMNS)})
    check = found.checks()["later_rows_are_a_feed"]
    assert (check.level, check.values["rows"], f"{check.values['latest']:%Y}") == ("warn", 60, "2091")
    assert found.profile.totals.as_of.rows["used"] == LINES
    verdict = found.profile.results.findings[0]
    assert verdict.text.endswith(check.detail)
    others = [line for line in found.said("finding") + found.said("sentence") if line != verdict.text]
    assert "2091" not in " ".join(others)


def test_a_month_without_a_row_fails_and_says_so(page):
    found = page({"transactions": (lines(day=pd.Timestamp("2091-01-01")), COLUMNS)})
    check = found.checks()["rows_are_there"]
    assert (check.level, check.detail) == (
        "fail",
        "Rows of transactions that are used up to the as-of day: 0.",
    )
    assert "no table has a row to profile" in found.said("missing")
    assert "Every mapped column is filled in every row." not in found.said("missing")


@pytest.mark.parametrize("columns", [200, pytest.param(2_000, marks=pytest.mark.long)])
def test_columns_by_the_hundred_come_out(page, columns):
    orders = lines()
    people = pd.DataFrame({"who": sorted(orders.who.unique())})
    texts = pd.DataFrame({f"plan_{i}": [f"p{(i + k) % 7}" for k in range(CUSTOMERS)] for i in range(columns)})
    people = pd.concat([people, texts], axis=1)
    found = page(
        {
            "transactions": (orders, COLUMNS),
            "customers": (people, {"customer_id": "who"}, {"attributes": "all"}),
        }
    )
    profiled = found.profile.trust.columns.profile
    assert (profiled.table == "customers").sum() == columns + 1
    assert any(line.startswith("Further columns in the run's table") for line in found.said("sentence"))
    assert max(len(table.select("tr")) for table in found.html.select("table")) <= show.MAX_ROWS + 1


@pytest.mark.parametrize("many", [100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_many_categories_are_counted_and_none_is_listed(page, many):
    ago = np.arange(many) % DAYS
    orders = pd.DataFrame({
        "who": [f"c{i % 20_000}" for i in range(many)],
        "day": AS_OF - pd.to_timedelta(ago, unit="D"),
        "paid": 10.0 + np.arange(many) % 50,
        "cat": [f"kind {i}" for i in range(many)],
    })  # fmt: skip
    found = page({"transactions": (orders, COLUMNS | {"category": "cat"})})
    row = found.profile.trust.columns.profile.set_index("column").loc["category"]
    assert row.distinct == pytest.approx(many, rel=0.05)  # counted by HyperLogLog, good to 2 %
    why = (
        "in none of the 12 categories with most money did 10 customers buy again: gaps by category are left"
        " out"
    )
    assert why in found.said("missing")
    assert "kind " not in found.html.get_text()
    assert sum(map(len, found.parts)) < 1_000_000  # bytes: the whole page may have one megabyte
