"""Is each row used, excluded or quarantined for the right reason, and none lost in silence?"""

import pandas as pd
import pytest

HEAD = "id,day,paid\n"


def reasons_of(load, source, table="transactions", **given):
    return load(source, **given).totals[table].reasons


def test_each_broken_row_has_its_first_reason(company, load):
    lines = [
        "a,2024-01-31,5",
        ",2024-01-31,5",
        "   ,2024-01-31,5",
        "b,,5",
        "b,2024-02-30,5",
        "b,soon,5",
        "b,2024-01-31,",
        "b,2024-01-31,five",
        "b,2024-01-31,NaN",
        "b,infinity,5",
        ",nope,five",
    ]
    source = company({"o.csv": HEAD + "\n".join(lines) + "\n"}, max_bad_rows=1)
    assert reasons_of(load, source) == {
        "missing:customer_id": 3,
        "unreadable:ordered_at": 3,
        "unreadable:amount": 2,
        "missing:amount": 1,
        "missing:ordered_at": 1,
    }


def test_a_row_that_a_rule_excludes_is_excluded_even_when_it_is_broken(company, load):
    lines = HEAD + "a,2024-01-31,5\ntest,nope,five\n,2024-01-31,1\n"
    table = {
        "from": "o.csv",
        "columns": {"customer_id": "id", "ordered_at": "day", "amount": "paid"},
        "where": "id <> 'test'",
    }
    totals = load(company({"o.csv": lines}, {"transactions": table})).totals["transactions"]
    # A filter that is neither true nor false of a row (no id) leaves it out as well.
    assert totals.whole.rows == {"in": 3, "used": 1, "excluded": 2, "quarantined": 0}
    assert totals.reasons == {}


def test_rows_up_to_the_tolerated_share_are_quarantined_and_the_rest_is_used(company, load):
    lines = HEAD + "a,2024-01-31,5\n" * 99 + ",2024-01-31,5\n"
    totals = load(company({"o.csv": lines})).totals["transactions"]
    assert totals.whole.rows == {"in": 100, "used": 99, "excluded": 0, "quarantined": 1}


def test_one_row_more_than_tolerated_refuses_the_run_with_reasons_and_counts(company, refused):
    lines = HEAD + "a,2024-01-31,5\n" * 95 + ",2024-01-31,5\n" * 3 + "Wu Mei,2024-01-31,secret\n" * 2
    message = refused(company({"o.csv": lines}))
    assert message == (
        "tables.transactions: rows that break the schema must be at most 1.0% of 100; got 5 (5.0%): "
        "missing customer_id: 3; unreadable amount: 2. "
        "Correct the mapping, exclude them by a rule, or raise max_bad_rows."
    )


def test_the_tolerated_share_is_the_source_s_own(company, load):
    lines = HEAD + "a,2024-01-31,5\n,2024-01-31,5\n"
    assert load(company({"o.csv": lines}, max_bad_rows=0.5)).totals["transactions"].whole.rows["used"] == 1


def test_the_share_counts_what_came_in_and_not_what_a_rule_left(company, load):
    lines = HEAD + "x,2024-01-31,5\n" * 99 + ",2024-01-31,5\n" + "a,2024-01-31,5\n"
    columns = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}
    table = {"from": "o.csv", "columns": columns, "where": "id = 'a' OR id IS NULL"}
    rows = load(company({"o.csv": lines}, {"transactions": table})).totals["transactions"].whole.rows
    assert rows == {"in": 101, "used": 1, "excluded": 99, "quarantined": 1}


def test_a_customer_twice_is_used_once_and_the_first_row_stays(company, load):
    customers = "id,region\na,North\na,South\nb,East\n"
    source = company(
        {"c.csv": customers, "o.csv": HEAD + "a,2024-01-31,5\n"},
        {
            "transactions": {
                "from": "o.csv",
                "columns": {"customer_id": "id", "ordered_at": "day", "amount": "paid"},
            },
            "customers": {"from": "c.csv", "columns": {"customer_id": "id", "region": "region"}},
        },
        max_bad_rows=1,
    )
    data = load(source)
    assert data.get("customers").region.to_pandas().tolist() == ["North", "East"]
    assert data.totals["customers"].reasons == {"repeated:customer_id": 1}


