"""Data for the benchmarks, written by DuckDB as Parquet: the same rows on every machine."""

from datetime import date
from pathlib import Path

import duckdb

LINES_PER_CUSTOMER = 20
LINES_PER_ORDER = 2.5
FIRST_DAY, AS_OF = date(2021, 7, 1), date(2024, 6, 30)
CUT_OFFS = tuple(
    date(2024, month, day) for month, day in ((1, 31), (2, 29), (3, 31), (4, 30), (5, 31), (6, 30))
)
MEMORY_LIMIT = "4GB"

# Hashes of row numbers instead of random numbers: no seed, no order, any number of threads.
MOMENT = f"timestamp '{FIRST_DAY}' + to_seconds((hash({{0}} + 7) % {3 * 365 * 86_400})::bigint)"
CUSTOMER = "printf('%016x', hash({0} % {1} + 99))"
LINES = f"""
    SELECT {CUSTOMER.format("hash(o)", "{customers}")} AS customer_id, printf('O%09d', o) AS order_id,
        moment AS ordered_at, ((CASE WHEN hash(10 * o + j) % 25 = 0 THEN -1 ELSE 1 END)
        * (100 + hash(10 * o + j + 5) % 20000) / 100.0)::DECIMAL(18, 4) AS amount,
        'P' || hash(10 * o + j + 6) % 3000 AS product_id, 'K' || hash(10 * o + j + 8) % 12 AS category,
        ['web', 'shop', 'app', 'phone'][1 + (hash(o + 9) % 4)::INT] AS channel
    FROM (SELECT range AS o, {MOMENT.format("range")} AS moment, 1 + hash(range + 3) % 4 AS lines
        FROM range({{orders}})) AS placed, range(4) AS numbers(j)
    WHERE j < lines ORDER BY moment
"""
# Customers as the purchase models see them: each comes on a day of her own, buys at a rate of her own (gamma)
# and leaves after a life of her own (exponential of a gamma rate). One line per order.
SHARE = "((hash({0}) % 999983 + 1) / 999984.0)"
BUYERS = f"""
    SELECT printf('%016x', hash(c + 99)) AS customer_id, printf('O%07d-%d', c, n) AS order_id,
        timestamp '{FIRST_DAY}'
            + to_seconds(((came + lived * {SHARE.format("97 * c + n + 1")}) * 86400)::BIGINT) AS ordered_at,
        ((10 - 30 * ln({SHARE.format("c + 5")})) * (0.5 + {SHARE.format("89 * c + n + 2")}))::DECIMAL(18, 4)
            AS amount,
        'P' || hash(c + 3 * n) % 3000 AS product_id, 'K' || hash(c + n // 3) % 12 AS category,
        ['web', 'shop', 'app', 'phone'][1 + (hash(c + 9) % 4)::INT] AS channel
    FROM (
        SELECT range AS c, 900 * {SHARE.format("range + 1")} AS came,
            least(1094 - came, 700 * ({SHARE.format("range + 2")} ** (-1 / 1.5) - 1)) AS lived,
            {{orders}} / {{customers}} / 393.0 * -ln({SHARE.format("range + 3")}) AS rate
        FROM range({{customers}})
    ), LATERAL (SELECT unnest(range(1 + (rate * lived)::BIGINT))) AS numbers(n)
    ORDER BY ordered_at
"""
BUYER_TABLE = f"""
    SELECT printf('%016x', hash(c + 99)) AS customer_id, timestamp '{FIRST_DAY}' AS registered_at,
        ['web', 'shop', 'app', 'phone'][1 + (hash(c + 9) % 4)::INT] AS acquisition_channel,
        ['north', 'south', 'east', 'west'][1 + (hash(c + 10) % 4)::INT] AS region
    FROM range({{customers}}) AS t(c)
"""
LINE_COLUMNS = ("customer_id", "order_id", "ordered_at", "amount", "product_id", "category", "channel")
REST = {  # rows for each line, and the columns beside the customer
    "customers": (0.05, {"registered_at": MOMENT.format("i + 1")}),
    "events": (
        1.0,
        {
            "occurred_at": MOMENT.format("i + 2"),
            "event": "['visit', 'search', 'cart'][1 + (hash(i) % 3)::INT]",
            "session_id": "'S' || hash(i + 4) % 100000",
            "device_id": "'D' || hash(i + 5) % 3",
        },
    ),
    "tickets": (
        0.05,
        {
            "opened_at": MOMENT.format("i + 3"),
            "first_response_at": f"{MOMENT.format('i + 3')} + to_hours(2)",
            "resolved_at": f"{MOMENT.format('i + 3')} + to_hours((hash(i + 6) % 400)::INT)",
            "reopened": "hash(i + 7) % 9 = 0",
        },
    ),
    "feedback": (
        0.1,
        {
            "given_at": MOMENT.format("i + 4"),
            "rating": "(1 + hash(i + 8) % 5)::DOUBLE",
            "nps": "(hash(i + 9) % 11)::DOUBLE",
        },
    ),
    "campaigns": (
        0.3,
        {
            "campaign_id": "'C' || i % 20",
            "sent_at": MOMENT.format("i + 5"),
            "arm": "CASE WHEN hash(i) % 5 = 0 THEN 'control' ELSE 'A' END",
            "responded": "hash(i + 10) % 12 = 0",
        },
    ),
}


def write_lines(folder: Path, lines: int) -> Path:
    """About so many order lines over three years, in the order of time, as ``transactions.parquet``."""
    query = LINES.format(orders=round(lines / LINES_PER_ORDER), customers=max(lines // LINES_PER_CUSTOMER, 1))
    return _write(query, folder / "transactions.parquet")


def write_buyers(folder: Path, customers: int, orders: int) -> None:
    """So many customers with about so many orders, who come, buy and leave; each with channel and region."""
    sizes = {"customers": customers, "orders": orders}
    _write(BUYERS.format(**sizes), folder / "transactions.parquet")
    _write(BUYER_TABLE.format(**sizes), folder / "customers.parquet")


def write_company(folder: Path, lines: int) -> Path:
    """The lines and, in proportion, every other table that features are made from."""
    write_lines(folder, lines)
    customers = max(lines // LINES_PER_CUSTOMER, 1)
    for name, (rows_per_line, expressions) in REST.items():
        who = CUSTOMER.format("i" if name == "customers" else "hash(i)", customers)
        columns = ", ".join(f"{value} AS {column}" for column, value in expressions.items())
        query = f"SELECT {who} AS customer_id, {columns} FROM range({round(lines * rows_per_line)}) AS t(i)"
        _write(query, folder / f"{name}.parquet")
    return folder


def _write(query: str, path: Path) -> Path:
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(path.parent)}) as con:
        con.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return path
