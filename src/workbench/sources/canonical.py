"""The canonical tables: grain, columns, kinds, keys, ranges. One declaration, read by mapping and checks."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["id", "time", "money", "number", "truth", "text"]


@dataclass(frozen=True)
class Column:
    """One canonical column.

    Attributes
    ----------
    kind : str
        ``id`` text that names something, ``time`` wall clock in the study's zone, ``money`` exact decimal
        with four places, ``number`` double, ``truth`` boolean, ``text``.
    low, high : float or None
        Values outside are quarantined.
    """

    kind: Kind
    required: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class CanonicalTable:
    """One canonical table.

    Attributes
    ----------
    times : tuple of str
        When a row becomes known: rows with one of these later than `as_of` do not exist for the study.
        Where there are such times the table may have ``available_at`` too: when the row reached the company.
    hidden_until : tuple of str
        Times that are blanked while they lie after `as_of` (a case may be open today and closed tomorrow).
    key : str or None
        Column without two equal values; later rows of a repeated key are quarantined.
    any_of : tuple of str
        At least one of these columns is mapped and, in each row, filled.
    """

    grain: str
    columns: dict[str, Column]
    times: tuple[str, ...] = ()
    hidden_until: tuple[str, ...] = ()
    key: str | None = None
    any_of: tuple[str, ...] = field(default=())

    @property
    def known_at(self) -> tuple[str, ...]:
        """All times that must have passed before a row is seen."""
        return (*self.times, AVAILABLE_AT) if self.times else ()


AVAILABLE_AT = "available_at"
CUSTOMER = Column("id", required=True)
TABLES: dict[str, CanonicalTable] = {
    "transactions": CanonicalTable(
        "one order line (or order)",
        {
            "customer_id": CUSTOMER,
            "ordered_at": Column("time", required=True),
            "amount": Column("money", required=True),
            "order_id": Column("id"),
            "quantity": Column("number"),
            "product_id": Column("id"),
            "product_name": Column("text"),
            "category": Column("text"),
            "channel": Column("text"),
            "margin": Column("money"),
            "cost": Column("money"),
        },
        times=("ordered_at",),
    ),
    "customers": CanonicalTable(
        "one customer",
        {
            "customer_id": CUSTOMER,
            "registered_at": Column("time"),
            "acquisition_channel": Column("text"),
            "region": Column("text"),
            "gender": Column("text"),
            "birth_date": Column("time"),
            "tier": Column("text"),
            "marketing_consent": Column("truth"),
        },
        times=("registered_at",),
        key="customer_id",
    ),
    "events": CanonicalTable(
        "one action",
        {
            "customer_id": CUSTOMER,
            "occurred_at": Column("time", required=True),
            "event": Column("text", required=True),
            "channel": Column("text"),
            "value": Column("number"),
            "session_id": Column("id"),
            "device_id": Column("id"),
        },
        times=("occurred_at",),
    ),
    "subscriptions": CanonicalTable(
        "one contract at one observation",
        {
            "customer_id": CUSTOMER,
            "churned": Column("truth"),
            "ended_at": Column("time"),
            "started_at": Column("time"),
            "observed_at": Column("time"),
            "tenure_months": Column("number", low=0),
            "monthly_fee": Column("money", low=0),
        },
        times=("observed_at", "started_at"),
        hidden_until=("ended_at",),
        any_of=("churned", "ended_at"),
    ),
    "tickets": CanonicalTable(
        "one service case",
        {
            "customer_id": CUSTOMER,
            "opened_at": Column("time", required=True),
            "ticket_id": Column("id"),
            "kind": Column("text"),
            "channel": Column("text"),
            "department": Column("text"),
            "first_response_at": Column("time"),
            "resolved_at": Column("time"),
            "reopened": Column("truth"),
            "contacts": Column("number", low=0),
            "severity": Column("text"),
        },
        times=("opened_at",),
        hidden_until=("first_response_at", "resolved_at"),
    ),
    "feedback": CanonicalTable(
        "one utterance or answer",
        {
            "feedback_id": Column("id"),
            "customer_id": Column("id"),
            "given_at": Column("time"),
            "text": Column("text"),
            "rating": Column("number", low=0, high=100),
            "nps": Column("number", low=0, high=10),
            "label": Column("text"),
            "channel": Column("text"),
            "product_id": Column("id"),
        },
        times=("given_at",),
        key="feedback_id",
        any_of=("text", "rating", "nps"),
    ),
    "campaigns": CanonicalTable(
        "one customer in one campaign",
        {
            "campaign_id": Column("id", required=True),
            "customer_id": CUSTOMER,
            "arm": Column("text", required=True),
            "sent_at": Column("time", required=True),
            "channel": Column("text"),
            "cost": Column("money"),
            "responded": Column("truth"),
            "outcome": Column("number"),
        },
        times=("sent_at",),
    ),
    "spend": CanonicalTable(
        "one channel in one period",
        {
            "channel": Column("text", required=True),
            "period": Column("time", required=True),
            "amount": Column("money", required=True),
        },
        times=("period",),
    ),
}
for _table in TABLES.values():
    if _table.times:
        _table.columns[AVAILABLE_AT] = Column("time")
# One person's several ids: which of them is the person's. Read before all others, seen by nobody after.
IDENTITIES = "identities"
TABLES[IDENTITIES] = CanonicalTable(
    "one id of a person",
    {"id": Column("id", required=True), "canonical_id": Column("id", required=True)},
    key="id",
)
# Without one of these there is nothing to study.
ESSENTIAL = ("transactions", "subscriptions", "feedback")
