"""Are exports of made-up companies guessed: Chinese shops, books, several files, many kinds of tables?"""

import pandas as pd
import pytest
import yaml

N = 60
DAYS = pd.date_range("2024-01-03", periods=N, freq="31h")


def orders(**columns) -> pd.DataFrame:
    """An order export with Chinese headers; `columns` are added or take the place of its own."""
    own = {
        "订单编号": [f"2024{i // 2:06d}" for i in range(N)],
        "下单时间": DAYS.strftime("%Y-%m-%d %H:%M:%S"),
        "会员号": [f"{i % 23:07d}" for i in range(N)],
        "收货人姓名": [f"张{i}" for i in range(N)],
        "手机号": [f"138{i:08d}" for i in range(N)],
        "商品名称": [f"商品{i % 7}号" for i in range(N)],
        "数量": [1 + i % 3 for i in range(N)],
        "实付金额": [f"{19.9 + i:.2f}" for i in range(N)],
    }
    return pd.DataFrame(own | columns)


def members(n: int = 23, key: str = "会员ID") -> pd.DataFrame:
    return pd.DataFrame(
        {
            key: [f"{i:07d}" for i in range(n)],
            "性别": ["女" if i % 2 else "男" for i in range(n)],
            "城市": ["上海" if i % 3 else "杭州" for i in range(n)],
            "注册时间": pd.date_range("2023-01-01", periods=n).strftime("%Y-%m-%d"),
            "电子邮箱": [f"m{i}@example.com" for i in range(n)],
            "首次设备": ["手机" if i % 2 else "电脑" for i in range(n)],
        }
    )


