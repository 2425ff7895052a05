"""Who comes back, how customers move between stages, what comes: by hand, from known chances, from chance."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from tests.segmentation.book_rows import AS_OF, book_of, few_rows

from workbench.results import Missing
from workbench.segmentation.book import month_ends
from workbench.segmentation.lifecycle.ahead import ahead, expected_sizes, sizes_after
from workbench.segmentation.lifecycle.buying import buying
from workbench.segmentation.lifecycle.return_curve import RETURN_SHARE, knee, return_curve
from workbench.segmentation.lifecycle.signals import alive_bands, signals
from workbench.segmentation.lifecycle.transitions import transitions
from workbench.segmentation.lifecycle.walk import Step


def test_after_the_threshold_of_lost_few_customers_of_cdnow_come_back(cdnow_book):
    curve = return_curve(buying(cdnow_book), cdnow_book.number(cdnow_book.as_of), 90, seed=1)
    returns, silences = curve.share_at(283)
    assert returns / silences < RETURN_SHARE
    assert curve.lost_low <= curve.lost_from_days <= curve.lost_high < 283


@settings(max_examples=15)
@given(few_rows)
def test_the_return_curve_counts_what_counting_by_hand_counts(rows):
    book = book_of(rows)
    days, within = buying(book), 40
    today = book.number(AS_OF)
    from workbench.segmentation.lifecycle import return_curve as module

    silences, returns = module._by_block(days, today, within, np.zeros(days.customers, dtype=np.int64))
    edges = {int(gap) + step for gap in days.gap for step in (-within, -1, 0)}
    for d in sorted({0, 1, 30} | {edge for edge in edges if edge >= 0}):
        seen = back = 0
        for row, (who, day) in enumerate(zip(days.who, days.day, strict=True)):
            after = days.day[row + 1] if row + 1 < len(days.day) and days.who[row + 1] == who else None
            if day + d + within <= today and (after is None or after - day > d):
                seen += 1
                back += after is not None and after - day <= d + within
        assert (silences[:, d].sum(), returns[:, d].sum()) == (seen, back)


@pytest.fixture(scope="module")
def memoryless():
    """1,500 customers who buy on any day with a chance of 1 in 60, and never leave; half of them are new."""
    random = np.random.default_rng(2)
    rows = []
    for c in range(1_500):
        start = random.integers(0, 700)
        bought = np.flatnonzero(random.random(700 - start) < 1 / 60) + start
        rows += [(f"c{c:04d}", AS_OF - timedelta(days=int(699 - day)), 1.0) for day in (start, *bought)]
    return book_of(rows)


def test_open_silences_bend_the_return_curve_neither_down_nor_up(memoryless):
    curve = return_curve(buying(memoryless), memoryless.number(AS_OF), 90, seed=1)
    truth = 1 - (1 - 1 / 60) ** 90
    # Nobody leaves and nobody remembers: the chance is the same after any silence. 120 days of the curve are
    # looked at, so its 95 % limits may miss the truth on some of them; 0.05 is four standard errors there.
    shown = curve.curve.iloc[:120]
    assert (shown["share"] - truth).abs().max() < 0.05
    assert ((shown["low"] <= truth) & (truth <= shown["high"])).mean() > 0.8
    assert curve.lost_from_days is None
    assert (curve.lost_low, curve.lost_high) == (None, None)


def test_drawing_blocks_of_customers_tells_the_spread_over_customers(memoryless):
    days, today = buying(memoryless), memoryless.number(AS_OF)
    curve = return_curve(days, today, 90, seed=1)
    after = np.append(days.gap[1:], 0)
    seen = today - days.day - 90 >= 0
    rows = pd.DataFrame({"who": days.who, "seen": seen, "back": seen & (after > 0) & (after <= 90)})
    sums = rows.groupby("who")[["seen", "back"]].sum().to_numpy()
    random = np.random.default_rng(3)
    draws = [sums[random.integers(0, len(sums), len(sums))].sum(axis=0) for _ in range(400)]
    shares = np.array([back / seen for seen, back in draws])
    low, high = np.quantile(shares, [0.025, 0.975])
    row = curve.curve.iloc[0]
    # Both widths come from 400 draws: each is known to some 8 %, and blocks to another 4 %.
    assert row["high"] - row["low"] == pytest.approx(high - low, rel=0.25)


def test_the_knee_is_where_a_bent_line_bends():
    share = np.concatenate([np.linspace(1, 0.2, 41), np.linspace(0.2, 0.1, 61)[1:]])
    assert knee(share) == 40


def chain(months, seed=0, entries=200):
    """Steps of a company whose customers move with known chances."""
    moves = np.array([
        [0.5, 0.2, 0.0, 0.3, 0.0],
        [0.0, 0.5, 0.2, 0.3, 0.0],
        [0.0, 0.0, 0.9, 0.1, 0.0],
        [0.0, 0.1, 0.0, 0.7, 0.2],
        [0.0, 0.02, 0.0, 0.0, 0.98],
    ])  # fmt: skip
    random = np.random.default_rng(seed)
    sizes, steps = np.array([500, 300, 800, 600, 2_000]), []
    ends = month_ends(AS_OF, months)
    for begin, end in pairwise(ends):
        counts = np.array([random.multinomial(n, row) for n, row in zip(sizes, moves, strict=True)])
        come = np.array([random.poisson(entries), 0, 0, 0, 0])
        steps.append(Step(begin, end, counts, come))
        sizes = counts.sum(axis=0) + come
    return moves, steps


def test_known_chances_to_move_are_found_again():
    moves, steps = chain(12)
    found = transitions(steps)
    rates = found.rates.assign(truth=moves.ravel())
    inside = (rates["low"] <= rates["truth"]) & (rates["truth"] <= rates["high"])
    assert inside.mean() >= 0.8  # 25 intervals of 95 %
    loyal = found.stays.set_index("stage").loc["loyal"]
    # The mean stay at a chance to leave of 0.1; ± 8 % are two standard errors of some 1,000 leavers.
    assert loyal["dwell_months"] == pytest.approx(10, rel=0.08)
    assert found.entries["per_month"].iloc[0] == pytest.approx(200, rel=0.06)


def test_the_forecast_carries_the_sizes_on_by_the_moves():
    _, steps = chain(12)
    found = ahead(steps, seed=1)
    counts = sum(step.counts for step in steps)
    moves = counts / counts.sum(axis=1, keepdims=True)
    come = sum(step.entries for step in steps) / 12
    sizes = sizes_after(steps[-1]).astype(float)
    for month in range(1, 7):
        sizes = sizes @ moves + come
        shown = found.sizes.query(f"months_ahead == {month}")["customers"].to_numpy()
        assert shown == pytest.approx(sizes)
    assert (
        expected_sizes(sizes_after(steps[-1]), tuple(steps), 0)[0].tolist() == sizes_after(steps[-1]).tolist()
    )


def test_what_comes_lies_within_the_limits_and_nearer_than_the_naive_rule():
    inside, better = [], []
    for seed in range(12):
        _, steps = chain(24, seed=seed)
        test = ahead(steps, seed=1).backtest
        table = test.by_stage
        inside += ((table["low"] <= table["customers"]) & (table["customers"] <= table["high"])).tolist()
        better.append(test.error < test.error_naive)
    assert np.mean(inside) > 0.85  # 60 limits of 95 %, of which five of a company are not independent
    assert all(better)  # this company grows: its sizes do not stay


def test_a_short_history_tells_no_moves_and_no_backtest():
    _, steps = chain(2)
    assert transitions(steps).reason == "2 whole months with stages; moves between them need at least 3"
    assert ahead(steps, seed=1).reason == transitions(steps).reason
    _, steps = chain(5)
    assert ahead(steps, seed=1).backtest.reason == (
        "5 whole months with stages; a forecast can be tested from 6 on"
    )


def test_a_month_that_is_not_over_is_no_step():
    _, steps = chain(5)
    part = Step(AS_OF, date(2026, 7, 10), steps[-1].counts, steps[-1].entries)
    assert transitions([*steps, part]).steps[-1].end == AS_OF


def test_stages_and_the_model_are_compared_where_the_model_says_something():
    stages = pd.Series(["loyal", "dormant", "lost", "new", "lost"])
    days = pd.Series([5, 4, 3, 1, 2])
    table = signals(stages, days, pd.Series([0.9, 0.7, 0.1, 1.0, float("nan")]))
    assert (table.agreeing, table.compared) == (2, 3)
    assert alive_bands(np.array([0.6, 0.59, 0.2, 0.19])).tolist() == ["active", "at_risk", "at_risk", "lost"]
    assert isinstance(signals(stages, days, None), Missing)
