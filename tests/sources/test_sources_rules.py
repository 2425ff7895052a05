"""Are business rules counted by name, in order, in rows and money, and is the control figure held to?"""

from decimal import Decimal

import pytest

LINES = """\
order,who,day,paid,product
1,a,2024-01-01,10.00,x
2,a,2024-01-02,-4.00,x
3,,2024-01-03,7.50,x
C4,b,2024-01-04,-3.00,x
5,staff,2024-01-05,99.00,x
6,b,2024-01-06,0.00,POST
7,b,2024-01-07,20.00,x
"""
COLUMNS = {"order_id": "order", "customer_id": "who", "ordered_at": "day", "amount": "paid"}
RULES = [
    {
        "name": "without_customer",
        "when": "customer_id IS NULL",
        "label": {"en": "no customer", "zh": "无客户"},
    },
    {"name": "cancellations", "when": "\"order\" LIKE 'C%'"},
    {"name": "staff", "when": "who = 'staff'"},
    {"name": "services", "when": "product IN ('POST')"},
    {"name": "refunds", "when": "amount < 0", "action": "net"},
]


@pytest.fixture(scope="module")
def shop(company):
    """The source file of the lines above under rules."""

    def under(rules=RULES, **top):
        tables = {"transactions": {"from": "o.csv", "columns": COLUMNS}}
        return company({"o.csv": LINES}, tables, rules=rules, **top)

    return under


def test_each_rule_is_a_line_of_the_bridge_with_rows_customers_and_money(load, shop):
    totals = load(shop(), as_of="2024-01-31").totals["transactions"]
    assert [(s.kind, s.name, s.rows, s.customers, s.revenue) for s in totals.steps] == [
        ("excluded", "without_customer", 1, 0, Decimal("7.5")),
        ("excluded", "cancellations", 1, 1, Decimal("-3")),
        ("excluded", "staff", 1, 1, Decimal("99")),
        ("excluded", "services", 1, 1, Decimal("0")),
        ("net", "refunds", 1, 1, Decimal("-4")),
    ]
    assert totals.steps == totals.whole_steps
    assert totals.as_of.balanced
    assert (totals.as_of.rows["used"], totals.as_of.revenue["used"]) == (3, 26)
    assert totals.steps[0].label == {"en": "no customer", "zh": "无客户"}


def test_the_bridge_on_a_terminal_ends_at_what_is_analysed(load, shop):
    lines = load(shop(), as_of="2024-01-31").totals["transactions"].bridge_in_words()
    assert lines == [
        "  source                         7 rows           3 customers            129.5000",
        "  − without_customer             1 rows           0 customers              7.5000",
        "  − cancellations                1 rows           1 customers             -3.0000",
        "  − staff                        1 rows           1 customers             99.0000",
        "  − services                     1 rows           1 customers              0.0000",
        "  = analysed                     3 rows           2 customers             26.0000",
        "    of which refunds             1 rows           1 customers             -4.0000",
    ]


def test_the_first_rule_that_fits_takes_a_row(load, shop):
    rules = [{"name": "all_of_b", "when": "who = 'b'"}, *RULES]
    steps = {s.name: s.rows for s in load(shop(rules), as_of="2024-01-31").totals["transactions"].steps}
    assert steps == {"all_of_b": 3, "without_customer": 1, "staff": 1, "refunds": 1}


def test_a_rule_that_can_not_tell_leaves_the_row(load, shop):
    """`who <> 'a'` is unknown where there is nobody."""
    source = shop([{"name": "others", "when": "who <> 'a'"}], max_bad_rows=1)
    totals = load(source, as_of="2024-01-31").totals["transactions"]
    assert [(s.kind, s.name, s.rows) for s in totals.steps] == [
        ("excluded", "others", 4),
        ("quarantined", "missing:customer_id", 1),
    ]


