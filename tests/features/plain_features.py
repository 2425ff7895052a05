"""The second route: every as-of feature customer by customer in plain Python, from the dictionary's words."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import log
from statistics import mean, stdev

import pandas as pd
from tests.features.canonical_rows import TIMES


def plain_features(company, cut_off):
    """A frame by customer_id of all features of the tables in `company` at one cut-off."""
    seen = {name: [row for row in rows if _visible(name, row, cut_off)] for name, rows in company.items()}
    customers = sorted({row["customer_id"] for rows in seen.values() for row in rows})
    found = {}
    for customer in customers:
        features = {}
        for name, rows in seen.items():
            own = [row for row in rows if row["customer_id"] == customer]
            features |= FEATURES[name](own, cut_off)
        found[customer] = features
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("customer_id")


def _visible(name, row, cut_off):
    end = datetime.combine(cut_off, datetime.min.time()) + timedelta(days=1)
    times = [row[TIMES[name]]]
    if row["customer_id"] is None or times[0] is None:
        return False
    times += [row[other] for other in ("available_at", "observed_at") if row.get(other) is not None]
    return all(time < end for time in times)


def _age(moment, cut_off):
    return (cut_off - moment.date()).days


def _youngest(moments, cut_off):
    return min((_age(moment, cut_off) for moment in moments), default=None)


def _ratio(part, whole):
    return part / whole if whole else None


def _transactions(rows, cut_off):
    bought = [row for row in rows if row["amount_"] >= 0]
    refunds = [row for row in rows if row["amount_"] < 0]
    placed = {}
    for row in sorted(bought, key=lambda row: row["ordered_at"]):
        placed.setdefault(row["order_id"] or str(row["ordered_at"].date()), row["ordered_at"])
    days = Counter()
    for row in bought:
        days[row["ordered_at"].date()] += row["amount_"]
    gaps = [(b - a).days for a, b in pairwise(sorted(days))]
    gross = sum(row["amount_"] for row in bought)
    silent = _youngest([row["ordered_at"] for row in bought], cut_off)

    def revenue(begin, end):
        return float(sum(row["amount_"] for row in rows if begin <= _age(row["ordered_at"], cut_off) < end))

    def share(holds):
        return _ratio(sum(map(holds, placed.values())), len(placed))

    found = {
        "days_since_last_order": silent,
        "days_since_first_order": max((_age(row["ordered_at"], cut_off) for row in bought), default=None),
        "n_orders": len(placed),
        "n_order_days": len(days),
        "revenue": revenue(0, 10**6),
        "mean_order_value": _ratio(float(gross), len(placed)),
        "max_day_value": float(max(days.values())) if days else None,
        "last_day_value": float(days[max(days)]) if days else None,
        "mean_gap_days": mean(gaps) if gaps else None,
        "sd_gap_days": stdev(gaps) if len(gaps) > 1 else None,
        "cv_gap": stdev(gaps) / mean(gaps) if len(gaps) > 1 else None,
        "max_gap_days": max(gaps, default=None),
        "last_gap_days": gaps[-1] if gaps else None,
        "overdue_ratio": silent / mean(gaps) if gaps else None,
        "n_refunds": len(refunds),
        "refund_share": _ratio(float(-sum(row["amount_"] for row in refunds)), float(gross)),
        "days_since_last_refund": _youngest([row["ordered_at"] for row in refunds], cut_off),
        "lines_per_order": _ratio(len(bought), len(placed)),
        "weekend_order_share": share(lambda at: at.weekday() >= 5),
        "evening_order_share": share(lambda at: at.hour >= 18),
        "night_order_share": share(lambda at: at.hour < 6),
        "n_products": len({row["product_id"] for row in bought} - {None}),
        # Without any row the trend has nothing to be the logarithm of.
        "spend_trend": log((max(revenue(0, 90), 0) + 1) / (max(revenue(90, 180), 0) + 1)) if rows else None,
    }
    for days_back in (30, 90, 180, 365):
        found[f"n_orders_{days_back}d"] = sum(_age(at, cut_off) < days_back for at in placed.values())
        found[f"revenue_{days_back}d"] = revenue(0, days_back)
    for one, many in (("category", "categories"), ("channel", "channels")):
        lines = Counter(row[one] for row in bought if row[one] is not None)
        found[f"n_{many}"] = len(lines)
        found[f"top_{one}_share"] = _ratio(max(lines.values(), default=0), lines.total())
        found[f"{one}_concentration"] = (
            sum((n / lines.total()) ** 2 for n in lines.values()) if lines else None
        )
    return found


def _first(column, name):
    def feature(rows, cut_off):
        return {name: max((_age(row[column], cut_off) for row in rows), default=None)}

    return feature


def _events(rows, cut_off):
    ages = [_age(row["occurred_at"], cut_off) for row in rows]
    return {
        "n_events": len(rows),
        **{f"n_events_{days}d": sum(age < days for age in ages) for days in (7, 30, 90)},
        "events_decayed": float(sum(2 ** (-age / 30) for age in ages)),
        "n_event_days": len(set(ages)),
        "n_event_kinds": len({row["event"] for row in rows}),
        "n_sessions": len({row["session_id"] for row in rows} - {None}),
        "n_devices": len({row["device_id"] for row in rows} - {None}),
        "days_since_last_event": min(ages, default=None),
    }


def _tickets(rows, cut_off):
    ages = [_age(row["opened_at"], cut_off) for row in rows]
    resolved = [row for row in rows if row["resolved_at"] and row["resolved_at"].date() <= cut_off]
    flagged = [row["reopened"] for row in resolved if row["reopened"] is not None]

    def hours(column):
        known = [
            row[column].replace(microsecond=0) - row["opened_at"].replace(microsecond=0)
            for row in rows
            if row[column] and row[column].date() <= cut_off
        ]
        valid = [time.total_seconds() / 3600 for time in known if time.total_seconds() >= 0]
        return mean(valid) if valid else None

    return {
        "n_tickets": len(rows),
        **{f"n_tickets_{days}d": sum(age < days for age in ages) for days in (30, 90, 365)},
        "n_open_tickets": len(rows) - len(resolved),
        "days_since_last_ticket": min(ages, default=None),
        "mean_hours_to_resolution": hours("resolved_at"),
        "mean_hours_to_first_response": hours("first_response_at"),
        "reopened_ticket_share": mean(flagged) if flagged else None,
    }


def _feedback(rows, cut_off):
    ages = [_age(row["given_at"], cut_off) for row in rows]
    rated = [row for row in rows if row["rating"] is not None]
    last = max((row["given_at"].date() for row in rated), default=None)
    nps = [row["nps"] for row in rows if row["nps"] is not None]
    return {
        "n_feedback": len(rows),
        "n_feedback_90d": sum(age < 90 for age in ages),
        "days_since_last_feedback": min(ages, default=None),
        "mean_rating": mean(row["rating"] for row in rated) if rated else None,
        "last_rating": mean(row["rating"] for row in rated if row["given_at"].date() == last)
        if rated
        else None,
        "low_rating_share": mean(row["rating"] <= 2 for row in rated) if rated else None,
        "detractor_share": mean(score <= 6 for score in nps) if nps else None,
    }


def _campaigns(rows, cut_off):
    rows = [row for row in rows if row["arm"].strip().lower() not in ("control", "对照组")]
    ages = [_age(row["sent_at"], cut_off) for row in rows]
    judged = [row["responded"] for row, age in zip(rows, ages, strict=True) if age >= 30]
    known = [answer for answer in judged if answer is not None]
    return {
        "n_campaigns": len(rows),
        "n_campaigns_90d": sum(age < 90 for age in ages),
        "n_campaign_responses": sum(known),
        "campaign_response_share": mean(known) if known else None,
        "days_since_last_campaign": min(ages, default=None),
    }


FEATURES = {
    "transactions": lambda rows, cut_off: _transactions(
        [row | {"amount_": Decimal(str(row["amount"]))} for row in rows], cut_off
    ),
    "customers": _first("registered_at", "tenure_days"),
    "subscriptions": _first("started_at", "subscription_days"),
    "events": _events,
    "tickets": _tickets,
    "feedback": _feedback,
    "campaigns": _campaigns,
}
