"""Do numbers and times come in as they were meant, or not at all, however a company writes them?"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import ibis
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.parameters import read_source
from workbench.sources import files

COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}


@pytest.fixture(scope="module")
def con():
    return ibis.duckdb.connect()


@pytest.fixture(scope="module")
def read(company, con):
    """The raw cells of one column, all of which the mapping takes for `use`, and how it was understood."""

    def cells(values, use="paid", **table):
        other = {"day": "2024-01-31", "paid": "1"}
        lines = [f'"{v}",{other["paid" if use == "day" else "day"]}' for v in values]
        head = ("day", "paid") if use == "day" else ("paid", "day")
        content = "id," + ",".join(head) + "\n" + "".join(f"a,{line}\n" for line in lines)
        about = {"from": "o.csv", "columns": COLUMNS} | table
        source = read_source(company({"o.csv": content}, {"transactions": about}))
        files.columns_of(con, source, "transactions")
        raw = files.read_raw(con, source, "transactions", ("id",))
        found = con.con.execute(f"SELECT {use}, _unread FROM {raw.name} ORDER BY _row").fetchall()
        assert [unread == [use] for _, unread in found] == [
            value is None and bool(written.strip()) and written.upper() not in ("NULL", r"\N")
            for (value, _), written in zip(found, values, strict=True)
        ]
        return [value for value, _ in found], next(f for f in raw.formats if f.column == use)

    return cells


NUMBERS = {
    "plain": (["1", "-2", "30"], [1, -2, 30]),
    "decimal point": (["1.5", "-2.25", "1234.125"], ["1.5", "-2.25", "1234.125"]),
    "decimal comma": (["1,5", "-2,25", "1234,125"], ["1.5", "-2.25", "1234.125"]),
    "English groups": (["1,234.56", "12,345,678.9", "7"], ["1234.56", "12345678.9", "7"]),
    "German groups": (["1.234,56", "12.345.678,9", "7"], ["1234.56", "12345678.9", "7"]),
    "French groups": (["1 234,56", "12\u202f345\u00a0678,9", "7"], ["1234.56", "12345678.9", "7"]),
    "Swiss groups": (["1'234.56", "12’345’678.9", "7"], ["1234.56", "12345678.9", "7"]),
    "Indian groups": (["1,23,456.78", "12,34,567.5"], ["123456.78", "1234567.5"]),
    "groups twice decide": (["1.234.567", "1.234"], [1234567, 1234]),
    "a leading zero decides": (["0.125", "1.234"], ["0.125", "1.234"]),
    "four digits before the mark decide": (["1234.567", "1.234"], ["1234.567", "1.234"]),
    "accountants' brackets": (["(12.50)", "3.00", "(1,234.00)"], ["-12.5", "3", "-1234"]),
    "sign behind": (["12.50-", "3.00"], ["-12.5", "3"]),
    "signs before": (["+12.50", "-3.00", "−1.25"], ["12.5", "-3", "-1.25"]),
    "yuan": (["￥1,234.50", "¥2.00", "3.25元"], ["1234.5", "2", "3.25"]),
    "dollars": (
        ["$1,234.50", "-$2.00", "$-3.00", "($4.50)", "$(5.00)", "US$ 6.00"],
        ["1234.5", "-2", "-3", "-4.5", "-5", "6"],
    ),
    "euros": (["1.234,50 €", "-2,00 €", "EUR 3,25"], ["1234.5", "-2", "3.25"]),
    "full-width": (["１２３４．５", "－２．２５", "３"], ["1234.5", "-2.25", "3"]),
    "blanks round": (["  1.5 ", "\t2.5"], ["1.5", "2.5"]),
    "percentages": (["12.5%", "100 %", "-3%"], ["0.125", "1", "-0.03"]),
    "exponents": (["1.5e+03", "2E-2"], ["1500", "0.02"]),
    "a database's words for nothing": (["1.5", "NULL", r"\N", ""], ["1.5", None, None, None]),
    "no numbers among numbers": (
        ["1.5", "NaN", "inf", "-Infinity", "n/a", "1.2.3", "1,2,3", "0x10", "1_000", "--5", "5 6"],
        ["1.5", *[None] * 10],
    ),
    "eighteen digits": (["123456789012345678", "1"], ["123456789012345678", "1"]),
    "more digits than a double has": (["12345678901234567.25", "1"], ["12345678901234567.25", "1"]),
}


@pytest.mark.parametrize(("written", "meant"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_read_as_they_are_meant(read, written, meant):
    found, about = read(written)
    assert [None if v is None else Decimal(str(v)) for v in found] == [
        None if v is None else Decimal(str(v)) for v in meant
    ]
    assert about.kind == "number"
    assert about.read == sum(v is not None for v in meant)


TIMES = {
    "ISO": (
        ["2024-01-31 23:59:59", "2024-02-01", "2024-2-1 8:05"],
        ["2024-01-31 23:59:59", "2024-02-01", "2024-02-01 08:05"],
    ),
    "ISO with T and fractions": (
        ["2024-01-31T23:59:59.123", "2024-01-31T00:00:00.5"],
        ["2024-01-31 23:59:59.123", "2024-01-31 00:00:00.5"],
    ),
    "nanoseconds": (["2024-01-31 23:59:59.123456789"], ["2024-01-31 23:59:59.123456"]),
    "year first": (["2024/1/31", "2024/02/01 8:05:09"], ["2024-01-31", "2024-02-01 08:05:09"]),
    "day first by one row": (["01/02/2011", "13/02/2011"], ["2011-02-01", "2011-02-13"]),
    "month first by one row": (["01/02/2011", "02/13/2011"], ["2011-01-02", "2011-02-13"]),
    "day first with points": (
        ["1.2.2011 08:30", "31.2.2011", "31.1.2011"],
        ["2011-02-01 08:30", None, "2011-01-31"],
    ),
    "both orders give the same day": (["01/01/2011", "02/02/2011"], ["2011-01-01", "2011-02-02"]),
    "two-digit years": (["13/02/11", "01/02/99"], ["2011-02-13", "1999-02-01"]),
    "two-digit years of months first": (
        ["2/13/11 8:26", "12/31/11 23:00"],
        ["2011-02-13 08:26", "2011-12-31 23:00"],
    ),
    "two-digit years first": (["99-02-13", "11-12-01"], ["1999-02-13", "2011-12-01"]),
    "Chinese": (
        ["2011年12月1日", "2011年1月31日 08:30", "2011年1月31日08时30分15秒"],
        ["2011-12-01", "2011-01-31 08:30", "2011-01-31 08:30:15"],
    ),
    "Chinese halves of a day": (
        ["2011/12/1 上午 8:26:00", "2011/12/1 下午 1:26:00", "2011/12/1 下午12:26:00"],
        ["2011-12-01 08:26", "2011-12-01 13:26", "2011-12-01 12:26"],
    ),
    "full-width": (
        ["２０１１－１２－０１ ０８：２６", "２０１１－１２－０２ ０８：２６"],
        ["2011-12-01 08:26", "2011-12-02 08:26"],
    ),
    "halves of a day": (
        ["12/31/2011 8:26 PM", "1/2/2011 12:00 am"],
        ["2011-12-31 20:26", "2011-01-02 00:00"],
    ),
    "halves without a blank": (["31/12/2011 08:26PM"], ["2011-12-31 20:26"]),
    "names of months": (["01-Jan-1995", "31-DEC-2011"], ["1995-01-01", "2011-12-31"]),
    "long names of months": (["January 5, 2024", "May 6, 2024"], ["2024-01-05", "2024-05-06"]),
    "days in eight digits": (["20111201", "20110131"], ["2011-12-01", "2011-01-31"]),
    "moments in fourteen digits": (
        ["20111201082600", "20110131235959"],
        ["2011-12-01 08:26", "2011-01-31 23:59:59"],
    ),
    "months": (["2011-12", "2012-01"], ["2011-12-01", "2012-01-01"]),
    "Excel's days": (
        ["40878", "40878.3513888889", "40879.5"],
        ["2011-12-01", "2011-12-01 08:26", "2011-12-02 12:00"],
    ),
    "no times among times": (
        ["2011-12-01", "soon", "infinity", "epoch", "0000-00-00", "2011-02-30", "24:00", "12"],
        ["2011-12-01", *[None] * 7],
    ),
}


@pytest.mark.parametrize(("written", "meant"), TIMES.values(), ids=TIMES)
def test_times_are_read_as_they_are_meant(read, written, meant):
    found, about = read(written, use="day")
    assert found == [None if v is None else datetime.fromisoformat(v) for v in meant]
    assert about.kind == "time"
    assert about.read == sum(v is not None for v in meant)


@pytest.mark.parametrize(
    ("written", "unit"), [("1511544070", 1), ("881250949", 1), ("1511544070123", 1_000), ("1511544070.5", 1)]
)
def test_seconds_since_1970_are_instants_and_not_wall_clock(company, rows, written, unit):
    """18:34 in Shanghai is 10:34 in London: the column knows its zone, which is the study's to take."""
    source = company({"o.csv": f"id,day,paid\na,{written},1\n"})
    found = rows(source, as_of="2024-01-31", timezone="Asia/Shanghai").ordered_at.iloc[0]
    expected = datetime(1970, 1, 1, 8) + timedelta(seconds=float(written) / unit)
    assert abs(found.to_pydatetime() - expected) < timedelta(microseconds=2)  # a double holds them to 1 µs