def test_rows_after_the_day_are_in_the_whole_bridge_only(load, shop):
    totals = load(shop(), as_of="2024-01-04").totals["transactions"]
    assert [s.name for s in totals.steps] == ["without_customer", "cancellations", "refunds"]
    assert len(totals.whole_steps) == 5


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            [{"name": "r", "table": "tickets", "when": "TRUE"}],
            "rules.r: the table must be one of transactions; got 'tickets'. Use one of these names.",
        ),
        (
            [{"name": "r", "when": "TRUE"}, {"name": "r", "when": "FALSE"}],
            "rules: a rule's name must be its own; got 'r' twice. Give it another name.",
        ),
        (
            [{"name": "r", "when": "payd < 0"}],
            "rules.r.when: the column must be one that the file has; got 'payd'. Did you mean 'paid'?",
        ),
        (
            [{"name": "r", "when": "paid <"}],
            "rules.r.when: the value must be an SQL expression (DuckDB's dialect); got 'paid <'. "
            "Correct the expression.",
        ),
    ],
)
def test_a_rule_that_is_none(refused, shop, rules, message):
    assert refused(shop(rules)) == message


def test_the_figure_of_finance_is_agreed_with(load, shop):
    assert load(shop(control={"revenue": 26.01, "tolerance": 0.001})).control == Decimal("26")
    assert load(shop(control={"revenue": 129.5, "of": "in", "tolerance": 0})).control == Decimal("129.5")
    assert load(shop(control={"revenue": 6, "until": "2024-01-04", "tolerance": 0})).control == Decimal("6")
    assert load(shop()).control is None


def test_another_figure_than_finance_has_is_refused(refused, shop):
    assert refused(shop(control={"revenue": 30, "tolerance": 0.001})) == (
        "control.revenue: the total `used` must be 30.0 ± 0.0300, as finance has it; "
        "got 26.0000 (-13.33%). Correct the mapping or the rules, or ask finance what its figure holds."
    )


def test_values_that_are_not_accepted_are_quarantined(load, company):
    tables = {
        "transactions": {
            "from": "o.csv",
            "columns": COLUMNS | {"channel": "product"},
            "accepted": {"channel": ["x"]},
        }
    }
    source = company({"o.csv": LINES}, tables, max_bad_rows=1)
    reasons = load(source).totals["transactions"].reasons
    assert reasons == {"accepted:channel": 1, "missing:customer_id": 1}


def test_quarantined_rows_are_kept_with_their_reason_under_pseudonyms(load, company):
    text = (
        "who,day,paid\nWu Mei,2024-01-01,5\nWu Mei,never,7\nAnna,2024-01-03,much\n" + "x,2024-01-01,1\n" * 9
    )
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid"}
    source = company({"o.csv": text}, {"transactions": {"from": "o.csv", "columns": columns}}, max_bad_rows=1)
    data = load(source, as_of="2024-01-31", identify=False)
    kept = data.quarantined()
    assert kept[["table", "row", "reason"]].values.tolist() == [
        ["transactions", 2, "unreadable:ordered_at"],
        ["transactions", 3, "unreadable:amount"],
    ]
    assert kept.customer_id.str.fullmatch("c-[a-z2-7]{16}").all()
    used = data.get("transactions").to_pandas()
    assert kept.customer_id[0] in set(used.customer_id)  # the same person has the same pseudonym
    assert (kept.amount[0], kept["at"].isna().tolist()) == (7.0, [True, False])


def test_a_row_that_came_late_is_seen_from_the_day_it_came(rows, company):
    """Its business time is earlier: a report of that month could not have held it."""
    text = "who,day,paid,came\na,2024-01-10,5,2024-01-11\na,2024-01-20,7,2024-02-03\nb,2024-01-20,9,\n"
    columns = {"customer_id": "who", "ordered_at": "day", "amount": "paid", "available_at": "came"}
    source = company({"o.csv": text}, {"transactions": {"from": "o.csv", "columns": columns}})
    assert rows(source, as_of="2024-01-31").amount.astype(float).tolist() == [5, 9]
    assert rows(source, as_of="2024-02-02").amount.astype(float).tolist() == [5, 9]
    assert rows(source, as_of="2024-02-03").amount.astype(float).tolist() == [5, 7, 9]


def test_a_later_row_of_the_same_key_does_not_take_the_place_of_the_earlier(rows, company):
    """Wherever it stands in the file: what was seen in January is seen in January for ever."""
    text = "no,given,words\n1,2024-03-01,new\n1,2024-01-10,old\n2,2024-01-11,other\n"
    columns = {"feedback_id": "no", "given_at": "given", "text": "words"}
    source = company({"f.csv": text}, {"feedback": {"from": "f.csv", "columns": columns}}, max_bad_rows=1)
    assert rows(source, "feedback", as_of="2024-01-31")["text"].tolist() == ["old", "other"]