ORDERS = {
    "customer_id": '"会员号"',
    "ordered_at": '"下单时间"',
    "amount": '"实付金额"',
    "order_id": '"订单编号"',
    "quantity": '"数量"',
    "product_name": '"商品名称"',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_chinese_order_export(init, save, content, encoding):
    guess = init(save(orders(), "订单.csv", encoding))
    assert content(guess)["tables"]["transactions"]["columns"] == ORDERS
    assert (guess.language, guess.currency, guess.timezone) == ("zh", "CNY", "Asia/Shanghai")


def test_personal_data_are_never_mapped_and_told(init, save):
    guess = init(save(orders(), "orders.csv"))
    left_out = guess.tables[0].left_out
    assert left_out["手机号"] == "personal data (phone number): never mapped by itself"
    assert left_out["收货人姓名"] == "personal data (name): never mapped by itself"
    assert "  left out 手机号: personal data (phone number): never mapped by itself" in guess.in_words()
    assert "#   手机号: personal data (phone number): never mapped by itself" in guess.source_path.read_text(
        "utf-8"
    )


def test_a_book_with_blanks_and_full_width_letters_in_its_headers(init, tmp_path, content):
    frame = orders().rename(
        columns={"会员号": "会员ＩＤ ", "实付金额": " 实付金额（元）", "下单时间": "下单时间　"}
    )
    path = tmp_path / "export.xlsx"
    with pd.ExcelWriter(path) as book:
        frame.to_excel(book, sheet_name="订单明细", index=False)
        members().to_excel(book, sheet_name="会员", index=False)
    tables = content(init(path))["tables"]
    assert set(tables) == {"transactions", "customers"}
    assert tables["transactions"]["sheet"] == "订单明细"
    columns = tables["transactions"]["columns"]
    assert columns.keys() == ORDERS.keys()
    assert "实付金额" in columns["amount"]
    assert tables["customers"]["sheet"] == "会员"


def test_a_book_whose_first_sheet_is_empty(init, tmp_path, content):
    path = tmp_path / "export.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame().to_excel(book, sheet_name="cover", index=False)
        orders().to_excel(book, sheet_name="orders", index=False)
    guess = init(path)
    assert content(guess)["tables"]["transactions"]["sheet"] == "orders"
    assert guess.not_used == ("export.xlsx [cover]: no table is on this sheet",)


def test_two_files_hang_together_by_their_ids(init, save, content):
    guess = init(save(orders(), "orders.csv"), save(members(), "members.csv"))
    assert guess.relations == (
        "orders.csv: 会员号 -> members.csv: 会员ID: 100.0% of 23 customers are found there",
    )
    customers = content(guess)["tables"]["customers"]
    assert customers["columns"] == {
        "customer_id": '"会员ID"',
        "registered_at": '"注册时间"',
        "region": '"城市"',
        "gender": '"性别"',
    }
    assert customers["attributes"] == ["首次设备"]


def test_ids_under_an_unknown_header_are_found_through_the_other_file(init, save, content):
    frame = orders().rename(columns={"会员号": "编码甲"})
    tables = content(init(save(frame, "orders.csv"), save(members(), "members.csv")))["tables"]
    assert tables["transactions"]["columns"]["customer_id"] == '"编码甲"'


def test_feedback_in_chinese_with_labels_in_words(init, save, content):
    frame = pd.DataFrame(
        {
            "会员号": [f"{i % 9:07d}" for i in range(N)],
            "评价时间": DAYS.strftime("%Y/%m/%d"),
            "评价内容": [f"第{i}次购买，东西不错，物流也快" for i in range(N)],
            "评分": [1 + i % 5 for i in range(N)],
            "评价类型": [("好评", "中评", "差评")[i % 3] for i in range(N)],
        }
    )
    guess = init(save(frame, "评价.csv", "gb18030"))
    assert content(guess)["tables"]["feedback"]["columns"] == {
        "customer_id": '"会员号"',
        "given_at": '"评价时间"',
        "text": '"评价内容"',
        "rating": '"评分"',
        "label": "CASE WHEN \"评价类型\" = '好评' THEN 'positive' WHEN \"评价类型\" = '差评' THEN 'negative' "
        "WHEN \"评价类型\" = '中评' THEN 'neutral' END",
    }
    assert list(yaml.safe_load(guess.study_path.read_text("utf-8"))["notebooks"]) == [
        "01_profiling",
        "04_feedback",
    ]


def test_opinions_inside_an_order_file_become_a_second_table(init, save, content):
    texts = ["很好，下次还会再来买的" + str(i) if i % 2 else "" for i in range(N)]
    tables = content(init(save(orders(评价内容=texts), "orders.csv")))["tables"]
    assert set(tables) == {"transactions", "feedback"}
    assert tables["feedback"]["columns"]["text"] == '"评价内容"'
    assert tables["feedback"]["where"] == '"评价内容" IS NOT NULL'


def test_tickets(init, save, content):
    days = DAYS.strftime("%Y-%m-%d %H:%M")
    tickets = {
        "工单号": [f"T{i:05d}" for i in range(N)],
        "客户编号": [f"{i % 23:07d}" for i in range(N)],
        "受理时间": days,
        "首次响应时间": days,
        "解决时间": days,
        "问题类型": [("物流", "质量", "退款")[i % 3] for i in range(N)],
        "是否重开": ["是" if i % 9 == 0 else "否" for i in range(N)],
    }
    guess = init(save(pd.DataFrame(tickets), "tickets.csv"))
    assert content(guess)["tables"]["tickets"]["columns"] == {
        "customer_id": '"客户编号"',
        "opened_at": '"受理时间"',
        "ticket_id": '"工单号"',
        "kind": '"问题类型"',
        "first_response_at": '"首次响应时间"',
        "resolved_at": '"解决时间"',
        "reopened": '"是否重开"',
    }


def test_campaigns_and_spend_beside_orders(init, save, content):
    campaigns = pd.DataFrame(
        {
            "campaign_id": [f"C{i % 4}" for i in range(N)],
            "customer_id": [f"{i % 23:07d}" for i in range(N)],
            "arm": [("mail", "no mail", "holdout")[i % 3] for i in range(N)],
            "sent_at": DAYS.strftime("%Y-%m-%d %H:%M"),
            "converted": [i % 5 == 0 for i in range(N)],
        }
    )
    spend = pd.DataFrame(
        {
            "month": [f"2024-{1 + i % 12:02d}-01" for i in range(24)],
            "channel": ["search" if i < 12 else "social" for i in range(24)],
            "ad_spend": [100.5 + i for i in range(24)],
        }
    )
    files = [(campaigns, "campaigns.csv"), (spend, "spend.csv"), (orders(), "o.csv")]
    tables = content(init(*(save(frame, name) for frame, name in files)))["tables"]
    assert set(tables) == {"transactions", "campaigns", "spend"}
    assert tables["campaigns"]["columns"] == {
        "campaign_id": "campaign_id",
        "customer_id": "customer_id",
        "arm": "CASE WHEN arm = 'holdout' THEN 'control' ELSE arm END",
        "sent_at": "sent_at",
        "responded": "converted",
    }
    assert tables["spend"]["columns"] == {"channel": "channel", "period": "month", "amount": "ad_spend"}


def test_codes_constants_and_totals_are_no_traits_of_a_customer(init, save):
    frame = members(N).assign(
        行业代码=[f"{10_000 + 61 * i}" for i in range(N)],
        国别=["中国"] * N,
        累计消费金额=[100.5 + i for i in range(N)],
        最后登录时间=DAYS.strftime("%Y-%m-%d"),
        备用=[""] * N,
        邮编=[f"{200_000 + i % 30}" for i in range(N)],
    )
    table = next(
        t for t in init(save(frame, "会员.csv"), save(orders(), "o.csv")).tables if t.table == "customers"
    )
    assert table.attributes == ("首次设备",)
    assert table.left_out == {
        "电子邮箱": "personal data (e-mail address): never mapped by itself",
        "行业代码": "too many different values for an attribute",
        "国别": "the same value in every row",
        "累计消费金额": "a total up to today: an earlier month must not know it",
        "最后登录时间": "a time of maintenance: customers has no place for it",
        "备用": "an empty column",
        "邮编": "personal data (post code): never mapped by itself",
    }


def test_files_of_the_same_columns_are_read_as_one(init, save, content):
    first, second = save(orders(), "orders-2024-01.csv"), save(orders(), "orders-2024-02.csv")
    guess = init(first, second)
    assert content(guess)["tables"]["transactions"]["from"] == "../../orders-2024-0*.csv"
    assert guess.tables[0].rows == 2 * N
    assert "  note: 2 files with the same columns are read as one" in guess.in_words()


def test_a_glob_that_would_catch_another_file_is_not_written(init, save, content):
    first, second = save(orders(), "orders-1.csv"), save(orders(), "orders-2.csv")
    save(orders(), "orders-3.csv")
    guess = init(first, second)
    assert content(guess)["tables"]["transactions"]["from"] == "../../orders-1.csv"
    assert guess.not_used == (
        "orders-2.csv: transactions with the columns of orders-1.csv; put both into a folder of their own, "
        "or name them alike, and write `from: folder/*`",
    )


def test_files_of_one_kind_with_other_columns_are_told(init, save):
    other = orders().rename(columns={"实付金额": "amount", "会员号": "member", "下单时间": "order time"})
    guess = init(save(orders(), "a.csv"), save(other, "b.csv"))
    assert len(guess.tables) == 1
    assert guess.not_used == (
        "b.csv: transactions too, but with other columns than a.csv; "
        "one `from` holds files of the same columns only",
    )


def test_a_file_beside_the_recognised_ones_is_told(init, save):
    goods = pd.DataFrame({"sku": ["a", "b"], "colour": ["red", "blue"], "weight": [1, 2]})
    guess = init(save(orders(), "orders.csv"), save(goods, "goods.csv"))
    assert len(guess.not_used) == 1
    assert guess.not_used[0].startswith("goods.csv: no table recognised in the columns sku, colour, weight")


def test_the_demo_company_is_guessed_as_its_own_source_file_says(company, guessed, content):
    shipped = yaml.safe_load(company.read_text(encoding="utf-8"))
    found = content(guessed(*(company.parent / table["from"] for table in shipped["tables"].values())))
    assert _columns(found) == _columns(shipped)
    # What is a matter of opinion is written as a comment: accounts of staff, freight, lines for nothing.
    ours = {unquoted(rule["when"]) for rule in found["rules"]}
    theirs = {unquoted(rule["when"]) for rule in shipped["rules"]}
    opinions = ("LIKE 'S%'", "= 'POST01'", " = 0")
    assert ours == {when for when in theirs if not when.endswith(opinions)}


def test_rules_that_are_a_matter_of_opinion_stand_in_the_file_as_comments(company, guessed):
    shipped = yaml.safe_load(company.read_text(encoding="utf-8"))
    guess = guessed(*(company.parent / table["from"] for table in shipped["tables"].values()))
    opinions = {rule.name: rule.when for rule in guess.tables[0].rules if not rule.active}
    assert opinions.keys() == {"odd_customers", "for_nothing", "services"}
    assert opinions["odd_customers"].endswith("LIKE 'S%'")
    assert opinions["services"].endswith("= 'POST01'")


def unquoted(text: object) -> str:
    return str(text).replace('"', "")


def _columns(source: dict) -> dict:
    return {
        table: {name: unquoted(text) for name, text in mapping["columns"].items()}
        for table, mapping in source["tables"].items()
    }
