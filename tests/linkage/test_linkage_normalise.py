"""What is the same in another form becomes equal; what says nothing becomes missing and chains nobody."""

import duckdb
import pandas as pd
import pytest

from workbench.linkage.normalise import FIELDS, normalise
from workbench.linkage.words import fillers


@pytest.fixture
def records():
    """The table ``link_records`` of rows with one field, in the order of the rows, and what was blanked."""

    def run(field, values):
        con = duckdb.connect()
        rows = pd.DataFrame({f: pd.Series([None] * len(values), dtype="object") for f in FIELDS})
        rows[field] = values
        rows.insert(0, "id", [f"{i:04d}" for i in range(len(values))])
        con.register("rows", rows.assign(source=0))
        columns = ", ".join(f"{f}::VARCHAR AS {f}" for f in FIELDS)
        con.execute(f"CREATE TEMP TABLE link_input AS SELECT id, source, {columns} FROM rows")
        blanked = normalise(con, (field,))
        return con.execute("SELECT * FROM link_records ORDER BY id").df(), blanked

    return run


@pytest.mark.parametrize(
    ("field", "forms"),
    [
        ("phone", ["13912345670", "+86 139 1234 5670", "0086-13912345670", "139-1234-5670", "13912345670.0"]),
        ("phone", ["13912345670", "１３９１２３４５６７０", "8613912345670"]),
        ("phone", ["020 7946 0958", "+44 20 7946 0958", "0044 (0)20 7946 0958", "(020) 7946-0958"]),
        ("phone", ["202-555-0143", "+1 (202) 555-0143"]),
        ("phone", ["0049 30 901820", "030/901820", "+49 (0) 30 / 90 18 20"]),
        ("name", ["John Smith", "SMITH, John", "Mr. John Smith", " john   smith "]),
        ("name", ["John Smith", "Ｊｏｈｎ Smith", "Jöhn Smith"]),
        ("name", ["O'Neill Sean", "Sean ONeill", "sean o’neill"]),
        ("name", ["王小明", "王 小明", "王小明先生", "王小明 女士", "　王小明"]),
        ("email", ["a.b@Mail.com", " A.B@mail.COM ", "a.b@mail.com"]),
        ("mailbox", ["anna.b@gmail.com", "annab@googlemail.com", "Anna.B+shop@gmail.com"]),
        ("mailbox", ["a.b@mail.com", "a.b+x@mail.com"]),
        ("address", ["12 High Street, Bath", "12, high st. BATH", "Bath, 12 High St"]),
        ("address", ["上海市浦东新区中山路１２号３室", "上海市浦东新区中山路12号3室"]),
    ],
)  # fmt: skip
def test_forms_of_one_value_become_equal(records, field, forms):
    frame, _ = records("email" if field == "mailbox" else field, forms)
    assert frame[field].nunique() == 1
    assert frame[field].notna().all()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("phone", ["13912345670", "13912345671"]),
        ("phone", ["+33 1 42 68 53 00", "+44 20 7946 0958"]),
        ("name", ["王伟", "王芳"]),
        ("email", ["a.b@mail.com", "ab@mail.com"]),  # only at Google dots do not count
        ("address", ["12 High Street", "14 High Street"]),
    ],
)
def test_different_values_stay_different(records, field, values):
    frame, _ = records(field, values)
    assert frame[field].nunique() == len(values)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("phone", ["13800000000", "+86 13800138000", "11111111", "N/A", "无"]),
        ("email", ["test@anything.com", "anna@example.com", "N/A", "none", "noreply@shop.com"]),
        ("name", ["Unknown", "N/A", "无", "未知", "匿名用户", "--", "Mr.", "先生"]),
        ("address", ["无", "n/a", "unknown", "-", "同上"]),
    ],
)
def test_stopgaps_are_taken_as_missing_and_counted(records, field, values):
    frame, blanked = records(field, values)
    assert frame[field].isna().all()
    assert [(b.field, b.reason, b.records) for b in blanked] == [(field, "filler", len(values))]


def test_numbers_a_spreadsheet_has_damaged_and_broken_mails_are_unusable(records):
    phones, blanked = records("phone", ["1.39E+10", "1.391e10", "12-34", "0000-0000-000"])
    assert phones["phone"].isna().all()
    assert blanked[0].reason == "unusable"
    assert blanked[0].records == 4
    mails, blanked = records("email", ["anna@home", "anna", "a b@mail.com", "anna@mail.com"])
    assert mails["email"].tolist()[-1] == "anna@mail.com"
    assert (blanked[0].reason, blanked[0].records) == ("unusable", 3)


def test_a_number_of_more_than_ten_records_is_nobodys(records):
    values = ["02079460958"] * 11 + ["02079460959"] * 10
    frame, blanked = records("phone", values)
    assert frame["phone"].isna().tolist() == [True] * 11 + [False] * 10
    assert [(b.reason, b.records, b.values) for b in blanked] == [("shared", 11, 1)]


def test_stopgaps_do_not_chain_strangers(propose):
    rows = [
        {
            "id": i,
            "name": f"Given{i} Sur{i * 7}",
            "phone": ("13800000000", "010-66668888")[i % 2],  # a stopgap, and the switchboard of an office
            "email": "test@test.com",
            "address": "无",
        }
        for i in range(60)
    ]
    proposal = propose(rows)
    assert proposal.n_pairs == 0
    assert proposal.identities.empty
    found = {(b.field, b.reason): b.records for b in proposal.blanked}
    assert found == {
        ("phone", "filler"): 30,
        ("phone", "shared"): 30,
        ("email", "filler"): 60,
        ("address", "filler"): 60,
    }


def test_every_stopgap_is_written_as_values_are_compared():
    for kind in ("words", "boxes", "domains", "phones"):
        for word in fillers(kind):
            assert word == word.strip().casefold()
