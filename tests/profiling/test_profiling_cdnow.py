"""Does the profile of CDNOW's 23,570 customers have the figures computed from the raw file?

Reference figures: the README beside the data, and a count in plain pandas of the same file.
"""

import pytest


def test_revenue_is_that_of_the_file_to_the_cent(cdnow):
    totals = cdnow.totals.whole
    assert str(totals.revenue["used"]) == "2500315.6300"
    assert totals.rows == {"in": 69_659, "used": 69_659, "excluded": 0, "quarantined": 0}
    assert totals.customers["used"] == 23_570


def test_half_of_the_customers_bought_once(cdnow, metric):
    once = metric(cdnow, "one_time_buyer_rate")
    assert (once.numerator, once.denominator) == (12_054, 23_570)
    assert once.value == pytest.approx(0.5114, abs=5e-5)  # printed to four digits


def test_a_fifth_of_the_customers_brings_two_thirds_of_the_revenue(cdnow):
    assert cdnow.base.concentration.top_revenue_share == pytest.approx(0.6778, abs=5e-5)
    assert cdnow.base.concentration.gini == pytest.approx(0.6346, abs=5e-5)
    assert cdnow.base.concentration.gini_low < 0.6346 < cdnow.base.concentration.gini_high


def test_all_customers_are_new_in_the_first_quarter_of_1997(cdnow):
    months = cdnow.base.months.by_month
    new = months.new_customers
    assert months.month.dt.strftime("%Y-%m").iloc[[0, -1]].tolist() == ["1997-01", "1998-06"]
    assert new[:3].tolist() == [7_846, 8_476, 7_248]
    assert new[3:].sum() == 0


def test_months_add_up_to_the_whole(cdnow):
    assert cdnow.base.months.by_month.revenue.sum() == pytest.approx(2_500_315.63, abs=1e-6)
    assert cdnow.base.months.by_month.orders.sum() == cdnow.portrait.n_orders.sum()
