"""Does Spark compute the same features?"""

import pytest
from tests.features.canonical_rows import CUT_OFFS
from tests.features.engine_agreement import assert_agrees_with_duckdb, assert_order_features_agree, frames

# Spark turns frames into its rows by what pandas is about to remove; its pin holds until it does not.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]
# The tables in which a late row moves what was known of other rows.
MOVED_BY_LATE_ROWS = ("transactions", "events", "feedback")


def test_spark_agrees_with_duckdb(spark):
    assert_agrees_with_duckdb(spark, frames(), CUT_OFFS[2:])


@pytest.mark.long  # PostgreSQL runs the same expressions each time
def test_spark_agrees_with_duckdb_at_more_cut_offs(spark):
    assert_agrees_with_duckdb(spark, frames(), CUT_OFFS[:3])


@pytest.mark.long
def test_spark_agrees_with_duckdb_on_rows_that_arrive_late(spark):
    assert_agrees_with_duckdb(spark, frames(late=True, names=MOVED_BY_LATE_ROWS), CUT_OFFS[2:])


@pytest.mark.long
def test_spark_agrees_on_the_features_of_orders(spark):
    assert_order_features_agree(spark)
