"""Counts over the whole of a file that a proposal rests on."""

from typing import Any

from workbench.discovery.expressions import literal
from workbench.discovery.looking import Looked, text_of
from workbench.sources.files.formats import COMMA

# A prefix of order ids means cancellation when nearly all of its lines are negative, and it is no common one.
MOSTLY_NEGATIVE, MOST_CANCELLED = 0.9, 0.3
FEWEST_ORDERS = 20
MOST_ODD = 0.05
SAME_AMOUNT = 0.9
NEAR, LEAST_EXPLAINED = 0.25, 0.5  # discounts and freight stand between the lines and the order's total
MOST_CODES = 40
USUAL_CODES = 0.95


def rows_where(con: Any, looked: Looked, condition: str) -> int:
    """The number of rows that fulfil `condition`."""
    query = f"SELECT count(*) AS n FROM {looked.table} WHERE {condition}"
    return int(con.sql(query).to_pyarrow().to_pylist()[0]["n"])


def number_of(looked: Looked, name: str) -> str:
    """SQL of a column's number, whatever marks and signs it is written with."""
    seen = looked.format_of(name)
    text = f"regexp_replace({text_of(name)}, '[^0-9eE.,+-]', '', 'g')"
    if seen is not None and seen.pattern == COMMA:
        return f"TRY_CAST(replace(replace({text}, '.', ''), ',', '.') AS DOUBLE)"
    return f"TRY_CAST(replace({text}, ',', '') AS DOUBLE)"


def cancelling_prefixes(con: Any, looked: Looked, order_id: str, negative: str) -> list[str]:
    """Letters before the digits of order ids whose lines are nearly all negative, as in C536379."""
    prefix = f"regexp_extract({text_of(order_id)}, '^([A-Za-z]+)[0-9]+$', 1)"
    query = (
        f"SELECT {prefix} AS prefix, count(*) AS n, count(*) FILTER (WHERE {negative}) AS below "
        f"FROM {looked.table} WHERE regexp_matches({text_of(order_id)}, '^[A-Za-z]*[0-9]+$') "
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    found = con.sql(query).to_pyarrow().to_pylist()
    most = MOST_CANCELLED * sum(row["n"] for row in found)
    return [
        row["prefix"]
        for row in found
        if row["prefix"] and FEWEST_ORDERS <= row["n"] <= most and row["below"] >= MOSTLY_NEGATIVE * row["n"]
    ]


def repeats_the_order(con: Any, looked: Looked, order_id: str, amount: str) -> bool:
    """Whether `amount` is the same on all lines of nearly every order that has several."""
    query = (
        "SELECT count(*) AS n, count(*) FILTER (WHERE values = 1) AS same FROM ("
        f"SELECT count(*) AS lines, count(DISTINCT {text_of(amount)}) AS values FROM {looked.table} "
        f"WHERE {text_of(order_id)} IS NOT NULL GROUP BY {text_of(order_id)}) WHERE lines > 1"
    )
    row = con.sql(query).to_pyarrow().to_pylist()[0]
    return bool(row["n"] >= FEWEST_ORDERS and row["same"] >= SAME_AMOUNT * row["n"])


def lines_explain(con: Any, looked: Looked, order_id: str, amount: str, line: str) -> bool:
    """Whether the sum of `line` over an order comes near its `amount` in most orders of several lines."""
    query = (
        "SELECT count(*) AS n, "
        f"count(*) FILTER (WHERE abs(lines - total) <= {NEAR} * abs(total)) AS near FROM ("
        f"SELECT sum({line}) AS lines, max({number_of(looked, amount)}) AS total "
        f"FROM {looked.table} GROUP BY {text_of(order_id)} HAVING count(*) > 1)"
    )
    row = con.sql(query).to_pyarrow().to_pylist()[0]
    return bool(row["n"] and row["near"] >= LEAST_EXPLAINED * row["n"])


def odd_prefixes(con: Any, looked: Looked, name: str, known: list[str]) -> dict[str, int]:
    """Rows by letters before the digits of a few ids, none of which the queries `known` give."""
    text = text_of(name)
    prefix = f"regexp_extract({text}, '^([A-Za-z]*)[-_]?[0-9]+$', 1)"
    is_known = " OR ".join(f"{text} IN ({query})" for query in known)
    query = (
        f"SELECT {prefix} AS prefix, count(*) AS n, count(*) FILTER (WHERE {is_known}) AS found "
        f"FROM {looked.table} WHERE regexp_matches({text}, '^[A-Za-z]*[-_]?[0-9]+$') "
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    rows = con.sql(query).to_pyarrow().to_pylist()
    most = MOST_ODD * sum(row["n"] for row in rows)
    return {
        row["prefix"]: row["n"] for row in rows if row["prefix"] and row["n"] <= most and not row["found"]
    }


def service_codes(con: Any, looked: Looked, product_id: str) -> list[str]:
    """Product codes without three digits in a file whose other codes have them: POST, M; commonest first."""
    text = text_of(product_id)
    query = (
        f"SELECT {text} AS code, count(*) AS n FROM {looked.table} WHERE {text} IS NOT NULL "
        f"AND NOT regexp_matches({text}, '[0-9]{{3}}') GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    found = con.sql(query).to_pyarrow().to_pylist()
    rows = rows_where(con, looked, f"{text} IS NOT NULL")
    few = len(found) <= MOST_CODES and sum(row["n"] for row in found) <= (1 - USUAL_CODES) * rows
    return [row["code"] for row in found] if few else []


def rows_among(
    con: Any, looked: Looked, name: str, words: frozenset[str], condition: str = "TRUE"
) -> dict[str, int]:
    """Rows of each value of a column that is among `words`, whatever its capitals, under a `condition`."""
    listed = ", ".join(map(literal, sorted(words)))
    query = (
        f"SELECT {text_of(name)} AS value, count(*) AS n FROM {looked.table} "
        f"WHERE lower({text_of(name)}) IN ({listed}) AND {condition} GROUP BY 1 ORDER BY 1"
    )
    return {row["value"]: int(row["n"]) for row in con.sql(query).to_pyarrow().to_pylist()}
