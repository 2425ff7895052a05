"""Is every usual encoding, separator, line end and packing found out, and text the same as it was written?"""

import gzip
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.sources import files
from workbench.sources.files import encodings

CHINESE = "会员号,下单时间,实付金额,评价\n甲,2024-01-31,5,味道很好，送餐快\n乙,2024-01-30,6,“一般般”吧……\n"
TAIWAN = "會員號,下單時間,實付金額,評價\n甲,2024-01-31,5,味道很好，送餐快\n乙,2024-01-30,6,「還可以」吧\n"
WESTERN = (
    "kunde,tag,betrag,satz\nMüller,2024-01-31,5,größer für 5 €\nÅse,2024-01-30,6,déjà vu “sic” – naïve\n"
)
COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}


@pytest.fixture(scope="module")
def con():
    return ibis.duckdb.connect()


@pytest.fixture(scope="module")
def peeked(con, tmp_path_factory):
    """What a file of these bytes looks like, and its rows as text."""
    folder = tmp_path_factory.mktemp("peeked")

    def of(content, name="o.csv", **given):
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = files.peek(con, path, **given)
        return found, [
            list(row) for row in found.sample.astype(object).where(found.sample.notna(), None).to_numpy()
        ]

    return of


def cells(text):
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        (CHINESE, "utf-32", "utf-32"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE, "gb18030", "gb18030"),
        (TAIWAN, "big5", "cp950"),
        (TAIWAN, "cp950", "cp950"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN.replace("€", "Euro").replace("“sic” –", "sic"), "latin-1", "cp1252"),
        ("kunde,tag\nAnna,2024-01-31\n", "ascii", "utf-8"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_usual_encodings_are_found_out(peeked, text, codec, found, ends):
    about, rows = peeked(text.replace("\n", ends).encode(codec))
    assert about.encoding == found
    assert [list(about.columns), *rows] == cells(text)


@pytest.mark.parametrize(
    ("text", "codec"), [("клиент,сумма\nИван,5\n", "cp1251"), ("名前,金額\nたなか,5\n", "shift_jis")]
)
def test_other_encodings_are_refused_until_they_are_said(peeked, text, codec):
    with pytest.raises(WorkbenchError, match="Say which it is"):
        peeked(text.encode(codec))
    about, rows = peeked(text.encode(codec), encoding=codec)
    assert [list(about.columns), *rows] == cells(text)


def test_korean_is_not_taken_for_chinese():
    text = "주문번호,주문시간,회원번호,실결제금액,평가내용 맛있어요 배달도 빨라요 감사합니다"
    assert encodings.by_letters(text.encode("euc_kr")) == (None, ["gb18030", "euc_kr"])


def test_the_letters_of_a_whole_file_decide_and_not_of_its_beginning(peeked):
    """Two megabytes of ASCII before the first letter outside it, at the edge of two chunks."""
    text = "id,day,paid\n" + "a,2024-01-31,5\n" * 140_000 + "顾客吴梅,2024-01-31,5\n"
    about, _ = peeked(text.encode("gbk"))
    assert (about.encoding, about.rows) == ("gb18030", 140_001)


@pytest.mark.parametrize("codec", ["gbk", "utf-16", "utf-8"])
@pytest.mark.parametrize("pack", [gzip.compress, lambda b: pa.Codec("zstd").compress(b, asbytes=True)])
@pytest.mark.parametrize("name", ["o.csv.gz", "o.csv"])
def test_packed_files_are_unpacked_whatever_they_are_called(peeked, codec, pack, name):
    about, rows = peeked(pack(CHINESE.encode(codec)), name)
    assert [list(about.columns), *rows] == cells(CHINESE)
    assert about.rows == 2


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "whitespace"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found_out(peeked, separator, ends):
    sign = "  " if separator == "whitespace" else separator
    lines = [["id", "day", "paid"], ["a", "2024-01-31", "5.50"], ["b", "2024-01-30", "-6"]]
    about, rows = peeked(ends.join(sign.join(line) for line in lines) + ends)
    assert about.separator == separator
    assert [list(about.columns), *rows] == lines


def test_decimal_commas_do_not_separate(peeked):
    about, rows = peeked("id;paid\na;1,5\nb;2,5\n")
    assert (about.separator, rows) == (";", [["a", "1,5"], ["b", "2,5"]])


@pytest.mark.parametrize("top", ["\n", "\r\n  \r\n", "sep=;\r\n", '\n"sep=;"\n'])
def test_blank_lines_and_a_spreadsheet_s_hint_above_the_names_are_left_out(peeked, top):
    about, rows = peeked(f"{top}id;paid\r\na;1,5\r\n")
    assert (about.separator, about.columns, rows) == (";", ("id", "paid"), [["a", "1,5"]])


def test_blanks_behind_separators_are_no_part_of_names(peeked):
    about, rows = peeked('id, "day", paid\na, "2024-01-31", 5\n')
    assert about.columns == ("id", "day", "paid")
    assert rows[0][1] == "2024-01-31"


def test_one_column_of_sentences_is_one_column(peeked):
    about, rows = peeked("review\nGood, really\nBad\n\nSo, so, so\n")
    assert about.separator is None
    assert [row[0] for row in rows] == ["Good, really", "Bad", None, "So, so, so"]


def test_texts_in_quotes_keep_their_line_ends_separators_and_quotes(peeked):
    said = 'He said ""no,\nnever"";\ttwice'
    for ends in ("\n", "\r\n"):
        _, rows = peeked(ends.join(["id,said", f'a,"{said}"', "b,plain", ""]))
        assert rows == [["a", 'He said "no,\nnever";\ttwice'], ["b", "plain"]]


def test_lines_of_two_kinds_of_ends_are_lines(peeked):
    _, rows = peeked("id,day,paid\r\na,1,2\nb,3,4\r\n")
    assert rows == [["a", "1", "2"], ["b", "3", "4"]]


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        (" id ", "id"),
        ("Ｉｄ", "Id"),
        ("下单\n时间", "下单 时间"),
        ("\u200bid\ufeff", "id"),
        ("实付金额（元）", "实付金额(元)"),
        ("", "column_1"),
    ],
)
def test_names_are_cleaned(peeked, written, cleaned):
    about, _ = peeked(f'"{written}",paid\na,5\n')
    assert about.columns == (cleaned, "paid")
    assert about.original == (written, "paid")


