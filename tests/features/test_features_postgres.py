"""Does a real PostgreSQL compute the same features, and does nothing but them leave it?"""

import psycopg
import pytest
from tests.engine_fixtures import all_loaded
from tests.features.canonical_rows import CUT_OFFS
from tests.features.engine_agreement import (
    CUSTOMERS,
    assert_agrees_with_duckdb,
    assert_order_features_agree,
    frames,
)

from workbench import features


@pytest.mark.parametrize("late", [False, True])
def test_postgresql_agrees_with_duckdb(postgres, late):
    assert_agrees_with_duckdb(postgres, frames(late))


def test_postgresql_agrees_on_the_features_of_orders(postgres):
    assert_order_features_agree(postgres)


def test_only_one_row_per_customer_and_cut_off_leaves_the_server(postgres, monkeypatch):
    data = frames()
    tables = all_loaded(postgres, data)
    fetched = []
    for method in ("fetchone", "fetchmany", "fetchall"):
        monkeypatch.setattr(psycopg.Cursor, method, _counted(getattr(psycopg.Cursor, method), fetched))
    found = features.as_of_features(tables, CUT_OFFS).to_pandas()
    assert len(found) <= sum(fetched) <= CUSTOMERS * len(CUT_OFFS)
    assert len(data["transactions"][0]) > 2 * sum(fetched)


def _counted(method, fetched):
    def counting(self, *args, **kwargs):
        rows = method(self, *args, **kwargs)
        fetched.append(len(rows) if isinstance(rows, list) else 1 if rows is not None else 0)
        return rows

    return counting