@pytest.mark.parametrize("odd", ["5", "0", "1511544070123", "99999999999"])
def test_a_number_of_other_size_is_no_instant(company, load, odd):
    """Read as seconds, 5 would be a moment of 1970, and thousandths a moment of the year 49868."""
    text = "id,day,paid\n" + "a,1511544070,1\n" * 3 + f"b,{odd},1\n"
    data = load(company({"o.csv": text}, max_bad_rows=0.5), as_of="2024-01-31")
    assert data.totals["transactions"].reasons == {"unreadable:ordered_at": 1}


def test_a_number_out_of_excel_s_days_is_none(read):
    found, about = read(["45322", "99999", "12"], use="day")
    assert found == [datetime(2024, 1, 31), None, None]
    assert (about.pattern, about.read) == ("excel", 1)


def test_times_with_and_without_their_zone_stand_side_by_side(company, rows):
    lines = "id,day,paid\na,2024-01-31T23:30:00Z,1\nb,2024-01-31 23:30:00,1\nc,2024-01-31 23:30:00+0100,1\n"
    found = rows(company({"o.csv": lines}), as_of="2024-02-29", timezone="Asia/Shanghai").ordered_at
    assert [str(t) for t in found] == ["2024-02-01 07:30:00", "2024-01-31 23:30:00", "2024-02-01 06:30:00"]


