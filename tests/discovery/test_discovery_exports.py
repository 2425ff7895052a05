"""Are exports of well-known systems guessed, with what only their analyst can decide asked for?"""

import pandas as pd

N = 60
DAYS = pd.date_range("2024-01-03", periods=N, freq="31h")


def test_a_seller_export_of_a_chinese_marketplace(init, save, content):
    frame = pd.DataFrame(
        {
            "订单编号": [f"{10**15 + i}" for i in range(N)],
            "买家会员名": [f"tb{i % 20}" for i in range(N)],
            "买家应付货款": [100.0 + i for i in range(N)],
            "买家应付邮费": [0.0] * N,
            "总金额": [100.0 + i for i in range(N)],
            "买家实际支付金额": [90.5 + i for i in range(N)],
            "订单状态": ["交易成功" if i % 7 else "交易关闭" for i in range(N)],
            "收货人姓名": [f"张{i}" for i in range(N)],
            "收货地址 ": [f"某市某路{i}号" for i in range(N)],
            "订单创建时间": DAYS.strftime("%Y-%m-%d %H:%M:%S"),
            "订单付款时间 ": DAYS.strftime("%Y-%m-%d %H:%M:%S"),
            "宝贝标题": [f"宝贝{i % 9}" for i in range(N)],
            "宝贝总数量": [1 + i % 2 for i in range(N)],
        }
    )
    found = content(init(save(frame, "ExportOrderList.csv")))
    assert found["tables"]["transactions"]["columns"] == {
        "customer_id": '"买家会员名"',
        "ordered_at": '"订单创建时间"',
        "amount": '"买家实际支付金额"',
        "order_id": '"订单编号"',
        "quantity": '"宝贝总数量"',
        "product_name": '"宝贝标题"',
    }
    assert [(rule["name"], rule["when"]) for rule in found["rules"]] == [
        ("not_completed", "\"订单状态\" = '交易关闭'")
    ]


def test_a_sales_export_with_everything_in_one_table(init, save, content):
    days = DAYS.strftime("%m/%d/%Y")
    frame = pd.DataFrame(
        {
            "Row ID": range(1, N + 1),
            "Order ID": [f"CA-2024-{i // 2:06d}" for i in range(N)],
            "Order Date": days,
            "Ship Date": days,
            "Customer ID": [f"CG-{i % 20}" for i in range(N)],
            "Customer Name": [f"Name {i % 20}" for i in range(N)],
            "Country": ["United States"] * N,
            "State": [("CA", "NY")[i % 2] for i in range(N)],
            "Postal Code": [f"{10_000 + 7 * i}" for i in range(N)],
            "Product ID": [f"FUR-{i % 9}" for i in range(N)],
            "Category": [("Furniture", "Paper")[i % 2] for i in range(N)],
            "Product Name": [f"Chair {i % 9}" for i in range(N)],
            "Sales": [12.5 + i for i in range(N)],
            "Quantity": [1 + i % 4 for i in range(N)],
            "Discount": [0.1] * N,
            "Profit": [2.25 + i % 3 for i in range(N)],
        }
    )
    guess = init(save(frame, "superstore.csv"))
    assert content(guess)["tables"]["transactions"]["columns"] == {
        "customer_id": '"Customer ID"',
        "ordered_at": '"Order Date"',
        "amount": "Sales",
        "order_id": '"Order ID"',
        "quantity": "Quantity",
        "product_id": '"Product ID"',
        "product_name": '"Product Name"',
        "category": "Category",
        "margin": "Profit",
    }
    assert guess.currency == "USD"


def test_reviews_whose_answers_are_often_blank(init, save, content):
    frame = pd.DataFrame(
        {
            "review_id": [f"r{i}" for i in range(N)],
            "review_comment_message": [f"muito bom, recomendo {i}" if i % 3 else "" for i in range(N)],
            "review_creation_date": DAYS.strftime("%Y-%m-%d"),
        }
    )
    table = content(init(save(frame, "reviews.csv")))["tables"]["feedback"]
    assert table["columns"] == {
        "feedback_id": "review_id",
        "given_at": "review_creation_date",
        "text": "review_comment_message",
    }
    assert table["where"] == "review_comment_message IS NOT NULL"


def test_a_contract_that_is_still_active_did_not_churn(init, save, content):
    frame = pd.DataFrame(
        {
            "account_id": [f"A{i}" for i in range(N)],
            "active": ["yes" if i % 4 else "no" for i in range(N)],
            "monthly_fee": [9.9] * N,
            "churn_reason": ["price" if i % 4 == 0 else "" for i in range(N)],
            "plan": ["S" if i % 2 else "L" for i in range(N)],
        }
    )
    guess = init(save(frame, "contracts.csv"))
    table = content(guess)["tables"]["subscriptions"]
    assert table["columns"]["churned"] == "active = 'no'"
    assert table["attributes"] == ["plan"]
    assert guess.tables[0].left_out["churn_reason"] == "a reason for leaving: it would give away who leaves"


def test_a_tenure_in_years_is_asked_for(init, save):
    n = 240
    frame = pd.DataFrame(
        {
            "CustomerId": range(15_600_000, 15_600_000 + n),
            "Surname": ["Hill"] * n,
            "Tenure": [i % 11 for i in range(n)],
            "Exited": [i % 5 == 0 for i in range(n)],
        }
    )
    text = init(save(frame, "bank.csv")).source_path.read_text("utf-8")
    assert (
        "      # tenure_months: Tenure * 12  # instead of the line above, if the tenure is in years\n" in text
    )


def test_purchases_with_a_price_in_a_log_are_offered_as_orders(init, save):
    frame = pd.DataFrame(
        {
            "event_time": DAYS.strftime("%Y-%m-%d %H:%M:%S"),
            "event_type": [("view", "cart", "purchase")[i % 3] for i in range(N)],
            "price": [9.5 + i for i in range(N)],
            "user_id": [500_000 + i % 9 for i in range(N)],
        }
    )
    guess = init(save(frame, "events.csv"))
    assert guess.tables[0].notes == (
        "the events 'purchase' are purchases: to count them as orders, map transactions from this file too, "
        "with `where: event_type = 'purchase'` and `amount: price`",
    )


def test_orders_without_amounts_are_no_list_of_customers(refused, save):
    frame = pd.DataFrame(
        {
            "order_id": [f"o{i}" for i in range(N)],
            "customer_id": [f"c{i}" for i in range(N)],
            "order_status": ["delivered"] * N,
            "order_purchase_timestamp": DAYS.strftime("%Y-%m-%d"),
        }
    )
    message = refused(save(frame, "olist_orders.csv"))
    assert (
        "nearest is transactions: found customer_id (customer_id), ordered_at (order_purchase_timestamp)"
        in message
    )
    assert "not found amount" in message
