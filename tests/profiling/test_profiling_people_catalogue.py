"""Is the tag catalogue whole, and is a study's own declaration that breaks a rule refused in words?"""

import pytest

from workbench import language
from workbench.errors import WorkbenchError
from workbench.language.catalogue import messages
from workbench.profiling.people.catalogue import own_catalogue, read_catalogue
from workbench.profiling.people.columns import known_columns
from workbench.sources import TABLES

FIRST_TAGS = {
    "one_time_buyer", "repeat_buyer", "active_90d", "silent_180d", "high_value", "many_refunds",
    "spend_rising",
}  # fmt: skip
GOOD = {"code": "vip", "name": "VIP", "definition": "200 or more.", "all": [{"of": "revenue", "ge": 200}]}


def test_the_catalogue_is_large_and_has_the_first_tags():
    codes = [tag.code for tag in own_catalogue()]
    assert 30 <= len(codes) == len(set(codes))
    assert set(codes) >= FIRST_TAGS


def test_every_kind_and_every_table_of_customers_has_a_tag():
    assert {tag.kind for tag in own_catalogue()} == {"rule", "statistic", "preference", "event"}
    tables = {table for tag in own_catalogue() for table in tag.tables}
    assert tables == set(TABLES) - {"spend", "identities"}


def test_every_tag_group_owner_and_refresh_has_words_in_both_languages():
    for tag in own_catalogue():
        assert set(tag.name) == set(tag.definition) == {"en", "zh"}
        for spoken in ("en", "zh"):
            codes = (f"group_{tag.group}", f"owner_{tag.owner}", f"refresh_{tag.refresh}")
            assert all(f"profiling.people_{code}" in messages(spoken) for code in codes)
    with language.speaking("zh"):
        assert own_catalogue()[0].label == "一次性客户"


def test_only_tags_on_the_present_state_have_no_past():
    timeless = {tag.code for tag in own_catalogue() if not tag.as_of}
    assert timeless == {"contactable", "subscriber", "contract_ended", "high_fee", "tier"}


def test_a_study_adds_a_tag_and_replaces_one():
    found = read_catalogue([GOOD, GOOD | {"code": "high_value"}])
    assert [tag.code for tag in found][-1] == "vip"
    assert len(found) == len(own_catalogue()) + 1
    replaced = next(tag for tag in found if tag.code == "high_value")
    assert (replaced.label, replaced.group, replaced.columns) == ("VIP", "own", ("revenue",))


def test_an_own_attribute_may_be_named_and_is_looked_for_where_the_data_are_known():
    plan = GOOD | {"all": [{"of": "subscriptions.plan", "in": ["gold", "silver"]}]}
    assert read_catalogue([plan])[-1].tables == ("subscriptions",)
    assert read_catalogue([plan], ["subscriptions.plan"])[-1].columns == ("subscriptions.plan",)
    with pytest.raises(WorkbenchError, match=r"got 'subscriptions.plan'. Did you mean subscriptions.plans"):
        read_catalogue([plan], ["subscriptions.plans"])


def test_columns_that_tags_are_made_of_have_names_that_no_engine_quotes():
    assert all(column.key.replace("_", "").isalnum() for column in known_columns().values())


REFUSED = {
    "tags[1]: the tag must be a mapping of keys to values; got int. See the tag catalogue.": 3,
    "tags[1]: code must be text that fits the pattern ^[a-z][a-z0-9_]*$; got 'VIP'. Correct the value.": (
        GOOD | {"code": "VIP"}
    ),
    "tags[1]: definition must be given; got nothing. Add the key.": {
        key: value for key, value in GOOD.items() if key != "definition"
    },
    "tags[1]: the tag must be made of all, any, band or value; got none of them. Add a condition.": {
        key: value for key, value in GOOD.items() if key != "all"
    },
    "tags[1]: al must be one of all, any, band, code, definition, expiry_days, group, kind, name, owner,"
    " refresh, value; got 'al'. Did you mean 'all'?": GOOD | {"al": []},
    "tags[1]: all.of must be a feature, a preference or an attribute; got 'n_order'. Did you mean n_orders or"
    " n_orders_90d or n_orders_30d?": GOOD | {"all": [{"of": "n_order", "gt": 1}]},
    "tags[1]: all.of must be a feature, a preference or an attribute; got 'xyzzy'. See the dictionary of"
    " features.": GOOD | {"all": [{"of": "xyzzy", "gt": 1}]},
    "tags[1]: all must be a condition with exactly one of eq, ne, lt, le, gt, ge, in, known, same_as,"
    " differs_from; got a mapping of of, gt, lt. Correct the value.": (
        GOOD | {"all": [{"of": "n_orders", "gt": 1, "lt": 3}]}
    ),
    "tags[1]: all.of must be a column of numbers; got 'top_category', a column of texts. Choose another"
    " column.": (GOOD | {"all": [{"of": "top_category", "gt": 2}]}),
    "tags[1]: all.in must be a number, as 'n_orders' is; got a text. Correct the value.": (
        GOOD | {"all": [{"of": "n_orders", "in": [1, "two"]}]}
    ),
    "tags[1]: all.same_as must be a column of texts; got 'n_orders', a column of numbers. Choose another"
    " column.": GOOD | {"all": [{"of": "top_category", "same_as": "n_orders"}]},
    "tags[1]: band must be a band whose `from` lies below its `to`; got a mapping of of, from, to. Correct"
    " the value.": GOOD | {"band": {"of": "revenue", "from": 0.5, "to": 0.2}},
    "tags[1]: band.of must be a column of numbers; got 'last_event', a column of texts. Choose another"
    " column.": GOOD | {"band": {"of": "last_event", "from": 0.5}},
    "tags[1]: value must be a column of texts; got 'revenue', a column of numbers. Choose another column.": (
        GOOD | {"value": "revenue"}
    ),
    "tags[1]: expiry_days must be greater than or equal to 1; got 0. Correct the value.": (
        GOOD | {"expiry_days": 0}
    ),
}


@pytest.mark.parametrize("message", list(REFUSED))
def test_a_declaration_that_breaks_a_rule_is_refused(message):
    with pytest.raises(WorkbenchError) as refused:
        read_catalogue([REFUSED[message]])
    assert str(refused.value) == message


def test_a_code_declared_twice_is_refused():
    with pytest.raises(WorkbenchError) as refused:
        read_catalogue([GOOD, GOOD])
    assert str(refused.value) == "tags: code 'vip' must be declared once; got it twice. Rename one of them."