def customers_and_orders(company, customers, columns, **table):
    return company(
        {"c.csv": customers, "o.csv": HEAD + "a,2024-01-31,5\n"},
        {
            "transactions": {
                "from": "o.csv",
                "columns": {"customer_id": "id", "ordered_at": "day", "amount": "paid"},
            },
            "customers": {"from": "c.csv", "columns": columns} | table,
        },
        max_bad_rows=1,
    )


def test_a_customer_whose_first_row_is_broken_keeps_the_good_one(company, load):
    columns = {"customer_id": "id", "registered_at": "since"}
    source = customers_and_orders(company, "id,since\na,nope\na,2024-01-01\n", columns)
    data = load(source)
    assert data.get("customers").customer_id.to_pandas().tolist() == ["a"]
    assert data.totals["customers"].reasons == {"unreadable:registered_at": 1}


def test_a_row_that_a_rule_excludes_does_not_count_as_the_first(company, load):
    columns = {"customer_id": "id", "region": "region"}
    source = customers_and_orders(company, "id,region\na,old\na,new\n", columns, where="region <> 'old'")
    data = load(source)
    assert data.get("customers").region.to_pandas().tolist() == ["new"]
    assert data.totals["customers"].whole.rows == {"in": 2, "used": 1, "excluded": 1, "quarantined": 0}


def feedback(company, text, columns):
    return company({"f.csv": text}, {"feedback": {"from": "f.csv", "columns": columns}}, max_bad_rows=1)


def test_a_rating_out_of_range_and_an_answer_of_nothing_are_quarantined(company, load):
    text = "text,stars,nps\ngood,5,10\n,,\nbad,-1,0\nso,101,5\nwell,3,11\n"
    columns = {"text": "text", "rating": "stars", "nps": "nps"}
    data = load(feedback(company, text, columns), as_of="2024-01-31")
    assert data.totals["feedback"].reasons == {"range:rating": 2, "missing:text": 1, "range:nps": 1}
    assert data.get("feedback").text.to_pandas().tolist() == ["good"]


def test_utterances_without_an_id_get_one_each(company, load):
    data = load(feedback(company, "text\na\nb\nc\n", {"text": "text"}), as_of="2024-01-31")
    assert data.get("feedback").feedback_id.to_pandas().tolist() == ["f000000001", "f000000002", "f000000003"]


def test_feedback_twice_under_one_id_is_used_once(company, load):
    source = feedback(company, "no,text\n1,a\n1,a\n2,b\n", {"feedback_id": "no", "text": "text"})
    data = load(source, as_of="2024-01-31")
    assert data.get("feedback").feedback_id.to_pandas().tolist() == ["1", "2"]
    assert data.totals["feedback"].reasons == {"repeated:feedback_id": 1}


@pytest.mark.parametrize(
    ("yes", "no"),
    [(["true"], ["FALSE"]), (["1"], ["0"]), (["Yes", "y", "T", "1.0", "是"], ["No", "n", "F", "0.0", "否"])],
)
def test_truths_are_read_in_the_words_that_companies_use(company, rows, yes, no):
    text = "id,gone\n" + "".join(f"{n},{word}\n" for n, word in enumerate(yes + no))
    source = company(
        {"s.csv": text},
        {"subscriptions": {"from": "s.csv", "columns": {"customer_id": "id", "churned": "gone"}}},
    )
    assert rows(source, "subscriptions", as_of="2024-01-31").churned.tolist() == (
        [True] * len(yes) + [False] * len(no)
    )


def test_a_truth_in_other_words_is_unreadable(company, load):
    columns = {"customer_id": "id", "churned": "gone"}
    source = company(
        {"s.csv": "id,gone\na,maybe\nb,no\nc,\n"},
        {"subscriptions": {"from": "s.csv", "columns": columns}},
        max_bad_rows=1,
    )
    reasons = reasons_of(load, source, "subscriptions", as_of="2024-01-31")
    assert reasons == {"missing:churned": 1, "unreadable:churned": 1}


def test_marks_of_a_book_with_gaps_are_truths(company, rows):
    frame = pd.DataFrame({"id": ["a", "b", "c"], "gone": [1, 0, None], "end": [None, None, None]})
    columns = {"customer_id": "id", "churned": "gone"}
    source = company(
        {"s.xlsx": frame}, {"subscriptions": {"from": "s.xlsx", "columns": columns}}, max_bad_rows=1
    )
    assert rows(source, "subscriptions", as_of="2024-01-31").churned.tolist() == [True, False]
