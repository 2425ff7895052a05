"""Nothing leaks: not the future into a feature, not an id into a figure."""

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from workbench import churn
from workbench.churn.dataset import ATTRIBUTE, Dataset
from workbench.churn.orders import order_dataset
from workbench.parameters import ChurnParameters

AS_OF = date(2025, 12, 31)


def dataset_of(make: SimpleNamespace, orders: pd.DataFrame, customers: pd.DataFrame | None = None) -> Dataset:
    frames = {"transactions": orders} | ({} if customers is None else {"customers": customers})
    data = make.canonical(**frames)
    found = order_dataset(
        data.get("transactions"),
        data.get("customers"),
        data.attributes("customers"),
        AS_OF,
        ChurnParameters(),
    )
    assert isinstance(found, Dataset)
    return found


@pytest.fixture(scope="module")
def before(make: SimpleNamespace, small_orders: pd.DataFrame) -> Dataset:
    """The rows of the orders as they are."""
    return dataset_of(make, small_orders)


@pytest.mark.parametrize("place", [0, 3])
def test_changing_what_comes_after_a_cutoff_changes_no_feature_at_it(
    make: SimpleNamespace, small_orders: pd.DataFrame, before: Dataset, place: int
) -> None:
    assert before.cutoffs is not None
    cutoff = before.cutoffs.labelled[place]
    later = small_orders["ordered_at"].dt.date > cutoff
    rng = np.random.default_rng(place)
    changed = small_orders.assign(
        amount=small_orders["amount"].where(~later, rng.choice([-7.0, 999.0], len(small_orders))),
        product_id=small_orders["product_id"].where(~later, "another"),
        order_id=small_orders["order_id"].where(~later, "one order"),
    )
    after = dataset_of(make, changed)
    seen = [data.labelled[data.labelled["cutoff"] == cutoff] for data in (before, after)]
    names = ["customer_id", *before.features]
    assert len(seen[0]) > 100
    pd.testing.assert_frame_equal(
        *(rows[names].sort_values("customer_id", ignore_index=True) for rows in seen)
    )


def test_the_training_of_the_test_knows_nothing_after_the_test_date(
    make: SimpleNamespace, small_orders: pd.DataFrame, before: Dataset
) -> None:
    assert before.cutoffs is not None
    ended = small_orders[small_orders["ordered_at"].dt.date <= before.cutoffs.test]
    after = dataset_of(make, ended)
    training = [data.labelled[~data.test_rows].reset_index(drop=True) for data in (before, after)]
    pd.testing.assert_frame_equal(*training)


def test_rows_after_the_as_of_day_change_no_output(
    make: SimpleNamespace, small_orders: pd.DataFrame, small_customers: pd.DataFrame, foreseen: churn.Churn
) -> None:
    future = small_orders.assign(ordered_at=small_orders["ordered_at"] + timedelta(days=1_000), amount=500.0)
    data = make.canonical(transactions=pd.concat([small_orders, future]), customers=small_customers)
    again = churn.foresee(data, ChurnParameters())
    pd.testing.assert_frame_equal(again.table, foreseen.table)
    assert (again.metrics, again.checks, again.findings) == (
        foreseen.metrics,
        foreseen.checks,
        foreseen.findings,
    )


def test_other_ids_give_the_same_figures_and_the_same_customers_the_same_rows(
    make: SimpleNamespace, small_orders: pd.DataFrame, small_customers: pd.DataFrame, foreseen: churn.Churn
) -> None:
    order = np.random.default_rng(1).permutation(900)
    renamed = {f"c{number:05d}": f"p{place:05d}" for number, place in enumerate(order)}
    frames = [
        frame.assign(customer_id=frame["customer_id"].map(renamed)).sample(frac=1, random_state=2)
        for frame in (small_orders, small_customers)
    ]
    again = churn.foresee(make.canonical(transactions=frames[0], customers=frames[1]), ChurnParameters())
    assert again.metrics == foreseen.metrics
    expected = foreseen.table.assign(customer_id=foreseen.table["customer_id"].map(renamed))
    expected = expected.astype({"customer_id": "str"}).sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(again.table, expected)


def test_who_registers_after_a_cutoff_has_no_attributes_at_it(
    make: SimpleNamespace, small_orders: pd.DataFrame, small_customers: pd.DataFrame
) -> None:
    late = small_customers.assign(registered_at=pd.Timestamp("2025-08-15"), device="phone")
    late.loc[:99, "registered_at"] = None  # without a date the row counts as known all along
    late.loc[100:, "device"] = "desktop"
    data = dataset_of(make, small_orders, late)
    known = data.labelled.groupby("cutoff")[f"{ATTRIBUTE}device"].agg(lambda column: set(column.dropna()))
    assert data.cutoffs is not None
    assert known.to_dict() == {
        cutoff: {"phone", "desktop"} if cutoff >= date(2025, 8, 15) else {"phone"}
        for cutoff in data.cutoffs.labelled
    }


def test_what_may_have_changed_since_is_no_feature(foreseen: churn.Churn) -> None:
    assert isinstance(foreseen.dataset, Dataset)
    features = set(foreseen.dataset.features)
    assert not {"tier", "marketing_consent", "gender", "birth_date"} & features
    assert {"acquisition_channel", f"{ATTRIBUTE}device"} <= features
