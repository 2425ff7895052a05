"""Are headers recognised whatever their language, capitals, separators, forms and blanks?"""

import pytest

from workbench.discovery.headers import alike
from workbench.discovery.lexicon import lexicon


def best(table: str, header: str) -> str:
    own = lexicon().form(header)
    scores = {name: lexicon().match(table, name, own).score for name in lexicon().tables[table]}
    return max(scores, key=lambda name: scores[name]) if max(scores.values()) else ""


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("订单编号", "order_id"),
        ("订单号", "order_id"),
        ("下单时间", "ordered_at"),
        ("付款时间", "ordered_at"),
        ("会员号", "customer_id"),
        ("会员ID", "customer_id"),
        ("用户ID", "customer_id"),
        ("客户编号", "customer_id"),
        ("实付金额", "amount"),
        ("订单金额", "amount"),
        ("应付金额", "amount"),
        ("实付金额（元）", "amount"),
        ("数量", "quantity"),
        ("单价", "unit_price"),
        ("商品名称", "product_name"),
        ("商品编号", "product_id"),
        ("类目", "category"),
        ("渠道", "channel"),
        ("InvoiceNo", "order_id"),
        ("Order Number", "order_id"),
        ("order-date", "ordered_at"),
        ("Total Price", "amount"),
        ("Lineitem quantity", "quantity"),
    ],
)
def test_headers_of_orders(header, column):
    assert best("transactions", header) == column


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("feedback", "评价内容", "text"),
        ("feedback", "评价时间", "given_at"),
        ("feedback", "评分", "rating"),
        ("feedback", "推荐意愿", "nps"),
        ("tickets", "工单号", "ticket_id"),
        ("tickets", "投诉时间", "opened_at"),
        ("tickets", "受理时间", "opened_at"),
        ("tickets", "解决时间", "resolved_at"),
        ("tickets", "首次响应时间", "first_response_at"),
        ("customers", "注册时间", "registered_at"),
        ("customers", "开户时间", "registered_at"),
        ("customers", "性别", "gender"),
        ("customers", "生日", "birth_date"),
        ("customers", "城市", "region"),
        ("customers", "省份", "region"),
        ("customers", "地区", "region"),
        ("customers", "会员等级", "tier"),
        ("subscriptions", "流失", "churned"),
        ("subscriptions", "是否流失", "churned"),
        ("subscriptions", "月租", "monthly_fee"),
        ("subscriptions", "到期时间", "ended_at"),
        ("subscriptions", "在网时长", "tenure_months"),
        ("campaigns", "活动编号", "campaign_id"),
        ("campaigns", "组别", "arm"),
        ("spend", "投放费用", "amount"),
        ("events", "行为类型", "event"),
    ],
)
def test_headers_of_other_tables(table, header, column):
    assert best(table, header) == column


@pytest.mark.parametrize(
    "spelling",
    [
        "CustomerID",
        "CUSTOMERID",
        "customer_id",
        "Customer Id ",
        "customer-id",
        " Ｃｕｓｔｏｍｅｒ　ＩＤ",
        "\ufeffcustomerId",
    ],
)
def test_every_spelling_of_a_name_is_the_same_name(spelling):
    assert lexicon().form(spelling) == lexicon().form("customer id")


def test_full_width_and_blanks_make_no_difference_in_chinese():
    assert lexicon().form(" 会员ＩＤ　") == lexicon().form("会员id")


def test_a_misspelled_header_is_still_like_its_word():
    score = alike(lexicon().form("custmer_id"), lexicon().form("customer id"))
    assert 0.6 < score < 0.75  # like it, and less than any header that holds the word itself


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("手机号", "phone number"),
        ("收货人姓名", "name"),
        ("Email Address", "e-mail address"),
        ("身份证号", "identity number"),
        ("收货地址", "address"),
        ("ip", "network address"),
    ],
)
def test_personal_data_are_known_by_their_headers(header, kind):
    name, score, personal = lexicon().set_aside(lexicon().form(header))
    assert (name, personal) == (kind, True)
    assert score > 0.9


@pytest.mark.parametrize("header", ["ship date", "发货时间", "updated_at", "运费", "discount"])
def test_what_is_near_a_canonical_column_but_another_thing_is_known_too(header):
    _, score, personal = lexicon().set_aside(lexicon().form(header))
    assert not personal
    assert score > 0.95


def test_units_in_brackets_do_not_count():
    assert lexicon().form("amount [EUR]") == lexicon().form("Amount")
