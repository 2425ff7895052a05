"""Are the rules proposed that orders need, and no others?"""

import pandas as pd
import pytest

N = 400
ODD = 13  # every ODD-th row is the odd one


def orders(**columns) -> pd.DataFrame:
    own = {
        "order_id": [f"{500000 + i // 2}" for i in range(N)],
        "customer_id": [f"{i % 37 + 1000}" for i in range(N)],
        "order_date": pd.date_range("2024-01-13", periods=N, freq="5h").strftime("%Y-%m-%d %H:%M:%S"),
        "amount": [round(10.25 + i % 41, 2) for i in range(N)],
    }
    return pd.DataFrame(own | columns)


def odd(usual, other) -> list:
    return [other(i) if i % ODD == 0 else usual(i) for i in range(N)]


@pytest.fixture
def rules(init, save):
    """By name the proposed rules of an order file: condition, action and whether they are active."""

    def proposed(frame: pd.DataFrame) -> dict[str, tuple[str, str, bool]]:
        found = init(save(frame, "orders.csv")).tables[0].rules
        return {rule.name: (rule.when, rule.action, rule.active) for rule in found}

    return proposed


def test_clean_orders_need_no_rule(rules):
    assert rules(orders()) == {}


def test_orders_without_a_customer_are_a_rule_of_their_own(rules):
    frame = orders(customer_id=odd(lambda i: f"{i % 37 + 1000}", lambda i: ""))
    assert rules(frame) == {"without_customer": ("customer_id IS NULL", "exclude", True)}


def test_guests_are_no_customer(rules):
    frame = orders(customer_id=odd(lambda i: f"K{i % 37}", lambda i: "Guest"))
    assert rules(frame)["without_customer"] == ("customer_id = 'Guest'", "exclude", True)


def test_a_few_rows_without_a_customer_are_left_to_the_quarantine(rules):
    frame = orders()
    frame.loc[0, "customer_id"] = ""  # one of 400 rows: a quarter of a per cent
    assert rules(frame) == {}


def test_a_prefix_of_negative_orders_means_cancellation(rules):
    frame = orders(
        order_id=odd(lambda i: f"{500000 + i}", lambda i: f"C{500000 + i}"),
        amount=odd(lambda i: 10.5, lambda i: -10.5),
    )
    assert rules(frame) == {"cancellations": ("order_id LIKE 'C%'", "exclude", True)}


def test_a_prefix_of_usual_orders_means_nothing(rules):
    assert rules(orders(order_id=odd(lambda i: f"{500000 + i}", lambda i: f"W{500000 + i}"))) == {}


def test_negative_amounts_without_such_a_prefix_stay_and_are_counted(rules):
    frame = orders(amount=odd(lambda i: 10.5, lambda i: -10.5))
    assert rules(frame) == {"refunds": ("amount < 0", "net", True)}


def test_orders_that_were_never_paid_are_left_out_and_booked_refunds_are_not(rules):
    status = [("paid", "cancelled", "refunded", "paid")[i % 4] for i in range(N)]
    amount = [-5.5 if i % 4 == 2 else 10.5 for i in range(N)]
    found = rules(orders(order_status=status, amount=amount))
    assert found == {
        "not_completed": ("order_status = 'cancelled'", "exclude", True),
        "refunds": ("amount < 0", "net", True),
    }


def test_orders_of_tests_and_staff_are_found_by_their_words(rules):
    channel = [("web", "Test", "staff", "web")[i % 4] for i in range(N)]
    found = rules(orders(channel=channel))
    assert found == {
        "test_orders": ("channel = 'Test'", "exclude", True),
        "staff_orders": ("channel = 'staff'", "exclude", True),
    }


def test_a_price_of_zero_is_a_rule_and_an_amount_of_zero_a_comment(rules):
    price = odd(lambda i: 2.5, lambda i: 0.0)
    by_price = orders(unit_price=price, quantity=[1 + i % 3 for i in range(N)]).drop(columns="amount")
    assert rules(by_price) == {"without_price": ("unit_price <= 0", "exclude", True)}


def test_a_free_order_counts_unless_the_analyst_says_so(rules):
    frame = orders(amount=odd(lambda i: 10.5, lambda i: 0.0))
    assert rules(frame) == {"for_nothing": ("amount = 0", "exclude", False)}


def test_the_total_of_an_order_on_each_of_its_lines_is_not_counted_twice(init, save, content):
    quantity, price = [1 + i % 3 for i in range(N)], [2.5 + i % 7 for i in range(N)]
    line = pd.Series(quantity) * pd.Series(price)
    total = line.groupby([i // 2 for i in range(N)]).transform("sum")
    guess = init(save(orders(amount=total, quantity=quantity, unit_price=price), "orders.csv"))
    assert content(guess)["tables"]["transactions"]["columns"]["amount"] == "quantity * unit_price"
    why = next(column.why for column in guess.tables[0].columns if column.canonical == "amount")
    assert why == "amount is the order's total, repeated on its lines: quantity times unit price instead"


def test_a_total_that_can_not_be_told_from_the_lines_is_remarked_on(init, save):
    guess = init(save(orders(amount=[10.25 + i // 2 % 41 for i in range(N)]), "orders.csv"))
    assert guess.tables[0].notes == (
        "amount is the same on all lines of an order: if it is the order's total, each line counts it again; "
        "map the line's own amount then",
    )


def test_what_was_paid_back_is_offered_as_one_line(init, save):
    refund = odd(lambda i: 0.0, lambda i: 5.0)
    guess = init(save(orders(refund_amount=refund), "orders.csv"))
    text = guess.source_path.read_text("utf-8")
    assert "      # amount: amount - coalesce(refund_amount, 0)  # instead of the line above" in text
