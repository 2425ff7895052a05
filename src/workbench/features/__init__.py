"""As-of features: what is known of a customer at the end of a day, and nothing that came later."""

from workbench.features.as_of import as_of_features, order_features
from workbench.features.dictionary import Feature, dictionary
from workbench.features.orders import WINDOWS, order_times, orders, purchase_days, visible

__all__ = [
    "WINDOWS",
    "Feature",
    "as_of_features",
    "dictionary",
    "order_features",
    "order_times",
    "orders",
    "purchase_days",
    "visible",
]
