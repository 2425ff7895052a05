"""One customer on one screen, for the analyst alone: what 01 to 04 know of her. Never part of the archive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.language import say
from workbench.language.catalogue import messages
from workbench.profiling.people.catalogue import own_catalogue
from workbench.profiling.people.wording import value_label
from workbench.results import Missing

CHOICES = ("category", "channel", "day_part")
CONTACTS = ("order", "event", "ticket", "feedback", "campaign")
VALUES = ("expected_value", "expected_value_low", "expected_value_high", "p_alive", "value_score", "tier")
OTHERS = ("value", "churn", "satisfaction")


@dataclass(frozen=True)
class Card:
    """What is known of one customer; whatever is not known is None or empty.

    Attributes
    ----------
    n_orders, revenue, first_order, last_order : her orders so far.
    value : mapping
        Of VALUES those that 02 has said.
    stage, segment : str or None
        Stage of the life cycle and RFM segment, as 02 codes them.
    churn_probability, risk_band, value_at_risk : what 03 has said.
    reasons : tuple of str
        Of the risk, strongest first.
    preferences : mapping
        By choice (CHOICES) the value, its share (strength) and how many it rests on (evidence).
    contacts : mapping
        By kind (CONTACTS) the days since the last one.
    open_tickets : int or None
    open_complaint : bool or None
    mean_rating, nps_class : what 04 has said.
    tags : tuple of str
        As the portrait has them.
    left_out : tuple of str
        Tables of OTHERS that were not there, or do not have her.
    """

    customer_id: str
    n_orders: int | None = None
    revenue: float | None = None
    first_order: date | None = None
    last_order: date | None = None
    value: Mapping[str, Any] = field(default_factory=dict)
    stage: str | None = None
    segment: str | None = None
    churn_probability: float | None = None
    risk_band: str | None = None
    value_at_risk: float | None = None
    reasons: tuple[str, ...] = ()
    preferences: Mapping[str, tuple[str, float, int]] = field(default_factory=dict)
    contacts: Mapping[str, int] = field(default_factory=dict)
    open_tickets: int | None = None
    open_complaint: bool | None = None
    mean_rating: float | None = None
    nps_class: str | None = None
    tags: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def card(customer_id: str, portrait: pd.DataFrame, others: Mapping[str, pd.DataFrame]) -> Card | Missing:
    """The card of one customer.

    Parameters
    ----------
    portrait : pandas.DataFrame
        ``portrait.parquet``.
    others : mapping
        Of the tables OTHERS those that are there; columns that are not there are left out.

    Returns
    -------
    Card or Missing
        Missing where the portrait does not have her.
    """
    known = _row(portrait, customer_id)
    if known is None:
        return Missing("profiling.people_card_unknown", {"n": len(portrait)})
    rows = {name: _row(others[name], customer_id) if name in others else None for name in OTHERS}
    value, churn, heard = (rows[name] or {} for name in OTHERS)
    orders = known.get("n_orders")
    return Card(
        customer_id,
        None if orders is None else int(orders),
        known.get("revenue"),
        _day(known.get("first_order_at")),
        _day(known.get("last_order_at")),
        {name: value[name] for name in VALUES if name in value},
        value.get("lifecycle_stage"),
        value.get("rfm_segment"),
        churn.get("churn_probability"),
        churn.get("risk_band"),
        churn.get("value_at_risk"),
        tuple(churn[name] for name in ("reason_1", "reason_2", "reason_3") if churn.get(name)),
        _preferences(known),
        _contacts(known),
        _whole(known.get("n_open_tickets")),
        heard.get("open_complaint"),
        heard.get("mean_rating"),
        heard.get("nps_class"),
        tuple(known.get("tags", ())),
        tuple(name for name in OTHERS if rows[name] is None),
    )


def text(shown: Card) -> str:
    """The card as lines for a terminal, in the current language; what is not known has no line."""
    lines = [
        _orders_line(shown),
        _value_line(shown),
        _stage_line(shown),
        _risk_line(shown),
        *(say("profiling.people_card_reason", reason=reason) for reason in shown.reasons),
        *_preference_lines(shown),
        _contact_line(shown),
        _voice_line(shown),
        _complaint_line(shown),
        say("profiling.people_card_tags", tags=_listed(spoken_tags(shown.tags))) if shown.tags else "",
        *(say(f"profiling.people_card_no_{name}") for name in shown.left_out),
    ]
    head = say("profiling.people_card_head", customer=shown.customer_id)
    return "\n".join([head, *(f"  {line}" for line in lines if line)])


def spoken_tags(tags: tuple[str, ...]) -> list[str]:
    """Tags of the catalogue by their names, others as they are written."""
    names = {tag.code: tag for tag in own_catalogue()}
    spoken = []
    for code, _, value in (tag.partition("=") for tag in tags):
        tag = names.get(code)
        label = tag.label if tag else code
        words = value_label(tag.value or "", value) if tag else value
        spoken.append(say("profiling.people_trait", column=label, value=words) if value else label)
    return spoken


def _row(table: pd.DataFrame, customer_id: str) -> dict[str, Any] | None:
    """Her row as plain values, those that are missing left out."""
    if "customer_id" not in table.columns:
        return None
    found = table[table["customer_id"] == customer_id]
    if found.empty:
        return None
    values = {str(name): _plain(value) for name, value in found.iloc[0].items()}
    return {name: value for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):  # tags, as a list or as read from a file
        return tuple(value)
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _day(moment: Any) -> date | None:
    return None if moment is None else pd.Timestamp(moment).date()


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)


def _preferences(known: Mapping[str, Any]) -> dict[str, tuple[str, float, int]]:
    found = {}
    for choice in CHOICES:
        names = [f"top_{choice}{suffix}" for suffix in ("", "_strength", "_evidence")]
        if all(name in known for name in names):
            value, strength, evidence = (known[name] for name in names)
            found[choice] = (str(value), float(strength), int(evidence))
    return found


def _contacts(known: Mapping[str, Any]) -> dict[str, int]:
    days = {kind: known.get(f"days_since_last_{kind}") for kind in CONTACTS}
    return {kind: int(since) for kind, since in days.items() if since is not None}


def _orders_line(shown: Card) -> str:
    if shown.n_orders is None or shown.first_order is None or shown.last_order is None:
        return say("profiling.people_card_no_order")
    values = {"n": shown.n_orders, "revenue": shown.revenue}
    return say("profiling.people_card_orders", first=shown.first_order, last=shown.last_order, **values)


def _value_line(shown: Card) -> str:
    if "expected_value" not in shown.value:
        return ""
    names = ("expected_value", "expected_value_low", "expected_value_high", "p_alive")
    return say("profiling.people_card_value", **{name: shown.value.get(name) for name in names})


def _stage_line(shown: Card) -> str:
    found = {"stage": shown.stage, "segment": shown.segment, "tier": shown.value.get("tier")}
    parts = [_coded("segmentation", kind, str(code)) for kind, code in found.items() if code]
    return say("profiling.people_card_stage", stage=_listed(parts)) if parts else ""


def _risk_line(shown: Card) -> str:
    if shown.churn_probability is None:
        return ""
    band = _coded("churn", "band", shown.risk_band) if shown.risk_band else ""
    values = {"share": shown.churn_probability, "at_risk": shown.value_at_risk}
    return say("profiling.people_card_risk", band=band, **values)


def _preference_lines(shown: Card) -> list[str]:
    return [
        say(
            f"profiling.people_card_{choice}",
            value=value_label(f"top_{choice}", value),
            strength=strength,
            n=evidence,
        )
        for choice, (value, strength, evidence) in shown.preferences.items()
    ]


def _contact_line(shown: Card) -> str:
    parts = [say(f"profiling.people_card_contact_{kind}", days=days) for kind, days in shown.contacts.items()]
    return say("profiling.people_card_contacts", contacts=_listed(parts)) if parts else ""


def _voice_line(shown: Card) -> str:
    if shown.mean_rating is None:
        return ""
    return say("profiling.people_card_voice", rating=shown.mean_rating)


def _complaint_line(shown: Card) -> str:
    if shown.open_complaint:
        return say("profiling.people_card_complaint")
    return say("profiling.people_card_tickets", n=shown.open_tickets) if shown.open_tickets else ""


def _coded(topic: str, kind: str, code: str) -> str:
    """The name that the other notebook's catalogue has for a code of its own."""
    found = (f"{topic}.{kind}{joint}{code}" for joint in "._")
    message = next((m for m in found if m in messages("en")), None)
    return say(message) if message else code


def _listed(parts: list[str]) -> str:
    return say("profiling.people_comma").join(parts)
