"""The generating laws in words and numbers, as `truth/truth.json` states them."""

from dataclasses import asdict
from datetime import date
from typing import Any

from workbench.demo import campaigns, events, failures, feedback, tickets
from workbench.demo.channels import CHANNELS, COST_PER_REGISTRATION, FAKE_SHARE, PARTNERS
from workbench.demo.clock import HOUR_WEIGHTS, WEEKDAY_WEIGHTS, clock_of
from workbench.demo.people import CATEGORY_SHARES, FAVOURITE_LAW, SECOND_ID_SHARE
from workbench.demo.population import FIRST_DAY, LAST_DAY, Population
from workbench.demo.season import occasions
from workbench.demo.vocabulary import TOPICS

PURCHASE = ("r", "alpha_days", "a", "b")
SPEND = ("p", "q", "gamma")
FAILURE = ("failure_rate", "first_order_care", "survival_power", "failure_blow", "burst_rate")


def laws(population: Population, words: dict[str, Any], categories: list[str]) -> dict[str, Any]:
    """All laws and effect sizes of the company."""
    given = asdict(population)
    named = {*PURCHASE, *SPEND, *FAILURE}
    return {
        "days": {"first": f"{FIRST_DAY}", "last": f"{LAST_DAY}"},
        "purchase_model": {
            "name": "BG/NBD",
            "time_unit": "day on the company's clock (see season); a year on it is a year",
            "time_zero": "a member's first order, after which nobody drops out",
            "exact_for": "orders that no campaign brought, outside the month of the burst",
            "r": population.r,
            "alpha": population.alpha_days,
            "a": population.a,
            "b": population.b,
        },
        "spend_model": {
            "name": "Gamma-Gamma, per order, times the day's basket factor",
            **{name: given[name] for name in SPEND},
            "mean_order_value": population.mean_order_value,
        },
        "season": _season(words["language"]),
        "preferences": {
            "law": "a line is of the favourite category with probability favourite_share, else of any",
            "favourite_share": {"law": "Beta", "parameters": list(FAVOURITE_LAW)},
            "category_shares": dict(zip(categories, CATEGORY_SHARES.tolist(), strict=True)),
        },
        "failures": _failures(population),
        "feedback": _feedback(),
        "tickets": {
            "complaints_per_failure": tickets.COMPLAINTS_PER_FAILURE,
            "questions_per_order": tickets.QUESTIONS_PER_ORDER,
        },
        "events": _events(),
        "campaigns": _campaigns(words),
        "channels": _channels(words),
        "identities": {"store_card_share": SECOND_ID_SHARE},
        "other": {name: value for name, value in given.items() if name not in named},
    }


def _season(language: str) -> dict[str, Any]:
    """Occasions with their factors before levelling, and the factors of each day as they act."""
    clock = clock_of(language)
    span = (LAST_DAY - FIRST_DAY).days + 1
    named = [
        asdict(o) for year in range(FIRST_DAY.year, LAST_DAY.year + 1) for o in occasions(language, year)
    ]
    return {
        "occasions": [
            {key: f"{value}" if isinstance(value, date) else value for key, value in occasion.items()}
            for occasion in named
        ],
        "levelled": "by calendar year: pace to mean 1, basket to mean 1 over the orders",
        "weekday_weights": list(WEEKDAY_WEIGHTS),
        "hour_weights": list(HOUR_WEIGHTS),
        "days_on_the_clock_by_day": [round(value, 6) for value in clock.pace[:span].tolist()],
        "basket_by_day": [round(value, 6) for value in clock.basket[:span].tolist()],
    }


def _failures(population: Population) -> dict[str, Any]:
    return {
        "rate": population.failure_rate,
        "rate_at_first_orders": population.failure_rate * population.first_order_care,
        "topic_shares": dict(zip(TOPICS, failures.FAILURE_SHARES.tolist(), strict=True)),
        "effect": "a member with dropout probability d stays with (1 - d) ** survival_power after a repeat"
        " order that failed, and else so that d holds on average over failures at the usual rate",
        "survival_power": population.survival_power,
        "experience_lost": population.failure_blow,
        "burst": {
            "topic": failures.BURST_TOPIC,
            "first_day": f"{failures.BURST_FIRST}",
            "end_day": f"{failures.BURST_END}",
            "added_rate": population.burst_rate,
            "effect": "these failures come on top: dropouts in the month exceed the purchase model's",
        },
    }


def _feedback() -> dict[str, Any]:
    return {
        "complaint_over_failure_is_about_it": feedback.FAILURE_SHARE,
        "other_complaint_is_about_the_sore_point": feedback.SORE_SHARE,
        "negative_below": feedback.NEGATIVE_BELOW,
        "neutral_below": feedback.NEUTRAL_BELOW,
        "stars_by_sentiment": {name: list(shares) for name, shares in feedback.RATING_SHARES.items()},
        "no_member_share": feedback.NO_MEMBER_SHARE,
        "sent_twice_share": feedback.TWICE_SHARE,
    }


def _events() -> dict[str, Any]:
    return {
        "visits_per_expected_order": events.VISITS_PER_ORDER,
        "idle_visits_per_day": events.IDLE_PER_DAY,
        "before_dropout": {"fades_over_days": events.FADE_DAYS, "down_to": events.FADED},
        "after_dropout": {"fades_with_mean_days": events.TAIL_DAYS, "from": events.FADED},
        "bots": {"share_of_fake_members": events.BOT_SHARE, "members_per_device": events.BOTS_PER_DEVICE},
    }


def _campaigns(words: dict[str, Any]) -> dict[str, Any]:
    return {
        "sent": {campaigns.campaign_id(n): f"{day}" for n, day in enumerate(campaigns.SENT_DAYS)},
        "window_days": campaigns.WINDOW_DAYS,
        "enrolled_share": campaigns.ENROLLED_SHARE,
        "treated_share": campaigns.TREATED_SHARE,
        "cost_per_message": round(campaigns.TREATMENT_COST * words["price_level"], 2),
        "segments": "complained: an order failed within complaint_days before; else by days since the last"
        " order: recent below the first of segment_days, cooling below the second, silent from there on",
        "segment_days": list(campaigns.SEGMENT_DAYS),
        "complaint_days": campaigns.COMPLAINT_DAYS,
        "orders_added_if_alive": dict(zip(campaigns.SEGMENTS, campaigns.EFFECTS.tolist(), strict=True)),
    }


def _channels(words: dict[str, Any]) -> dict[str, Any]:
    cost = (COST_PER_REGISTRATION * words["price_level"]).round(2).tolist()
    return {
        "names": dict(zip(CHANNELS, words["acquisition_channels"], strict=True)),
        "cost_per_registration": dict(zip(CHANNELS, cost, strict=True)),
        "fake_channel": CHANNELS[PARTNERS],
        "fake_share_of_its_registrations": FAKE_SHARE,
    }
