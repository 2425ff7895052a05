"""As-of features: what is known of a customer at the end of a day, and nothing that came later."""

from workbench.features.orders import WINDOWS, order_features, orders, purchase_days, visible

__all__ = ["WINDOWS", "order_features", "orders", "purchase_days", "visible"]
