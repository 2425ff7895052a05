"""What a tag can be made of: as-of features, preferences, the present state of customers and contracts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from workbench.features import dictionary
from workbench.sources import TABLES

Type = Literal["number", "text", "truth"]
PRESENT_TABLES = ("customers", "subscriptions")
CHOICES = ("category", "channel")  # columns of an order line whose values a customer prefers
# Present state of a customer's contracts, made from all of them.
CONTRACT_COLUMNS: dict[str, Type] = {"open": "truth", "monthly_fee": "number", "tenure_months": "number"}


@dataclass(frozen=True)
class Column:
    """One column that a condition may name.

    Attributes
    ----------
    name : str
        As written in a declaration: ``n_orders``, ``top_category``, ``customers.tier``.
    table : str
        The canonical table it is made from.
    type : str
        ``number``, ``text`` or ``truth``; of a company's own attribute empty until the data are seen.
    as_of : bool
        Whether its value on an earlier day can be computed again. Where a table holds only the present state,
        it cannot.
    """

    name: str
    table: str
    type: Type | None
    as_of: bool

    @property
    def key(self) -> str:
        """Its name inside a query: no engine has to quote a dot."""
        return self.name.replace(".", "__")


@cache
def known_columns() -> dict[str, Column]:
    """Every column by name that is there for every company."""
    found = [Column(entry.name, entry.table, "number", True) for entry in dictionary()]
    found += [Column(name, table, kind, True) for name, table, kind in preference_columns()]
    for name, about in TABLES["customers"].columns.items():
        if about.kind in ("text", "truth"):
            kind: Type = "truth" if about.kind == "truth" else "text"
            found.append(Column(f"customers.{name}", "customers", kind, False))
    found += [
        Column(f"subscriptions.{name}", "subscriptions", kind, False)
        for name, kind in CONTRACT_COLUMNS.items()
    ]
    return {column.name: column for column in found}


def preference_columns() -> list[tuple[str, str, Type]]:
    """Name, table and type of the columns that `preferences` gives, in their order."""
    found: list[tuple[str, str, Type]] = []
    for choice in (*CHOICES, "day_part"):
        found.append((f"top_{choice}", "transactions", "text"))
        found += [(f"top_{choice}_{what}", "transactions", "number") for what in ("strength", "evidence")]
    ends = [f"{end}_{choice}" for choice in CHOICES for end in ("first", "last")]
    return [*found, *((name, "transactions", "text") for name in ends), ("last_event", "events", "text")]


def own_attribute(name: str) -> Column | None:
    """The column of a company's own attribute, written ``<table>.<attribute>``; None for any other name."""
    table, _, attribute = name.partition(".")
    return Column(name, table, None, False) if table in PRESENT_TABLES and attribute else None


def find_column(name: str, attributes: Iterable[str] | None = None) -> Column | None:
    """The column called `name`; where `attributes` are given, no other ones of a company's own exist."""
    if name in known_columns():
        return known_columns()[name]
    return own_attribute(name) if attributes is None or name in set(attributes) else None
