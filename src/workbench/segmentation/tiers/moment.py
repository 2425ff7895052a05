"""Where every customer stands at a month end."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from workbench.segmentation.tiers.floors import Amounts, Codes, Floors


@dataclass(frozen=True)
class Moment:
    """The customers of the book at a month end.

    Attributes
    ----------
    tiers : ndarray of int8
        Place of the tier, 0 for the lowest; ABSENT of who had not bought by then.
    values : ndarray of int64
        What the tiers go by, over the window.
    net : ndarray of int64
        Purchases less refunds over the window, in ten-thousandths.
    active : ndarray of bool
        Whether the window has a line of the customer.
    """

    end: date
    tiers: Codes
    values: Amounts
    net: Amounts
    active: npt.NDArray[np.bool_]
    floors: Floors
