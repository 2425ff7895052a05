"""How the ids of several files hang together: whose customers are whose."""

from dataclasses import replace
from typing import Any

from workbench.discovery.columns import Candidate
from workbench.discovery.fit import fits
from workbench.discovery.looking import Looked, text_of
from workbench.discovery.recognising import Draft
from workbench.discovery.values import MOST, NEARLY_ALL, Facts

KEY_TABLES = ("customers", "subscriptions")
CUSTOMER = "customer_id"
KNOWING = {"customers": (CUSTOMER,), "identities": ("id", "canonical_id")}
# Fewer distinct ids than this are shared by chance: 1, 2, 3 are ids in every file.
FEWEST_IDS = 20
MOST_ID_COLUMNS = 8


def with_relations(con: Any, drafts: list[Draft], looked: list[Looked]) -> dict[int, tuple[Candidate, ...]]:
    """By place in `looked`: the file's columns, those marked that hold the customers' ids of another file.

    Only files are given that something new is known of.
    """
    keys = [d for d in drafts if d.table in KEY_TABLES and CUSTOMER in d.assigned]
    marked: dict[int, tuple[Candidate, ...]] = {}
    for place, one in enumerate(looked):
        others = [d for d in keys if d.looked is not one]
        shares = {c.name: _best(con, one, c, others) for c in _possible(one)} if others else {}
        name, (share, key) = max(shares.items(), key=lambda item: item[1][0], default=("", (0.0, None)))
        if key is not None and share >= MOST:
            said = {CUSTOMER: f"{share:.0%} of its values are customers of {key.looked.shown}"}
            marked[place] = tuple(replace(c, known_ids=said) if c.name == name else c for c in one.candidates)
    return marked


def in_words(con: Any, drafts: list[Draft]) -> list[str]:
    """One line for each two tables: how many of the one's customers the other knows."""
    lines = []
    with_ids = [d for d in drafts if CUSTOMER in d.assigned]
    keys = next((found for t in KEY_TABLES if (found := [d for d in with_ids if d.table == t])), with_ids[:1])
    for one in with_ids:
        for key in keys:
            if one in keys or one.looked is key.looked:
                continue
            own, other = one.assigned[CUSTOMER].candidate, key.assigned[CUSTOMER].candidate
            share, distinct = overlap(con, one.looked, own.name, key.looked, other.name)
            lines.append(
                f"{one.looked.shown}: {own.name} -> {key.looked.shown}: {other.name}: "
                f"{share:.1%} of {distinct:,} customers are found there"
            )
    return lines


def known_customers(drafts: list[Draft]) -> list[str]:
    """Queries of the ids that lists of customers and of identities hold."""
    holders = [(d, column) for d in drafts for column in KNOWING.get(d.table, ()) if column in d.assigned]
    return [ids_query(d.looked, d.assigned[column].candidate.name) for d, column in holders]


def overlap(con: Any, one: Looked, name: str, other: Looked, key: str) -> tuple[float, int]:
    """The share of the distinct ids in `name` of `one` that `key` of `other` has, and how many they are."""
    own, there = ids_query(one, name), ids_query(other, key)
    query = (
        f"WITH own AS ({own}), there AS ({there}) SELECT count(*) AS n, "
        "count(*) FILTER (WHERE id IN (SELECT id FROM there)) AS found FROM own"
    )
    row = con.sql(query).to_pyarrow().to_pylist()[0]
    return (row["found"] / row["n"] if row["n"] else 0.0), int(row["n"])


def ids_query(looked: Looked, name: str) -> str:
    """The distinct ids, 17850.0 being 17850."""
    text = text_of(name)
    whole = f"regexp_replace({text}, '\\.0+$', '')"
    return f"SELECT DISTINCT {whole} AS id FROM {looked.table} WHERE {text} IS NOT NULL"


def _best(con: Any, one: Looked, column: Candidate, keys: list[Draft]) -> tuple[float, Draft | None]:
    shares = [
        (overlap(con, one, column.name, k.looked, k.assigned[CUSTOMER].candidate.name)[0], k) for k in keys
    ]
    return max(shares, key=lambda pair: pair[0], default=(0.0, None))


def _possible(looked: Looked) -> list[Candidate]:
    return [c for c in looked.candidates if _could_beids_query(c.facts)][:MOST_ID_COLUMNS]


def _could_beids_query(facts: Facts) -> bool:
    enough = facts.distinct >= FEWEST_IDS and facts.time < NEARLY_ALL
    return enough and fits("id", facts) == 1 and facts.spaces < MOST