def test_an_expression_finds_a_name_however_it_is_spelled(company, rows):
    text = "Ｃustomer ＩＤ , ＤＡＹ,Paid \na,2024-01-31,5\n"
    columns = {"customer_id": '"customer id"', "ordered_at": "day", "amount": "PAID * 2"}
    found = rows(company({"o.csv": text}, {"transactions": {"from": "o.csv", "columns": columns}}))
    assert found[["customer_id", "amount"]].iloc[0].tolist() == ["a", Decimal(10)]


def test_names_are_given_to_a_file_without(company, rows):
    table = {"from": "o.csv", "columns": COLUMNS, "names": ["id", "day", "paid"]}
    for text in ("a,2024-01-31,5\nb,2024-01-30,6\n", "ID,Day,paid\na,2024-01-31,5\nb,2024-01-30,6\n"):
        assert rows(company({"o.csv": text}, {"transactions": table})).customer_id.tolist() == ["a", "b"]


def test_a_column_that_some_parts_lack_is_empty_there(company, load):
    """The channel is written since March; a filter that reads it would be refused."""
    parts = {"o1.csv": "id,day,paid\na,2024-01-31,5\n", "o2.csv": "paid,day,channel,id\n6,2024-01-30,web,b\n"}
    table = {"from": "o*.csv", "columns": COLUMNS | {"category": "channel"}}
    data = load(company(parts, {"transactions": table}))
    found = data.get("transactions").to_pandas()
    assert found.category.isna().tolist() == [True, False]
    assert [f.evidence for f in data.formats["transactions"] if f.column == "channel"] == [
        ("absent_in_files=1",)
    ]


def test_parts_of_one_table_may_be_written_differently(company, rows):
    parts = {
        "o1.csv": "id;day;paid\nа;2024-01-31;5\n".encode("utf-16"),
        "o2.csv": gzip.compress("顾客吴梅,2024-01-30,6\n".join(["id,day,paid\n", ""]).encode("gbk")),
        "o3.jsonl": '{"paid": 7, "id": "c", "day": "2024-01-29"}\n',
    }
    found = rows(company(parts, {"transactions": {"from": "o*", "columns": COLUMNS}}))
    assert found.customer_id.tolist() == ["а", "顾客吴梅", "c"]