@pytest.mark.parametrize("day", [20240131, 1706659200, 45322])
@pytest.mark.parametrize("ending", ["parquet", "jsonl", "xlsx"])
def test_days_that_are_numbers_in_typed_files_are_days(company, rows, day, ending):
    frame = pd.DataFrame({"id": ["a"], "day": [day], "paid": [1]})
    content = frame.to_json(orient="records", lines=True) if ending == "jsonl" else frame
    table = {"from": f"o.{ending}", "columns": COLUMNS}
    found = rows(company({f"o.{ending}": content}, {"transactions": table}), as_of="2024-02-29")
    assert [str(t) for t in found.ordered_at] == ["2024-01-31 00:00:00"]


def test_what_decides_is_told_with_its_count(read):
    _, about = read(["13/02/2011", "14/02/2011", "01/02/2011"], use="day")
    assert (about.pattern, about.evidence) == ("%d/%m/%Y", ("day_first_by=2",))
    _, about = read(["1.234", "5,5", "€ 7"])
    assert (about.pattern, about.evidence) == ("decimal comma", ("decimal_comma_by=1", "currency_eur=1"))


@pytest.mark.parametrize(
    ("format_", "expected"), [("%d/%m/%Y", date(2011, 2, 1)), ("%m/%d/%Y", date(2011, 1, 2))]
)
def test_one_line_decides_the_order_of_days(read, format_, expected):
    found, about = read(["01/02/2011 10:00", "01/02/2011"], use="day", formats={"day": format_})
    assert [moment.date() for moment in found] == [expected] * 2
    assert about.pattern.startswith(format_)


@pytest.mark.parametrize(("format_", "expected"), [("decimal point", "1.234"), ("decimal comma", "1234")])
def test_one_line_decides_the_decimal_mark(read, format_, expected):
    assert read(["1.234"], formats={"paid": format_})[0] == [Decimal(expected)]


def test_a_given_format_sends_other_cells_to_quarantine(read):
    found, _ = read(["01/02/2011", "02/13/2011"], use="day", formats={"day": "%d/%m/%Y"})
    assert found == [datetime(2011, 2, 1), None]
    assert read(["1.5", "2,5"], formats={"paid": "decimal point"})[0] == [Decimal("1.5"), None]


def test_a_format_of_the_user_s_own_is_taken(read):
    assert read(["31|12|2011"], use="day", formats={"day": "%d|%m|%Y"})[0] == [datetime(2011, 12, 31)]


def test_two_digit_years_are_told_from_days_by_their_spread(read):
    """Thirty days and one year: 24-01-13 can not be the 24th."""
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(200)]
    found, about = read([f"{day:%y-%m-%d}" for day in days], use="day")
    assert [moment.date() for moment in found] == days
    assert about.evidence == ("year_first_by_spread=200",)


def test_a_column_that_nothing_reads_may_be_ambiguous(company, rows):
    text = "id,day,paid,birthday,weight\na,2024-01-31,5,01/02/2011,1.234\n"
    assert len(rows(company({"o.csv": text}))) == 1


