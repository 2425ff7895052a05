"""As-of features: what is known of a customer at the end of a day, and nothing that came later."""

from workbench.features.as_of import as_of_features, order_features
from workbench.features.customer_ranges import ROWS_AT_ONCE, CustomerRange, customer_ranges
from workbench.features.dictionary import Feature, dictionary
from workbench.features.orders import WINDOWS, order_times, orders, purchase_days, visible

__all__ = [
    "ROWS_AT_ONCE",
    "WINDOWS",
    "CustomerRange",
    "Feature",
    "as_of_features",
    "customer_ranges",
    "dictionary",
    "order_features",
    "order_times",
    "orders",
    "purchase_days",
    "visible",
]
