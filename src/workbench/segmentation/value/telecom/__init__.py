"""Value of customers with a contract: the telecom model of current value, potential and loyalty."""

from workbench.segmentation.value.telecom import told
from workbench.segmentation.value.telecom.figures import plot_cube, plot_services, plot_survival
from workbench.segmentation.value.telecom.tables import show_cells, show_services
from workbench.segmentation.value.telecom.telecom_value import TelecomOptions, TelecomValue, telecom_value

__all__ = [
    "TelecomOptions",
    "TelecomValue",
    "plot_cube",
    "plot_services",
    "plot_survival",
    "show_cells",
    "show_services",
    "telecom_value",
    "told",
]