def test_no_copy_of_a_file_is_left_behind(peeked, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    peeked(CHINESE.encode("gbk"))
    assert list(tmp_path.iterdir()) == []


JSON = """\
{"id": 17850, "day": "2024-01-31T10:00:00", "paid": 5.10, "tags": ["a", {"b": 1}], "vip": true}
{"day": 20240130, "paid": "1,234.50", "id": "007", "note": null, "new": "x"}

{"id": "c", "day": null, "paid": -3}
"""


def test_json_lines_keep_their_types_and_digits(peeked):
    about, rows = peeked(JSON, "o.jsonl")
    assert about.columns == ("id", "day", "paid", "tags", "vip", "note", "new")
    assert rows == [
        ["17850", "2024-01-31T10:00:00", "5.10", '["a", {"b": 1.0}]', "true", None, None],
        ["007", "20240130", "1,234.50", None, None, None, "x"],
        ["c", None, "-3", None, None, None, None],
    ]


def test_a_number_of_json_is_no_matter_of_marks(company, rows):
    """The text 1.234 may be a thousand; JSON's number may not."""
    lines = '{"id": "a", "day": "2024-01-31", "paid": 1.234}\n'
    table = {"from": "o.jsonl", "columns": COLUMNS}
    assert rows(company({"o.jsonl": lines}, {"transactions": table})).amount.tolist() == [Decimal("1.2340")]
    quoted = lines.replace("1.234", '"1.234"')
    with pytest.raises(WorkbenchError, match="three digits"):
        rows(company({"o.jsonl": quoted}, {"transactions": table}))


PUBLIC = {
    "cdnow/CDNOW_master.txt": ("utf-8", "whitespace", True, 4, 69_659),
    "cdnow/CDNOW_sample.txt": ("utf-8", "whitespace", False, 5, 6_919),
    "cdnow/cdnow_customers_summary.csv": ("utf-8", ",", True, 4, 2_357),
    "chinese_reviews/waimai_10k.csv": ("utf-8", ",", True, 2, 11_987),
    "hillstrom/hillstrom.csv.gz": ("utf-8", ",", True, 12, 64_000),
    "movielens_100k/u.data": ("utf-8", "\t", False, 4, 100_000),
    "movielens_100k/u.item": ("cp1252", "|", False, 24, 1_682),
    "movielens_100k/u.user": ("utf-8", "|", False, 5, 943),
    "online_shoppers/online_shoppers_intention.csv": ("utf-8", ",", True, 18, 12_330),
    "taobao_userbehavior/UserBehavior_head.csv.gz": ("utf-8", ",", False, 5, 84_475),
    "telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv": ("utf-8", ",", True, 21, 7_043),
    "womens_clothing_reviews/Womens Clothing E-Commerce Reviews.csv.gz": ("utf-8", ",", True, 11, 23_486),
}


@pytest.mark.parametrize(("name", "expected"), PUBLIC.items(), ids=[Path(name).name for name in PUBLIC])
def test_public_data_sets_are_seen_as_their_readmes_say(con, shared_data, name, expected):
    found = files.peek(con, shared_data / name)
    assert (found.encoding, found.separator, found.has_header, len(found.columns), found.rows) == expected


def test_what_public_columns_hold_is_seen(con, shared_data):
    def formats(name):
        return {f.column: f for f in files.peek(con, shared_data / name).formats}

    assert formats("cdnow/CDNOW_master.txt")["date"].pattern == "%Y%m%d"
    assert formats("movielens_100k/u.data")["column_4"].also == ("unix",)
    assert formats("taobao_userbehavior/UserBehavior_head.csv.gz")["column_5"].also == ("unix",)
    assert formats("movielens_100k/u.item")["column_3"].pattern == "%d-%b-%Y"
    bill = formats("telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv")["TotalCharges"]
    assert (bill.kind, bill.filled, bill.read) == ("number", 7_032, 7_032)


def test_what_a_column_leaves_open_is_told_and_not_refused(peeked):
    about, _ = peeked('day,paid\n01/02/2011,"1.234"\n')
    day, paid = about.formats
    assert (day.kind, day.choices) == ("time", ("%d/%m/%Y", "%m/%d/%Y"))
    assert (paid.kind, paid.choices) == ("number", ("decimal point", "decimal comma"))


WRITTEN = {
    "utf-8": "äß€味道好“”",
    "utf-8-sig": "äß€味道好“”",
    "utf-16": "äß€味道好“”",
    "gb18030": "味道很好一般送餐快会员",
    "cp950": "味道很好一般送餐會員",
    "cp1252": "äöüßéèñ",
}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_table_written_in_any_way_is_read_back_or_refused(peeked, data):
    codec = data.draw(st.sampled_from(sorted(WRITTEN)))
    separator = data.draw(st.sampled_from([",", ";", "\t", "|"]))
    ends = data.draw(st.sampled_from(["\n", "\r\n"]))
    letters = st.sampled_from(f'abc xyz,;|"\n{WRITTEN[codec]}')
    said = data.draw(st.lists(st.text(letters, min_size=1, max_size=12), min_size=1, max_size=8))
    table = [[f"c{n}", text, "2024-01-31", f"{n}.5"] for n, text in enumerate(said)]
    # Of one or two Chinese characters the bytes may be UTF-8 by chance: a file has names as well.
    chinese = {"gb18030": "客户编号", "cp950": "客戶編號"}
    lines = [[chinese.get(codec, "id"), "said", "day", "paid"], *table]
    text = "".join(separator.join(_quoted(cell) for cell in line) + ends for line in lines)
    try:
        about, rows = peeked(text.encode(codec))
        refusal = ""
    except WorkbenchError as error:
        about, rows, refusal = None, [], str(error)
    assert "Say which it is" in refusal or (about.separator, rows) == (separator, table)


def _quoted(cell):
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',;|\t"\n ') else cell


def test_times_of_a_whole_study_come_through_any_encoding(company, rows):
    text = (
        "客户,时间,金额\n甲,2024年1月31日 上午8:30,￥１，２３４．５０\n乙,2024年1月30日 下午1:05,(￥2.00)\n"
    )
    columns = {"customer_id": "客户", "ordered_at": "时间", "amount": "金额"}
    found = rows(
        company({"o.csv": text.encode("gbk")}, {"transactions": {"from": "o.csv", "columns": columns}})
    )
    assert found.ordered_at.tolist() == [datetime(2024, 1, 31, 8, 30), datetime(2024, 1, 30, 13, 5)]
    assert found.amount.tolist() == [Decimal("1234.5000"), Decimal("-2.0000")]
