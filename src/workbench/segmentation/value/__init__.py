"""Value in three dimensions, weighed by judgement and by the data; value of contracts in `telecom`."""

from workbench.segmentation.value import telecom, told
from workbench.segmentation.value.customer_value import CustomerValue, ValueOptions, customer_value
from workbench.segmentation.value.figures import (
    plot_backtest,
    plot_classes,
    plot_sensitivity,
    plot_weights,
)
from workbench.segmentation.value.tables import (
    show_backtest,
    show_blends,
    show_classes,
    show_experts,
    show_indicators,
    show_sensitivity,
)

__all__ = [
    "CustomerValue",
    "ValueOptions",
    "customer_value",
    "plot_backtest",
    "plot_classes",
    "plot_sensitivity",
    "plot_weights",
    "show_backtest",
    "show_blends",
    "show_classes",
    "show_experts",
    "show_indicators",
    "show_sensitivity",
    "telecom",
    "told",
]
