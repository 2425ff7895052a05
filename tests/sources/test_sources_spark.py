"""Does Spark give what DuckDB gives, from a folder of Parquet files and from its own tables?"""

import pytest
from tests.engine_fixtures import spark_session
from tests.sources.messy_shop import AS_OF, assert_same, shop, source_of


@pytest.fixture(scope="module")
def parquet(tmp_path_factory):
    """The folder of both tables as folders of Parquet files."""
    folder = tmp_path_factory.mktemp("parquet")
    for name, frame in zip(("orderlines", "people"), shop(), strict=True):
        (folder / name).mkdir()
        frame.to_parquet(folder / name / "part-0.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A Spark session of the tests; `engine: spark` takes the session that is there."""
    with spark_session(tmp_path_factory.mktemp("spark")) as session:
        yield session


def test_folders_of_parquet_files_and_tables_give_what_duckdb_gives(company, load, parquet, spark):
    lines, people = (f"{parquet}/{name}" for name in ("orderlines", "people"))
    inside = source_of(company, "duckdb", f"{lines}/*.parquet", f"{people}/*.parquet")
    expected = load(inside, as_of=AS_OF)
    assert_same(load(source_of(company, "spark", lines, people), as_of=AS_OF), expected)
    spark.read.parquet(lines).createOrReplaceTempView("shop_lines")
    from_table = load(source_of(company, "spark", "shop_lines", people), as_of=AS_OF)
    assert from_table.totals == expected.totals


def test_a_table_that_spark_lacks(company, refused, spark):
    assert refused(source_of(company, "spark", "shop_line", "people")).startswith(
        "tables.transactions.from: the table must be one that the database has; got 'shop_line'."
    )


def test_a_folder_that_is_not_there(company, refused, spark):
    message = refused(source_of(company, "spark", "nowhere/*.parquet", "people"))
    assert message == (
        "tables.transactions.from: the table must be one that the user may read; "
        "got AnalysisException (PATH_NOT_FOUND). Check address, user and password."
    )
