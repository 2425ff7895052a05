"""Does Spark give what DuckDB gives, from a folder of Parquet files and from its own tables?"""

import pytest
from tests.engine_fixtures import spark_session
from tests.sources.messy_shop import AS_OF, CUSTOMERS, assert_same, shop, source_of

from workbench import features

DataFrame = pytest.importorskip("pyspark.sql.classic.dataframe", reason="Spark is not installed").DataFrame


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


@pytest.fixture(scope="module")
def counted(company, load, parquet, spark):
    """What Spark makes of the folders, and how many rows each of its answers brought to Python."""
    fetched = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("collect", "toPandas", "toArrow"):
            plain = getattr(DataFrame, name)

            def brought(self, *given, _plain=plain):
                found = _plain(self, *given)
                fetched.append(len(found))
                return found

            patch.setattr(DataFrame, name, brought)
        lines, people = (f"{parquet}/{name}" for name in ("orderlines", "people"))
        data = load(source_of(company, "spark", lines, people), as_of=AS_OF)
        features.order_features(data.get("transactions"), [data.as_of]).to_pandas()
    return data, fetched


@pytest.fixture(scope="module")
def expected(company, load, parquet):
    """What DuckDB makes of the same files."""
    lines, people = (f"{parquet}/{name}/*.parquet" for name in ("orderlines", "people"))
    return load(source_of(company, "duckdb", lines, people), as_of=AS_OF)


def test_folders_of_parquet_files_give_what_duckdb_gives(counted, expected):
    assert_same(counted[0], expected)


def test_from_spark_only_aggregates_come(counted):
    """Neither the intake nor the features fetch more rows than there are customers."""
    _, fetched = counted
    assert fetched
    assert max(fetched) <= CUSTOMERS


def test_a_table_of_spark_gives_what_duckdb_gives(company, load, parquet, spark, expected):
    spark.read.parquet(f"{parquet}/orderlines").createOrReplaceTempView("shop_lines")
    from_table = load(source_of(company, "spark", "shop_lines", f"{parquet}/people"), as_of=AS_OF)
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


@pytest.mark.long
def test_moments_and_texts_with_a_zone_are_moved_into_the_study_s(company, load, spark):
    """The first is an instant, the second a text that says its zone, the third a wall clock."""
    rows = """
        SELECT 'a' AS who, CAST(TIMESTAMP '2024-01-31 20:00:00+00:00' AS {kind}) AS at, 5 AS paid
    """
    for kind, expected in (("TIMESTAMP", "2024-02-01 04:00"), ("STRING", "2024-01-31 20:00")):
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        spark.sql(rows.format(kind=kind)).cache().createOrReplaceTempView("moments")
        spark.table("moments").count()
        columns = {"customer_id": "who", "ordered_at": "at", "amount": "paid"}
        source = company({}, {"transactions": {"from": "moments", "columns": columns}}, engine="spark")
        found = load(source, as_of="2024-02-29", timezone="Asia/Shanghai").get("transactions").to_pandas()
        assert str(found.ordered_at[0])[:16] == expected
    text = "SELECT 'a' AS who, '2024-01-31T20:00:00Z' AS at, 5 AS paid"
    spark.sql(text).createOrReplaceTempView("moments")
    found = load(source, as_of="2024-02-29", timezone="Asia/Shanghai").get("transactions").to_pandas()
    assert str(found.ordered_at[0])[:16] == "2024-02-01 04:00"
