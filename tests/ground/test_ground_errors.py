"""Does every refusal have the one form, and does it name the nearest valid name?"""

import pytest

from workbench import errors

NAMES = ["customer_id", "ordered_at", "amount"]


def test_a_refusal_says_where_what_rule_value_and_next_step():
    error = errors.refusal("study.yml", "seed", "0 or more", "-1", "Choose another.")
    assert str(error) == "study.yml: seed must be 0 or more; got -1. Choose another."


def test_parameters_and_data_that_are_refused_end_the_process_with_2():
    assert errors.refusal("a", "b", "c", "d", "e").exit_code == 2
    assert errors.unknown_name("a", "b", "c", []).exit_code == 2


def test_an_error_may_carry_another_exit_code():
    assert errors.WorkbenchError("locked", exit_code=3).exit_code == 3


def test_an_unknown_name_is_answered_with_all_valid_names_and_the_nearest():
    error = errors.unknown_name("s.yml: tables", "the column", "custmer_id", NAMES)
    assert str(error) == (
        "s.yml: tables: the column must be one of amount, customer_id, ordered_at; "
        "got 'custmer_id'. Did you mean 'customer_id'?"
    )


def test_an_unknown_name_that_is_like_no_other_gets_no_guess():
    error = errors.unknown_name("s.yml", "the column", "zzz", NAMES)
    assert str(error).endswith("got 'zzz'. Use one of these names.")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("CUSTOMER_ID", "customer_id"), ("order_at", "ordered_at"), ("Amuont", "amount"), ("xyz", None)],
)
def test_the_nearest_name_ignores_capitals_and_small_slips(written, meant):
    assert errors.nearest(written, NAMES) == meant


def test_the_nearest_name_keeps_its_own_capitals():
    assert errors.nearest("customerid", ["CustomerID", "Country"]) == "CustomerID"


def test_no_name_is_nearest_where_there_are_none():
    assert errors.nearest("a", []) is None
