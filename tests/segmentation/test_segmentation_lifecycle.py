"""Life cycle: where its thresholds lie."""

from itertools import pairwise

import numpy as np
import pandas as pd

from workbench.segmentation.lifecycle.stages import loyal_from


def test_loyal_begins_where_a_further_purchase_adds_little():
    # Customers who reach 1, 2, … days: shares .5, .6, .7, .72: from 3 on the gain is below 3 points.
    reach = [10_000, 5_000, 3_000, 2_100, 1_512, 0]
    exact = [here - after for here, after in pairwise(reach)]
    days = pd.Series(np.repeat(range(1, 6), exact))
    assert loyal_from(days) == 3
    # With a steeper climb, shares .5, .6, .7, .8, .81: from 4 on.
    reach = [10_000, 5_000, 3_000, 2_100, 1_680, 1_361, 0]
    exact = [here - after for here, after in pairwise(reach)]
    assert loyal_from(pd.Series(np.repeat(range(1, 7), exact))) == 4


def test_loyal_does_not_follow_noise_in_a_small_base():
    # Of 60 customers with three days of purchase 39 reach a fourth, of these 28 a fifth: .65 and .72, ± .11.
    days = pd.Series(np.repeat([3, 4, 5], [21, 11, 28]))
    assert loyal_from(days) == 3