def test_a_column_that_an_expression_reads_as_text_is_not_decided(company, rows):
    text = "id,day,paid,code\na,01/02/2024,1.234,1.234\n"
    columns = {
        "customer_id": "id",
        "ordered_at": "strptime(day, '%d/%m/%Y')",
        "amount": "CAST(replace(paid, '.', '') AS DOUBLE)",
        "category": "code || 'x'",
    }
    source = company({"o.csv": text}, {"transactions": {"from": "o.csv", "columns": columns}})
    found = rows(source, as_of="2024-02-29")
    assert found.iloc[0][["ordered_at", "amount", "category"]].tolist() == [
        datetime(2024, 2, 1),
        Decimal("1234.0000"),
        "1.234x",
    ]


def test_a_time_in_a_computation_is_a_time_and_a_number_a_number(company, rows):
    text = "id,day,paid,tax\n" + "".join(f'a,{n}/1/2024,"1.234,5{n % 10}","0,5"\n' for n in range(1, 29))
    columns = {
        "customer_id": "id",
        "ordered_at": "day + INTERVAL 1 HOUR",
        "amount": "CASE WHEN day >= '2024-01-15' THEN paid * tax ELSE 0 END",
    }
    found = rows(
        company({"o.csv": text}, {"transactions": {"from": "o.csv", "columns": columns}}), as_of="2024-01-31"
    )
    assert found.ordered_at.dt.hour.eq(1).all()
    assert found.amount.sum() == sum(Decimal(f"1234.5{n % 10}") / 2 for n in range(15, 29))


def test_products_of_exact_numbers_are_exact(company, load):
    lines = "".join(f"a,2024-01-31,{n},0.07,0.{n:02d}\n" for n in range(1, 100))
    columns = {"customer_id": "id", "ordered_at": "day", "amount": "n * price * rate"}
    source = company(
        {"o.csv": "id,day,n,price,rate\n" + lines}, {"transactions": {"from": "o.csv", "columns": columns}}
    )
    expected = sum(Decimal(n) * Decimal("0.07") * Decimal(n) / 100 for n in range(1, 100))
    assert load(source).totals["transactions"].whole.revenue["used"] == expected


DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%m-%d-%y",
    "%y/%m/%d",
    "%Y年%m月%d日",
    "%d-%b-%Y",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
)
MAY_BE_AMBIGUOUS = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d.%m.%y", "%m-%d-%y", "%y/%m/%d")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
AMBIGUOUS = (" that can be read as ", "with three digits behind the only mark")


def read_or_refused(read, cells, **given):
    try:
        return read(cells, **given)[0], ""
    except WorkbenchError as error:
        return [], str(error)


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.datetimes(datetime(1975, 1, 1), datetime(2049, 12, 31)), min_size=1, max_size=12),
    format_=st.sampled_from(DATE_FORMATS),
    clock=st.sampled_from(CLOCKS),
)
def test_a_written_time_is_read_back_or_refused_as_ambiguous(read, days, format_, clock):
    whole = format_ if "%H" in format_ else format_ + clock
    assume(not (format_ == "%Y%m%d" and clock == " %I:%M %p"))
    meant = [datetime.strptime(day.strftime(whole), whole) for day in days]
    found, refusal = read_or_refused(read, [day.strftime(whole) for day in days], use="day")
    assert found == meant or (AMBIGUOUS[0] in refusal and format_ in MAY_BE_AMBIGUOUS)


def written(value: Decimal, mark: str, group: str) -> str:
    digits = f"{abs(value):,.{max(0, -value.as_tuple().exponent)}f}"
    text = digits.replace(",", "\0").replace(".", mark).replace("\0", group)
    return f"-{text}" if value < 0 else text


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(
        st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=2)
        | st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=3)
        | st.integers(-(10**7), 10**7).map(Decimal),
        min_size=1,
        max_size=12,
    ),
    marks=st.sampled_from(
        [(".", ","), (",", "."), (".", ""), (",", ""), (",", " "), (".", "'"), (",", "\u202f")]
    ),
)
def test_a_written_number_is_read_back_or_refused_as_ambiguous(read, values, marks):
    cells = [written(value, *marks) for value in values]
    found, refusal = read_or_refused(read, cells)
    if refusal:
        # Warranted only where each cell with a mark has one, three digits behind and one to three before it.
        marked = [cell for cell in cells if set(cell) & {".", ","}]
        assert AMBIGUOUS[1] in refusal
        assert marked
        assert all(re.fullmatch(r"-?[1-9]\d{0,2}[.,]\d{3}", cell) for cell in marked)
    else:
        assert [Decimal(str(value)) for value in found] == values
