"""Business rules for orders that a file calls for: proposed with what they would leave out, never silent."""

from typing import Any

from workbench.discovery import counting
from workbench.discovery.expressions import identifier, literal
from workbench.discovery.guess import ColumnGuess, RuleGuess
from workbench.discovery.lexicon import lexicon
from workbench.discovery.looking import text_of
from workbench.discovery.recognising import Draft

# Fewer rows without a customer are dirt: the quarantine counts them.
LEAST_WITHOUT = 0.005
# A customer called 0 is a real one unless it has this share of the rows.
LEAST_PLACEHOLDER = 0.01
MOSTLY_NEGATIVE = 0.9


def rules_of(con: Any, draft: Draft, columns: list[ColumnGuess], known: list[str]) -> list[RuleGuess]:
    """The rules that `draft` needs, in the order in which rows are told apart; empty for other tables.

    Parameters
    ----------
    known : list of str
        Queries of the customers' ids that other files know.
    """
    if draft.table != "transactions":
        return []
    amount = next(column for column in columns if column.canonical == "amount")
    found = [
        _without_customer(con, draft),
        _words(con, draft, "test_orders", "test", "test orders", "测试订单"),
        _words(con, draft, "staff_orders", "staff", "orders of staff", "员工内部订单"),
        _odd_customers(con, draft, known),
        _not_completed(con, draft, amount),
        *_negative(con, draft, amount),
        _without_price(con, draft),
        _free(con, draft, amount),
        _services(con, draft),
    ]
    return [rule for rule in found if rule is not None]


def _name(draft: Draft, canonical: str) -> str | None:
    return draft.assigned[canonical].candidate.name if canonical in draft.assigned else None


def _share(draft: Draft, rows: int) -> str:
    return f"{rows:,} of {draft.looked.rows:,} rows, {rows / draft.looked.rows:.1%}"


def _one_of(name: str, values: list[str]) -> str:
    listed = ", ".join(map(literal, values))
    return f"{identifier(name)} = {listed}" if len(values) == 1 else f"{identifier(name)} IN ({listed})"


def _without_customer(con: Any, draft: Draft) -> RuleGuess | None:
    name, looked = str(_name(draft, "customer_id")), draft.looked
    guests = counting.rows_among(con, looked, name, lexicon().values["guest"])
    least = LEAST_PLACEHOLDER * looked.rows
    guests = {word: n for word, n in guests.items() if n >= least}
    blank = counting.rows_where(con, looked, f"{text_of(name)} IS NULL")
    if blank < LEAST_WITHOUT * looked.rows and not guests:
        return None
    parts = [f"{identifier(name)} IS NULL"] * bool(blank) + [_one_of(name, sorted(guests))] * bool(guests)
    why = f"{_share(draft, blank + sum(guests.values()))}: revenue of nobody that is known"
    return RuleGuess(
        "without_customer", " OR ".join(parts), "exclude", "lines without a customer", "无客户编号的行", why
    )


def _words(con: Any, draft: Draft, rule: str, group: str, english: str, chinese: str) -> RuleGuess | None:
    """A rule on the first column of categories that holds words of `group`."""
    for column in sorted(draft.looked.candidates, key=lambda c: (c.form.compact, c.name)):
        if column.facts.values & lexicon().values[group]:
            found = counting.rows_among(con, draft.looked, column.name, lexicon().values[group])
            if found:
                why = _share(draft, sum(found.values()))
                return RuleGuess(rule, _one_of(column.name, sorted(found)), "exclude", english, chinese, why)
    return None


def _odd_customers(con: Any, draft: Draft, known: list[str]) -> RuleGuess | None:
    """Ids of another form that no list of customers holds: perhaps accounts of staff, or of tests."""
    name = str(_name(draft, "customer_id"))
    found = counting.odd_prefixes(con, draft.looked, name, known) if known else {}
    if not found:
        return None
    when = " OR ".join(f"{identifier(name)} LIKE '{prefix}%'" for prefix in found)
    why = f"{_share(draft, sum(found.values()))}: ids of another form that no list has: staff, or tests?"
    return RuleGuess("odd_customers", when, "exclude", "accounts of staff", "员工账号", why, active=False)


