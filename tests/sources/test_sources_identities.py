"""Are several ids of one person one customer everywhere, and only where the analyst's file says so?"""

import pytest

ORDERS = "who,day,paid\nweb-1,2024-01-01,5\napp-7,2024-01-02,7\nshop-3,2024-01-03,9\nweb-2,2024-01-04,1\n"
PEOPLE = "id,city\napp-7,Lyon\nweb-1,Paris\nweb-2,Rome\n"
LINKS = "id,canonical_id\napp-7,web-1\nshop-3,app-7\n"
TABLES = {
    "transactions": {
        "from": "o.csv",
        "columns": {"customer_id": "who", "ordered_at": "day", "amount": "paid"},
    },
    "customers": {"from": "c.csv", "columns": {"customer_id": "id", "region": "city"}},
    "identities": {"from": "i.csv", "columns": {"id": "id", "canonical_id": "canonical_id"}},
}


@pytest.fixture(scope="module")
def shop(company):
    """A source whose ids are linked as `links` says."""

    def linked(links=LINKS):
        return company({"o.csv": ORDERS, "c.csv": PEOPLE, "i.csv": links}, TABLES)

    return linked


def test_all_ids_of_a_person_are_the_person_s(load, shop):
    data = load(shop(), as_of="2024-01-31")
    orders = data.get("transactions").to_pandas()
    assert orders.customer_id.tolist() == ["web-1", "web-1", "web-1", "web-2"]
    assert data.totals["transactions"].as_of.customers["used"] == 2


def test_they_share_one_pseudonym(load, shop):
    orders = load(shop(), as_of="2024-01-31", identify=False).get("transactions").to_pandas()
    assert orders.customer_id.nunique() == 2


def test_of_several_rows_of_a_person_the_row_of_her_own_id_stays(load, shop):
    people = load(shop(), as_of="2024-01-31").get("customers").to_pandas()
    assert dict(zip(people.customer_id, people.region, strict=True)) == {"web-1": "Paris", "web-2": "Rome"}


def test_nothing_is_merged_without_the_file(load, company):
    tables = {name: TABLES[name] for name in ("transactions", "customers")}
    data = load(company({"o.csv": ORDERS, "c.csv": PEOPLE}, tables), as_of="2024-01-31")
    assert data.totals["transactions"].as_of.customers["used"] == 4
    assert data.orphans == {"transactions": 1}  # shop-3 is in no list of customers


@pytest.mark.parametrize(
    ("links", "circles"),
    [("id,canonical_id\na,b\nb,a\n", 1), ("id,canonical_id\na,b\nb,c\nc,a\nx,y\ny,x\n", 2)],
)
def test_links_that_go_in_a_circle_are_refused(refused, shop, links, circles):
    assert refused(shop(links)) == (
        f"tables.identities: the links must be links that end at one id; got circles: {circles}. "
        "Take out one link of each circle."
    )


def test_an_id_that_is_its_own_is_no_circle(load, shop):
    data = load(shop("id,canonical_id\nweb-1,web-1\napp-7,web-1\n"), as_of="2024-01-31")
    assert data.totals["transactions"].as_of.customers["used"] == 3


def test_an_id_that_is_two_persons_is_refused(refused, shop):
    """The second line breaks the key of the table; no line of it may be dropped in silence."""
    assert refused(shop("id,canonical_id\napp-7,web-1\napp-7,web-2\n")) == (
        "tables.identities: rows that break the schema must be at most 1.0% of 2; "
        "got 1 (50.0%): repeated id: 1. Correct the mapping, exclude them by a rule, or raise max_bad_rows."
    )
