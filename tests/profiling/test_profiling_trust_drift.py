"""Is what has moved found by its size, and what chance moves left alone?"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.profiling.trust_tables import canonical

from workbench import language, theme
from workbench.profiling import trust
from workbench.profiling.trust import bins, drift
from workbench.results import Missing

counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=12).filter(
    lambda pairs: min(sum(a for a, _ in pairs), sum(b for _, b in pairs)) > 0
)


def month_of(month, n=2000, shift=0.0, channels=(0.5, 0.3, 0.2), seed=1, empty=0.0):
    """The order lines of one month."""
    rng = np.random.default_rng(seed)
    channel = pd.Series(rng.choice(["web", "shop", "app"], n, p=channels)).where(rng.random(n) >= empty, None)
    return pd.DataFrame({
        "customer_id": [f"c{i}" for i in rng.integers(0, 300, n)],
        "ordered_at": pd.Timestamp(f"2024-{month:02}-01") + pd.to_timedelta(rng.integers(0, 27, n), unit="D"),
        "amount": np.exp(rng.normal(3 + shift, 1, n)).round(2),
        "channel": channel,
    })  # fmt: skip


def study(*months, as_of=date(2024, 6, 30)):
    return canonical({"transactions": pd.concat(months, ignore_index=True)}, as_of=as_of)


def bins_of(data):
    return trust.examine(data).bins


def drift_of(data, earlier):
    return trust.examine(data, earlier).drift


def moved(before, now):
    earlier = bins_of(study(before, as_of=date(2024, 5, 31)))
    return drift_of(study(before, now), earlier).columns.set_index("column")


def test_stability_of_two_bins_known_by_hand():
    psi, noise, distance = drift.stability([500, 500], [250, 750])
    # Half a row in each bin: 500.5/1001, 250.5/1001, 750.5/1001.
    by_hand = (0.2502497502 - 0.5) * np.log(0.2502497502 / 0.5) + (0.7497502498 - 0.5) * np.log(
        0.7497502498 / 0.5
    )
    assert psi == pytest.approx(by_hand, rel=1e-9)
    assert psi == pytest.approx(0.274, abs=0.001)  # without the halves 0.25 ln 3 = 0.2747
    assert noise == pytest.approx(3.8414588 * (1 / 1000 + 1 / 1000))  # 95 % of a χ² with one degree
    assert distance == pytest.approx(np.sqrt(0.0487949407), rel=1e-6)  # 1 + ... in bits: see the next test


def test_the_distance_equals_that_of_scipy():
    from scipy.spatial.distance import jensenshannon

    one, two = [10, 0, 5, 7], [1, 3, 0, 9]
    found = drift.stability(one, two)[2]
    expected = jensenshannon(np.array(one) / 22, np.array(two) / 13, base=2)
    assert found == pytest.approx(expected, rel=1e-12)


@given(counts)
def test_stability_is_not_negative_symmetric_and_zero_without_change(pairs):
    one, two = ([pair[side] for pair in pairs] for side in (0, 1))
    psi, noise, distance = drift.stability(one, two)
    back = drift.stability(two, one)
    assert psi >= -1e-12
    assert 0 <= distance <= 1
    assert noise > 0
    assert (psi, distance) == pytest.approx((back[0], back[2]), abs=1e-9)
    assert drift.stability(one, one)[0] == pytest.approx(0, abs=1e-12)


def test_bins_are_the_deciles_of_the_last_month_and_hold_all_its_rows():
    data = study(month_of(5, shift=4), month_of(6))
    amounts = month_of(6).amount
    found = bins_of(data)
    own = found[(found["column"] == "amount") & (found.bin >= 0)]
    assert own.low.dropna().tolist() == pytest.approx(amounts.quantile(bins.DECILES).tolist())
    cuts = [-np.inf, *own.low.dropna(), np.inf]
    assert own.rows.tolist() == np.histogram(amounts, cuts)[0].tolist()
    assert found[found["column"] == "channel"].rows.sum() == len(amounts)


def test_values_of_fewer_than_ten_customers_and_columns_of_ids_are_not_in_the_bins():
    rows = month_of(6, n=300)
    rows.loc[:8, "channel"] = "agent Wu"
    found = bins_of(study(rows))
    texts = found[(found["column"] == "channel") & (found.bin >= 0)]
    assert set(texts["value"].dropna()) == {"web", "shop", "app"}
    assert texts.rows[texts["value"].isna()].tolist() == [9]
    assert set(found["column"]) == {"amount", "channel"}


def test_the_same_month_again_has_not_moved_and_another_draw_of_it_hardly():
    same = moved(month_of(5), month_of(6))
    assert same.psi.tolist() == [0, 0]
    other = moved(month_of(5), month_of(6, seed=9))
    assert set(other.level) == {"steady"}


def test_a_shift_of_amounts_and_of_channels_is_found_and_equals_a_count_by_hand():
    before, now = month_of(5), month_of(6, shift=0.8, channels=(0.2, 0.3, 0.5), seed=2)
    found = moved(before, now)
    assert set(found.level) == {"strong"}
    cuts = [-np.inf, *before.amount.quantile(bins.DECILES), np.inf]
    one, two = (np.histogram(side.amount, cuts)[0] for side in (before, now))
    assert found.psi["amount"] == pytest.approx(drift.stability(one, two)[0], rel=1e-8)
    one, two = (side.channel.value_counts().reindex(["web", "shop", "app"]) for side in (before, now))
    assert found.psi["channel"] == pytest.approx(drift.stability(one, two)[0], rel=1e-8)


def test_below_two_hundred_rows_nothing_is_said():
    found = moved(month_of(5, n=199), month_of(6, n=5000, shift=3))
    assert found.level.tolist() == ["few", "few"]
    assert found.psi.isna().all()


def test_a_column_that_runs_empty_is_a_gap():
    before, now = month_of(5), month_of(6, empty=1.0)
    data = study(before, now)
    found = drift_of(data, bins_of(study(before, as_of=date(2024, 5, 31))))
    assert found.gaps["column"].tolist() == ["channel"]
    assert (found.gaps.missing_before.iloc[0], found.gaps.missing_now.iloc[0]) == (0, 1)


def test_a_new_channel_counts_with_the_others_and_moves_the_column():
    now = month_of(6)
    now["channel"] = now.channel.where(now.channel != "web", "live stream")
    assert moved(month_of(5), now).level["channel"] == "strong"


def test_bins_survive_the_table_file_they_are_handed_on_in(tmp_path):
    bins_of(study(month_of(6))).to_parquet(tmp_path / "bins.parquet", index=False)
    found = drift_of(study(month_of(6)), pd.read_parquet(tmp_path / "bins.parquet"))
    assert found.columns.psi.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        (None, "no earlier run of this study is archived: what has moved since then can not be said"),
        (
            pd.DataFrame(),
            "no earlier run of this study is archived: what has moved since then can not be said",
        ),
        (
            bins.BINS,
            "the earlier run shares no column of numbers or categories with this one: what has moved can not"
            " be said",
        ),
    ],
)
def test_without_an_earlier_run_the_reason_is_given(earlier, why):
    if isinstance(earlier, list):
        earlier = pd.DataFrame([["gone", "x", "number", 0, None, None, None, 9]], columns=earlier)
    found = drift_of(study(month_of(6)), earlier)
    assert isinstance(found, Missing)
    assert found.reason == why


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_the_picture_names_the_column_that_moved_most(spoken):
    before = month_of(5)
    data = study(before, month_of(6, shift=0.8, seed=2))
    found = drift_of(data, bins_of(study(before, as_of=date(2024, 5, 31))))
    with language.speaking(spoken):
        note = theme.note_of(trust.figures.plot_drift(found))
        shown = trust.tables.drift_table(found)
    assert "transactions.amount" in note.title
    assert len(shown) == 2
    assert not any("{" in words for words in (note.title, note.sentence, note.alt))