def _not_completed(con: Any, draft: Draft, amount: ColumnGuess) -> RuleGuess | None:
    """Orders that were never paid. A status whose lines are negative is a refund that is booked as one."""
    name = _name(draft, "status")
    if not name:
        return None
    found = counting.rows_among(con, draft.looked, name, lexicon().values["not_completed"])
    below = counting.rows_among(
        con, draft.looked, name, lexicon().values["not_completed"], f"{_product(draft, amount)} < 0"
    )
    found = {value: n for value, n in found.items() if below.get(value, 0) < MOSTLY_NEGATIVE * n}
    if not found or sum(found.values()) == draft.looked.rows:
        return None
    why = f"{_share(draft, sum(found.values()))}: not paid, or paid back"
    words = ("orders that were not completed", "未完成的订单")
    return RuleGuess("not_completed", _one_of(name, sorted(found)), "exclude", *words, why)


def _product(draft: Draft, amount: ColumnGuess) -> str:
    """SQL of the amount's number in the file's own writing."""
    return " * ".join(counting.number_of(draft.looked, name) for name in amount.reads)


def _negative(con: Any, draft: Draft, amount: ColumnGuess) -> list[RuleGuess]:
    """Cancellations where the order ids say so; else refunds, which stay and lower the revenue."""
    looked, order, quantity = draft.looked, _name(draft, "order_id"), _name(draft, "quantity")
    product = _product(draft, amount)
    below = [f"{product} < 0"]
    if quantity:
        below.append(f"{counting.number_of(looked, quantity)} < 0")
    negative = " OR ".join(below)
    prefixes = counting.cancelling_prefixes(con, looked, order, negative) if order else []
    if order and prefixes:
        signs = [f"{identifier(order)} LIKE '{prefix}%'" for prefix in prefixes]
        raw = [f"{text_of(order)} LIKE '{prefix}%'" for prefix in prefixes]
        if quantity:
            signs.append(f"{identifier(quantity)} < 0")
            raw.append(below[-1])
        rows = counting.rows_where(con, looked, " OR ".join(raw))
        why = f"{_share(draft, rows)}; with `action: net` they stay and lower the revenue"
        return [RuleGuess("cancellations", " OR ".join(signs), "exclude", "cancellations", "取消与退货", why)]
    rows = counting.rows_where(con, looked, f"{product} < 0")
    if not rows:
        return []
    why = f"{_share(draft, rows)}: they stay and lower the revenue; with `action: exclude` they do not"
    return [RuleGuess("refunds", f"{amount.expression} < 0", "net", "refunds", "退款", why)]


def _without_price(con: Any, draft: Draft) -> RuleGuess | None:
    name = _name(draft, "unit_price")
    if not name:
        return None
    rows = counting.rows_where(con, draft.looked, f"{counting.number_of(draft.looked, name)} <= 0")
    words = ("lines without a price", "单价为零或负的行")
    why = f"{_share(draft, rows)}: gifts, samples, corrections of the books"
    return RuleGuess("without_price", f"{identifier(name)} <= 0", "exclude", *words, why) if rows else None


def _free(con: Any, draft: Draft, amount: ColumnGuess) -> RuleGuess | None:
    if len(amount.reads) > 1:
        return None  # a price of zero has its own rule
    rows = counting.rows_where(con, draft.looked, f"{_product(draft, amount)} = 0")
    words = ("lines for nothing", "金额为零的行")
    why = f"{_share(draft, rows)}: they count as orders unless you take the # away"
    rule = RuleGuess("for_nothing", f"{amount.expression} = 0", "exclude", *words, why, active=False)
    return rule if rows else None


def _services(con: Any, draft: Draft) -> RuleGuess | None:
    name = _name(draft, "product_id")
    codes = counting.service_codes(con, draft.looked, name) if name else []
    if not name or not codes:
        return None
    words = ("postage, fees and other services", "运费、手续费等非商品行")
    why = "codes without three digits are often no products; they stay unless you take the # away"
    return RuleGuess("services", _one_of(name, codes), "exclude", *words, why, active=False)
