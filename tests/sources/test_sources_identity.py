"""Are pseudonyms keyed, stable, and the only names a notebook sees?"""

import hashlib
import stat
from base64 import b32decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.sources import identity

KEY, OTHER = b"k" * 32, b"o" * 32
TABLES = {
    "transactions": {
        "from": "o.csv",
        "columns": {"customer_id": "id", "ordered_at": "day", "amount": "paid", "order_id": "no"},
    },
    "customers": {"from": "c.csv", "columns": {"customer_id": "id"}},
}
FILES = {
    "o.csv": "id,day,paid,no\nWu Mei,2024-01-31,5,o-1\n17850.0,2024-01-31,7,o-2\n",
    "c.csv": "id\nWu Mei\n17850\nnobody\n",
}


@pytest.fixture
def key(tmp_path, monkeypatch):
    path = tmp_path / "own" / "pseudonyms.key"
    monkeypatch.setenv(identity.KEY_VARIABLE, str(path))
    return path


def test_a_pseudonym_is_a_keyed_hash():
    digest = hashlib.blake2b(b"17850", key=KEY, digest_size=10).digest()
    found = identity.pseudonym("17850", KEY)
    assert found.startswith("c-")
    assert b32decode(found.removeprefix("c-").upper()) == digest


@given(st.text(min_size=1), st.text(min_size=1))
def test_pseudonyms_are_stable_differ_by_customer_and_key_and_hold_nothing_of_the_id(one, other):
    found = identity.pseudonym(one, KEY)
    assert found == identity.pseudonym(one, KEY)
    assert found != identity.pseudonym(one, OTHER)
    assert (found == identity.pseudonym(other, KEY)) == (one == other)
    assert len(found) == len("c-") + 16


def test_notebooks_see_pseudonyms_and_nothing_else(company, load, key):
    data = load(company(FILES, TABLES), identify=False)
    orders, customers = (data.get(table).to_pandas() for table in ("transactions", "customers"))
    secret = key.read_bytes()
    assert orders.customer_id.tolist() == [identity.pseudonym(c, secret) for c in ("Wu Mei", "17850")]
    assert "Wu Mei" not in orders.to_csv() + customers.to_csv()
    assert orders.order_id.tolist() == ["o-1", "o-2"]  # the order is no person
    assert set(orders.customer_id) < set(customers.customer_id)  # one name in all tables


def test_the_study_may_ask_for_the_ids_themselves(company, load, key):
    data = load(company(FILES, TABLES), identify=True)
    assert data.get("transactions").customer_id.to_pandas().tolist() == ["Wu Mei", "17850"]
    assert not key.exists()


def test_pseudonyms_stay_from_run_to_run_and_change_with_the_key(company, load, key, monkeypatch):
    source = company(FILES, TABLES)
    first, again = (
        load(source, identify=False).get("customers").customer_id.to_pandas().tolist() for _ in range(2)
    )
    assert first == again
    monkeypatch.setenv(identity.KEY_VARIABLE, str(key.with_name("other.key")))
    other = load(source, identify=False).get("customers").customer_id.to_pandas().tolist()
    assert not set(first) & set(other)


def test_the_key_is_made_once_and_read_by_nobody_else(key):
    first = identity.read_key()
    assert len(first) == 32
    assert identity.read_key() == first
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert list(key.parent.iterdir()) == [key]  # nothing is left beside it


def test_two_first_runs_at_once_share_one_key(key, monkeypatch):
    """The other run is quicker by the time this one has written its own."""
    link = identity.os.link

    def late(mine, path):
        path.write_bytes(OTHER)
        link(mine, path)

    monkeypatch.setattr(identity.os, "link", late)
    assert identity.read_key() == OTHER
    assert list(key.parent.iterdir()) == [key]


def test_the_key_is_kept_in_the_user_s_configuration(monkeypatch, tmp_path):
    monkeypatch.delenv(identity.KEY_VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert identity.key_path() == tmp_path / "workbench" / "pseudonyms.key"


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 65])
def test_a_key_that_is_none_is_refused(key, content):
    """With an empty key the hash is the same for everybody, and ids could be guessed from it."""
    key.parent.mkdir()
    key.write_bytes(content)
    with pytest.raises(WorkbenchError) as error:
        identity.read_key()
    assert str(error.value) == (
        f"{key}: the key of the pseudonyms must be of 16 to 64 bytes; got {len(content)} bytes. "
        "Give the file of the first runs, or remove this one for a new key and new pseudonyms."
    )
