"""Effects that were put in with a known size come out of the data with that size."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betaln

from workbench.demo.campaigns import SEGMENTS, WINDOW_DAYS
from workbench.demo.company import Block, Plan
from workbench.demo.failures import BURST_TOPIC
from workbench.demo.vocabulary import words

Tables = dict[str, pd.DataFrame]
ERRORS = 4  # standard errors: further away once in 16,000 companies


def test_failed_orders_drive_as_many_members_away_as_stated(many: Block) -> None:
    failed, other = many.tally["failures"]["failed"], many.tally["failures"]["not_failed"]
    for part, law in ((failed, "dropouts_expected_if_failed"), (other, "dropouts_expected_if_not")):
        # A sum of independent dropouts has a variance below its mean.
        assert abs(part["dropouts"] - part[law]) < ERRORS * np.sqrt(part[law])
    # And far more than would have left without the failures.
    without = failed["dropouts_expected_if_not"]
    assert failed["dropouts"] - without > 2 * ERRORS * np.sqrt(without)


def test_after_the_first_repeat_order_the_effect_of_a_failure_is_that_of_the_law(many: Block) -> None:
    laws = Plan(1, 0, "en").population
    a, b, k = laws.a, laws.b, laws.survival_power
    # E[(1 - d) ** k] of a Beta(a, b): here members are as they were drawn, none has been sorted out.
    after_failure = 1 - np.exp(betaln(a, b + k) - betaln(a, b))
    otherwise = (a / (a + b) - laws.failure_rate * after_failure) / (1 - laws.failure_rate)
    second = many.orders["ordinal"] == 1
    for failed, law in ((True, after_failure), (False, otherwise)):
        left = many.orders["last"][second & (many.orders["failed"] == failed)]
        assert abs(left.mean() - law) < ERRORS * np.sqrt(law * (1 - law) / len(left))
    assert after_failure - otherwise > 0.2


def test_complaints_in_the_tickets_foretell_silence(many: Block) -> None:
    orders = pd.DataFrame({name: many.orders[name] for name in ("person", "ordered_at", "ordinal")})
    orders["next"] = orders.groupby("person")["ordered_at"].shift(-1)
    seen = orders[(orders["ordinal"] > 0) & (orders["ordered_at"] < "2026-05-01")].sort_values("ordered_at")
    tickets = many.tables["tickets"].to_pandas().query("kind == 'complaint'")
    tickets = tickets.assign(person=tickets["customer_id"].astype(int) - 1).sort_values("opened_at")
    columns = {"left_on": "ordered_at", "right_on": "opened_at", "by": "person", "direction": "forward"}
    near = pd.merge_asof(seen, tickets[["person", "opened_at"]], tolerance=pd.Timedelta(days=6), **columns)
    silent = ~(near["next"] - near["ordered_at"] < pd.Timedelta(days=180))
    complained = near["opened_at"].notna()
    shares = silent.groupby(complained).agg(["mean", "size"])
    error = np.sqrt((shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum())
    assert shares["mean"][True] - shares["mean"][False] > ERRORS * error


def test_one_month_bursts_with_complaints_over_the_app(
    tables: Tables, meant: pd.DataFrame, language: str
) -> None:
    own = words(language)
    topic = own["topics"][["delivery", "quality", "price", "service", "app"].index(BURST_TOPIC)]
    tickets = tables["tickets"]
    over = tickets[(tickets["kind"] == own["ticket_kinds"][0]) & (tickets["topic"] == topic)]
    by_month = over["opened_at"].str[:7].value_counts()
    assert by_month.idxmax() == "2026-09"
    assert by_month["2026-09"] > 5 * by_month.drop(["2026-09", "2026-10"]).max() / 2
    said = meant[(meant["topic"] == BURST_TOPIC) & (meant["sentiment"] == "negative")]
    when = tables["feedback"].set_index("feedback_id")["given_at"][said["feedback_id"]].str[:7]
    # Some write in the first days of October.
    assert when.value_counts().idxmax() == "2026-09"


def test_complaints_over_failed_orders_are_about_the_failure(many: Block) -> None:
    meant = many.meant.to_pandas()
    negative = meant.groupby("failed")["sentiment"].apply(lambda said: (said == "negative").mean())
    assert negative[True] > negative[False] + 0.4


def test_arms_are_drawn_by_lot(many: Block) -> None:
    for enrolment in many.enrolments:
        n = len(enrolment.person)
        assert abs(enrolment.treated.mean() - 0.5) < ERRORS * 0.5 / np.sqrt(n)
        # Nothing that came before differs between the arms.
        baseline, arm = enrolment.baseline, enrolment.treated
        error = baseline.std() * np.sqrt(1 / arm.sum() + 1 / (~arm).sum())
        assert abs(baseline[arm].mean() - baseline[~arm].mean()) < ERRORS * error


def test_the_uplift_of_each_segment_is_recovered_from_the_arms(many: Block) -> None:
    campaigns = many.tables["campaigns"].to_pandas()
    segment = np.concatenate([e.segment for e in many.enrolments])
    uplift = np.concatenate([e.uplift for e in many.enrolments])
    baseline = np.concatenate([e.baseline for e in many.enrolments])
    responded, treated = campaigns["responded"] == "yes", campaigns["arm"] == "treatment"
    for number, name in enumerate(SEGMENTS):
        here = segment == number
        rates = responded[here].groupby(treated[here]).agg(["mean", "size"])
        error = np.sqrt((rates["mean"] * (1 - rates["mean"]) / rates["size"]).sum())
        found = rates["mean"][True] - rates["mean"][False]
        assert abs(found - uplift[here].mean()) < ERRORS * error, name
        control = rates.loc[False]
        error = np.sqrt(control["mean"] * (1 - control["mean"]) / control["size"])
        assert abs(control["mean"] - baseline[here].mean()) < ERRORS * error, name
    assert uplift.mean() > 0.02


def test_the_truth_states_effects_member_by_member(
    members: pd.DataFrame, tables: Tables, truth: dict[str, Any]
) -> None:
    campaigns = tables["campaigns"]
    for name, segments in truth["campaigns"].items():
        here = campaigns[campaigns["campaign_id"] == name].set_index("customer_id")
        arm = members[f"arm_{name}"].dropna()
        second = words("en")["arms"][1], words("zh")["arms"][1]
        assert ((arm == "treatment") == here["arm"].isin(second)[arm.index]).all()
        assert len(arm) == sum(segment["members"] for segment in segments.values())
        stated = sum(segment["expected_orders_added_if_all_treated"] for segment in segments.values())
        assert members[f"effect_{name}"].sum() - stated < 1e-3


def test_outcomes_are_what_was_ordered_in_the_window(tables: Tables, valid: pd.DataFrame) -> None:
    campaigns = tables["campaigns"].assign(sent=lambda t: pd.to_datetime(t["sent_at"]))
    sales = valid[valid["amount"] > 0][["customer_id", "ordered_at", "amount"]]
    both = campaigns[["campaign_id", "customer_id", "sent"]].merge(sales, on="customer_id")
    age = both["ordered_at"] - both["sent"]
    inside = both[(age >= pd.Timedelta(0)) & (age < pd.Timedelta(days=WINDOW_DAYS))]
    keys = ["campaign_id", "customer_id"]
    found = inside.groupby(keys)["amount"].sum()
    stated = campaigns.set_index(keys)["outcome"].astype(float)
    assert stated.index.is_unique
    np.testing.assert_allclose(found.reindex(stated.index, fill_value=0.0), stated, atol=0.005)


def test_the_channel_of_fake_members_gives_itself_away(tables: Tables, language: str) -> None:
    customers, own = tables["customers"], words(language)
    fake = own["acquisition_channels"][-1]
    suspicious = customers["acquisition_channel"] == fake
    bought = customers["customer_id"].isin(tables["transactions"]["customer_id"])
    rates = bought.groupby(customers["acquisition_channel"]).mean()
    assert rates[fake] < 0.25 < 0.75 < rates.drop(fake).min()
    # At night, within minutes; machines that many members share; pages called every two seconds.
    night = customers["registered_at"].str[11:13] == "03"
    assert night[suspicious].mean() > 0.7
    assert night[~suspicious].mean() < 0.02
    events = tables["events"]
    users = events.groupby("device_id")["customer_id"].nunique()
    shared = events[events["device_id"].isin(users.index[users > 2])]["customer_id"].unique()
    assert set(shared) <= set(customers["customer_id"][suspicious])
    assert len(shared) > 20
    spent = (
        tables["spend"].assign(amount=lambda t: t["amount"].astype(float)).groupby("channel")["amount"].sum()
    )
    registered = customers["acquisition_channel"].value_counts()
    buyers = bought.groupby(customers["acquisition_channel"]).sum()
    # Cheapest by registration, dearest by buyer but for one or two.
    assert (spent / registered).idxmin() == fake
    assert (spent / buyers)[fake] > 0.9 * (spent / buyers).median()


def test_fake_members_never_order_and_are_all_of_one_channel(members: pd.DataFrame) -> None:
    fake = members[members["is_fake"]]
    assert set(fake["channel"]) == {"partner_network"}
    assert (fake["n_orders"] == 0).all()
    assert 0.7 < members["is_fake"][members["channel"] == "partner_network"].mean() < 0.95


def test_visits_become_fewer_before_a_member_drops_out_and_die_away_after(many: Block) -> None:
    events = many.tables["events"].to_pandas().query("event == 'visit'")
    person = events["customer_id"].astype(int) - 1
    dropped = pd.Series(many.truth["dropped_out_at"].to_pandas()).reindex(person).to_numpy()
    registered = many.tables["customers"]["registered_at"].to_pandas().reindex(person).to_numpy()
    # Members who were there for half a year before they dropped out, half a year before the last day.
    used = (dropped > registered + np.timedelta64(180, "D")) & (dropped < np.datetime64("2026-05-15"))
    # Visits that led to an order stand close to it and are left out.
    days = (events["occurred_at"].to_numpy() - dropped)[used] / np.timedelta64(1, "D")
    count = [((days >= low) & (days < low + 30)).sum() for low in (-120, -31, 1, 61)]
    assert count[1] < 0.75 * count[0]
    assert count[2] < 0.5 * count[0]
    assert count[3] < 0.25 * count[0]
