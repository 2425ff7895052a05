"""One company, one expression, two engines: how far apart are the features?"""

import ibis
import numpy as np
import pandas as pd
from tests.engine_fixtures import all_loaded
from tests.features.canonical_rows import CUT_OFFS, SCHEMAS, seeded, table

from workbench import features

CUSTOMERS = 250
AGREEMENT = 1e-9  # the goal; in doubles the last digits of a quotient or a logarithm may differ


def frames(late=False, names=SCHEMAS):
    """The tables of some hundred customers."""
    company = seeded(CUSTOMERS, late=late)
    return {name: table(name, company[name]) for name in names}


def features_on(con, data, cut_offs):
    """Every feature as the engine of `con` computes it, sorted."""
    found = features.as_of_features(all_loaded(con, data), cut_offs).to_pandas()
    found["as_of"] = pd.to_datetime(found["as_of"]).dt.date
    return found.set_index(["as_of", "customer_id"]).sort_index().astype("float64")


def assert_agrees_with_duckdb(con, data, cut_offs=CUT_OFFS):
    """Same customers, same empty features, and every number within AGREEMENT."""
    expected, found = (features_on(each, data, cut_offs) for each in (ibis.duckdb.connect(), con))
    assert list(found.index) == list(expected.index)
    assert list(found.columns) == list(expected.columns)
    assert len(expected) > CUSTOMERS
    given = [entry.name for entry in features.dictionary() if entry.table in data]
    assert expected[given].notna().any().all()
    # A sum of weights has eighteen decimals: below them nothing is left to agree on.
    np.testing.assert_allclose(found, expected, rtol=AGREEMENT, atol=1e-12, equal_nan=True)


def assert_order_features_agree(con):
    """The features of orders at one day."""
    data = {"transactions": frames()["transactions"]}
    cut = CUT_OFFS[-1]
    found, expected = (
        features.order_features(all_loaded(each, data)["transactions"], [cut])
        .drop("as_of")
        .to_pandas()
        .set_index("customer_id")
        .sort_index()
        .astype("float64")
        for each in (con, ibis.duckdb.connect())
    )
    pd.testing.assert_frame_equal(found, expected, rtol=AGREEMENT)
