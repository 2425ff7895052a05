"""Is the embedded demo company written once, into the user's cache, and read like any other?"""

import pytest

from workbench import sources
from workbench.calendar import last_complete_month
from workbench.parameters import DemoSource, Source, read_source


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    place = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(place))
        yield place / "workbench" / "demo"


@pytest.fixture(scope="module")
def demo(company, cache, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "demo.yml"
    path.write_text("demo: {customers: 60, seed: 3}\n", encoding="utf-8")
    return path


def test_the_demo_is_written_once(demo, cache):
    first = sources.resolve(read_source(demo))
    written = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    assert sources.resolve(read_source(demo)) == first
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == written
    assert set(first.tables) == set(sources.TABLES)  # every canonical table has its file
    assert first.path.parent.parent == cache


def test_another_company_gets_a_folder_of_its_own(demo, cache):
    one = sources.resolve(read_source(demo))
    chinese = Source(demo=DemoSource(customers=60, seed=3, language="zh"))
    assert sources.resolve(chinese).path.parent != one.path.parent


def test_a_source_of_files_is_left_as_it_is(company):
    source = read_source(company({"o.csv": "id,day,paid\na,2024-01-31,5\n"}))
    assert sources.resolve(source) is source


def test_the_demo_balances_and_ends_with_its_last_complete_month(demo, load):
    data = load(demo)
    assert data.as_of == last_complete_month(data.latest)
    for table, totals in data.totals.items():
        assert totals.whole.balanced, table
        assert totals.whole.rows["used"] > 0, table


def test_the_inputs_of_the_demo_are_its_files(demo, load):
    source = sources.resolve(read_source(demo))
    inputs = sources.describe_inputs(source, load(demo))
    assert [entry["name"] for entry in inputs] == [about.from_ for about in source.tables.values()]
    assert all(len(entry["sha256"]) == 64 for entry in inputs)
