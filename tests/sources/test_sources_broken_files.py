"""Does every broken file get one message with file, place and count, and none a wrong figure in silence?"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

HEAD = "id,day,paid\n"
ROW = "Wu Mei,2024-01-31,5.50\n"
LINES = HEAD + ROW * 30
COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "paid"}
FRAME = pd.DataFrame({"id": ["Wu Mei"] * 3, "day": ["2024-01-31"] * 3, "paid": [5.5] * 3})
MEND = "Mend the file or export it again."


def write(folder: Path, name: str, content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return name


def text(content: str | bytes, name: str = "o.csv") -> Callable[[Path], str]:
    return lambda folder: write(folder, name, content)


def book(rows: list[list[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def locked(folder: Path) -> str:
    with (folder / "o.xlsx").open("wb") as target:
        OOXMLFile(io.BytesIO(book([["id", "day", "paid"], ["Wu Mei", "2024-01-31", 5]]))).encrypt("x", target)
    return "o.xlsx"


def a_folder(folder: Path) -> str:
    (folder / "o.csv").mkdir()
    return "o.csv"


def a_zip(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, LINES)
    return content.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    return content.getvalue()


def nested(folder: Path) -> str:
    cells = [[{"value": 1}]]
    table = pa.table({"id": ["a"], "day": ["2024-01-31"], "paid": pa.array(cells)})
    pq.write_table(table, folder / "o.parquet")
    return "o.parquet"


def parts(folder: Path) -> str:
    write(folder, "o1.csv", LINES)
    write(folder, "o2.csv", LINES.replace("paid", "sum"))
    return "o*.csv"


def mixed_forms(folder: Path) -> str:
    write(folder, "o1.csv", LINES)
    write(folder, "o2.parquet", parquet(FRAME))
    return "o*"


def twin_texts(folder: Path) -> str:
    write(folder, "o1.csv", LINES)
    write(folder, "o2.csv", LINES + "x,2\n")
    return "o*.csv"


def dates(*days: str, paid: str = "5.5") -> str:
    return HEAD + "".join(f"a,{day},{paid}\n" for day in days)


def amounts(*cells: str) -> str:
    return HEAD + "".join(f'a,2024-01-31,"{cell}"\n' for cell in cells)


def objects(*rows: object) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


OBJECT = {"id": "Wu Mei", "day": "2024-01-31", "paid": 5.5}
WHOLE_GZIP = gzip.compress(
    (HEAD + "".join(f"c{n},2024-01-31,{n * 7919 % 1000}\n" for n in range(20_000))).encode()
)
DAMAGED_GZIP = bytearray(WHOLE_GZIP)
DAMAGED_GZIP[len(WHOLE_GZIP) // 2] ^= 0xFF
ZSTD = pa.Codec("zstd").compress((HEAD + ROW * 5_000).encode(), asbytes=True)
EMPTY = "the file must be one with a line of names and rows; got {}. Check the export."
CELLS = (
    "the file must be text with {} cells in every line; got {}. "
    "Mend the file, or say its `separator` (found: {})."
)
PACKED = "the file must be whole as it was packed; got {}. Copy it again."
ORDERS = "'day' must be dates of one order; got "
ONE_ORDER = 'Add `formats: {{day: "{}"}}` to the table, or "{}".'
QUARANTINED = "Cells written otherwise go to quarantine then."
MARKS = "'paid' must be numbers with one "
OR_COMMA = 'Add `formats: {paid: "decimal point"}` to the table, or "decimal comma".'

# By what is broken: how it is made, and the whole message behind the source file's name and the table's.
FILES: dict[str, tuple[Callable[[Path], str], str]] = {
    "empty": (text(""), "o.csv: " + EMPTY.format("an empty file (0 bytes)")),
    "blank lines only": (text("\n\n  \n"), "o.csv: " + EMPTY.format("blank lines only")),
    "gzip of nothing": (
        text(gzip.compress(b""), "o.csv.gz"),
        "o.csv.gz: " + EMPTY.format("an empty file (0 bytes)"),
    ),
    "gzip cut off in the middle": (
        text(WHOLE_GZIP[: len(WHOLE_GZIP) // 2], "o.csv.gz"),
        "o.csv.gz: " + PACKED.format("one that ends in the middle"),
    ),
    "gzip without its last bytes, whole lines until there": (
        text(WHOLE_GZIP[:-4], "o.csv.gz"),
        "o.csv.gz: " + PACKED.format("one that ends in the middle"),
    ),
    "gzip with a damaged byte": (
        text(bytes(DAMAGED_GZIP), "o.csv.gz"),
        "o.csv.gz: " + PACKED.format("damaged bytes"),
    ),
    "gzip that is none": (
        text(LINES, "o.csv.gz"),
        "o.csv.gz: the file must be compressed as its name says; got other bytes. Rename it, or "
        "pack it again.",
    ),
    "Zstandard cut off": (
        text(ZSTD[:-9], "o.csv.zst"),
        "o.csv.zst: " + PACKED.format("one that ends in the middle"),
    ),
    "NUL bytes": (
        text(LINES + "x\0,2024-01-31,\0\n"),
        "o.csv: the file must be text; got 2 NUL bytes. It is damaged or no text: export it again.",
    ),
    "one byte that is no UTF-8 among many that are": (
        text((LINES + "吴梅,2024-01-31,5\n" * 20).encode() + b"\xe5,2024-01-31,5\n"),
        "o.csv: the file must be text in UTF-8 throughout; got bytes that are none (first in line 52). "
        + MEND,
    ),
    "Chinese of which one character fits two encodings": (
        text((LINES + "男,2024-01-31,5\n").encode("gbk")),
        "o.csv: the encoding must be one that the letters tell; got one that fits gb18030 and cp950. "
        "Say which it is, as in `encoding: gb18030`.",
    ),
    "Russian letters": (
        text((LINES + "Иван Петров,2024-01-31,5\n").encode("cp1251")),
        "o.csv: the encoding must be one that the letters tell; got one that fits none of the usual. "
        "Say which it is, as in `encoding: cp1251`.",
    ),
    "GB18030 with a broken end": (
        text((LINES + "顾客吴梅,2024-01-31,5\n" * 20).encode("gbk") + b"\xc4"),
        "o.csv: the encoding must be one that the letters tell; got one that fits none of the usual. "
        "Say which it is, as in `encoding: cp1251`.",
    ),
    "header twice": (
        text(LINES.replace("day", "ID ")),
        "o.csv: the first line must be names of columns that differ; got 'ID' twice. Rename one "
        "of them in the file.",
    ),
    "values twice in a first line of values": (
        text(ROW.replace("5.50", "2024-01-31") * 3),
        "o.csv: the first line must be names of columns that differ; got 1 that stand twice. "
        "If the first line holds values, list the names under `names`.",
    ),
    "a name that the rows need": (
        text(LINES.replace("day", "_row")),
        "o.csv: the first line must be other names than _row and _unread; got '_row'. "
        "Rename the column in the file.",
    ),
    "a line with more cells": (
        text(LINES + "x,2,3,4,5\n"),
        "o.csv: " + CELLS.format(3, "1 with another number (first: line 32)", ","),
    ),
    "lines with fewer cells": (
        text(LINES + "x,2\ny\n"),
        "o.csv: " + CELLS.format(3, "2 with another number (first: line 32)", ","),
    ),
    "a wrong cell count in the second of two files": (
        twin_texts,
        "o2.csv: " + CELLS.format(3, "1 with another number (first: line 32)", ","),
    ),
    "a title above the names": (
        text("Orders of January\n" + LINES),
        "o.csv: the file must be one whose first line holds the names of the columns; "
        "got 1 cell in the first line and 3 in the others. "
        "Take the lines above the names out of the file, or say `separator`.",
    ),
    "a quote that is never closed": (
        text(LINES + '"Wu Mei,2024-01-31,5\n' + ROW * 3),
        "o.csv: the file must be text in quotes that are closed; "
        f"got a quote that ends in the middle of a cell or never (line 32). {MEND}",
    ),
    "a quote in the first line that is never closed": (
        text('"' + LINES),
        "o.csv: the file must be text in quotes that are closed; "
        f"got a quote that ends in the middle of a cell or never (line 1). {MEND}",
    ),
    "one line of three megabytes": (
        text("x" * 3_000_000),
        "o.csv: the first line must be names of at most 255 characters; got one of 262,144 or more. "
        "If the first line holds values, list the names under `names`.",
    ),
    "a field of ten megabytes": (
        text(LINES + f'"{"x" * 10_000_000}",2024-01-31,5\n'),
        "o.csv: the file must be text in lines of 2 MB at most; got a longer one (line 32). "
        "Is a quote never closed there?",
    ),
    "a folder": (
        a_folder,
        "o.csv: the file must be one that can be read; got a folder. Check the path and its permissions.",
    ),
    "a document": (
        text(b"%PDF-1.7", "o.pdf"),
        "o.pdf: the file must be a CSV, JSON lines, Parquet or Excel file; got 'o.pdf'. "
        "Save the table in one of these forms.",
    ),
    "an archive": (
        text(a_zip("o.csv"), "o.csv.zip"),
        "o.csv.zip: the file must be a CSV, JSON lines, Parquet or Excel file; got 'o.csv.zip'. "
        "Save the table in one of these forms.",
    ),
    "a book that is an archive of something else": (
        text(a_zip("o.csv"), "o.xlsx"),
        f"o.xlsx: the file must be an Excel book; got a file that is none. {MEND}",
    ),
    "half a book": (
        text(book([["id", "day", "paid"], ["a", "2024-01-31", 5]])[:2_000], "o.xlsx"),
        f"o.xlsx: the file must be an Excel book; got a file that is none. {MEND}",
    ),
    "a text called a book": (
        text(LINES, "o.xls"),
        f"o.xls: the file must be an Excel book; got a file that is none. {MEND}",
    ),
    "a book with a password": (
        locked,
        "o.xlsx: the file must be an Excel book that opens; got one protected by a password. "
        "Save it without a password.",
    ),
    "an empty sheet": (
        text(book([]), "o.xlsx"),
        "o.xlsx: the file must be a sheet with a line of names and rows; got an empty sheet "
        "('Sheet'). Choose one.",
    ),
    "a sheet with a half-empty line of names": (
        text(
            book([["id", "day", "paid", None, None, None, None], ["a", "2024-01-31", 5, 1, 2, 3, 4]]),
            "o.xlsx",
        ),
        "o.xlsx: the file must be one whose first line holds the names of the columns; "
        "got 3 of 7 columns named in line 1 of o.xlsx [Sheet]. Take the lines above the names "
        "out of the sheet.",
    ),
    "a sheet with values below its title": (
        text(book([["Orders"], ["a", "2024-01-31", 5], ["b", "2024-01-30", 6]]), "o.xlsx"),
        "o.xlsx: the file must be one whose first full line holds the names of the columns; "
        "got values in line 2, below 1 that are no rows. Take the lines above the names out of the sheet.",
    ),
    "a name twice in a sheet": (
        text(book([["id", "day", "paid", "Paid"], ["a", "2024-01-31", 5, 6]]), "o.xlsx"),
        "o.xlsx: the first line must be names of columns that differ; got 'Paid' twice. "
        "Rename one of them in the file.",
    ),
    "Parquet that is none": (
        text(LINES, "o.parquet"),
        f"o.parquet: the file must be a Parquet file; got one that is none, or not whole. {MEND}",
    ),
    "half of a Parquet file": (
        text(parquet(FRAME)[:-20], "o.parquet"),
        f"o.parquet: the file must be a Parquet file; got one that is none, or not whole. {MEND}",
    ),
    "Parquet beside CSV": (
        mixed_forms,
        "o1.csv: the file must be a Parquet file as the others of the table; got another form. "
        "Give one form.",
    ),
    "JSON in one piece": (
        text(json.dumps([OBJECT], indent=1), "o.jsonl"),
        "o.jsonl: the file must be one JSON object in each line; got a line that is none (line 1). "
        "Write each object in a line of its own.",
    ),
    "a JSON line cut off": (
        text(objects(OBJECT, OBJECT, '{"id": "Wu Mei", "da'), "o.jsonl"),
        f"o.jsonl: the file must be one JSON object in each line; got a line that is none (line 3). {MEND}",
    ),
    "a JSON list among objects": (
        text(objects(OBJECT, [1, 2]), "o.ndjson"),
        "o.ndjson: the file must be one JSON object in each line; got another value (line 2). "
        "Write each object in a line of its own.",
    ),
    "a JSON name twice in one object": (
        text(objects(OBJECT, '{"id": "Wu Mei", "paid": 1, "paid": 2}'), "o.jsonl"),
        f"o.jsonl: the file must be one JSON object in each line; got a name that stands twice in "
        f"an object (line 2). {MEND}",
    ),
}
CONTENTS: dict[str, tuple[Callable[[Path], str], str]] = {
    "a part without the column of the amount": (
        parts,
        "from: the column 'paid' must be in every file of the table; got none in 1 of the files "
        "(first: 'o2.csv'). "
        "Name the column there as in the other files, or take the file out of the glob.",
    ),
    "a nested column": (
        nested,
        "from: the column 'paid' must be of numbers, times, truths or texts; got struct. Map another one.",
    ),
    "days that may be months": (
        text(dates("01/02/2011", "03/04/2011", "05/05/2011")),
        f"formats: the column {ORDERS}3 cells that can be read as %d/%m/%Y and as %m/%d/%Y. "
        + ONE_ORDER.format("%d/%m/%Y", "%m/%d/%Y"),
    ),
    "days first and months first in one column": (
        text(dates("13/02/2011", "14/02/2011", "02/13/2011", "01/01/2011")),
        f"formats: the column {ORDERS}2 cells that are dates in one order only and 1 cell in "
        f"another one only. {ONE_ORDER.format('%d/%m/%Y', '%m/%d/%Y')} {QUARANTINED}",
    ),
    "years that may be days": (
        text(dates("11-12-10", "11-12-11")),
        f"formats: the column {ORDERS}2 cells that can be read as %d-%m-%y and as %m-%d-%y and as %y-%m-%d. "
        + ONE_ORDER.format("%d-%m-%y", "%m-%d-%y"),
    ),
    "marks that may group or part": (
        text(amounts("1.234", "12.500", "7")),
        f"formats: the column {MARKS}meaning; got 2 cells with three digits behind the only mark, "
        f"which may group or part them. {OR_COMMA}",
    ),
    "commas that may group or part": (
        text(amounts("1,234", "999")),
        f"formats: the column {MARKS}meaning; got 1 cell with three digits behind the only mark, "
        f"which may group or part them. {OR_COMMA}",
    ),
    "decimal points and commas in one column": (
        text(amounts("1.5", "2.5", "3,5")),
        f"formats: the column {MARKS}decimal mark; got 2 cells with a point for it and 1 cell with a comma. "
        f"{OR_COMMA} {QUARANTINED}",
    ),
    "two currencies in one column": (
        text(amounts("$5.00", "$6.00", "€7.00")),
        "formats: the column 'paid' must be amounts in one currency; got 2 currencies (2 cells in the first, "
        "1 cell in the next). Split the column by currency, or add `formats: {paid: text}` and "
        "read it by an expression.",
    ),
    "date cells that a spreadsheet made of some texts only": (
        text(
            book([["id", "day", "paid"], ["a", pd.Timestamp("2011-02-01"), 5], ["b", "13/02/2011", 6]]),
            "o.xlsx",
        ),
        "formats: the column 'day' must be dates of one kind; got 1 cell of dates and 1 cell of texts "
        "with day or month first (a spreadsheet may have swapped the former). Make all of them "
        "dates in the book. " + ONE_ORDER.format("%d/%m/%Y", "%m/%d/%Y"),
    ),
}
QUARANTINE = (
    "rows that break the schema must be at most 1.0% of {}; got {}. "
    "Correct the mapping, exclude them by a rule, or raise max_bad_rows."
)
ROWS: dict[str, tuple[Callable[[Path], str], str]] = {
    "NaN and inf amounts": (
        text(amounts("NaN", "inf", "-Infinity", "5.5", "6.5")),
        QUARANTINE.format(5, "3 (60.0%): unreadable amount: 3"),
    ),
    "words among the amounts": (
        text(amounts("five", *["5.5"] * 9)),
        QUARANTINE.format(10, "1 (10.0%): unreadable amount: 1"),
    ),
    "dates that are no days": (
        text(dates("2024-02-30", "2024-13-01", *["2024-01-31"] * 8)),
        QUARANTINE.format(10, "2 (20.0%): unreadable ordered_at: 2"),
    ),
    "percentages among the amounts": (
        text(amounts("50%", *["5.5"] * 9)),
        QUARANTINE.format(10, "1 (10.0%): unreadable amount: 1"),
    ),
    "JSON numbers that are none": (
        text(objects(*[OBJECT] * 9, '{"id": "a", "day": "2024-01-31", "paid": NaN}'), "o.jsonl"),
        QUARANTINE.format(10, "1 (10.0%): unreadable amount: 1"),
    ),
    "names and nothing below": (text(HEAD), "the table must be one with rows; got 0 rows. Check the file."),
    "a sheet of names only": (
        text(book([["id", "day", "paid"]]), "o.xlsx"),
        "the table must be one with rows; got 0 rows. Check the file.",
    ),
}


@pytest.fixture
def message(company, refused):
    """The refusal of a source whose one table lies in a file made by `maker`."""

    def of(maker: Callable[[Path], str], **table: object) -> str:
        source = company({"source.yml": ""}, {"transactions": {"from": "x", "columns": COLUMNS}})
        name = maker(source.parent)
        about = {"from": name, "columns": COLUMNS} | table
        source.write_text(json.dumps({"tables": {"transactions": about}}))
        return refused(source)

    return of


@pytest.mark.parametrize(("maker", "expected"), FILES.values(), ids=FILES)
def test_a_broken_file_gets_one_message(message, maker, expected):
    assert message(maker) == f"tables.transactions.from: {expected}"


@pytest.mark.parametrize(("maker", "expected"), CONTENTS.values(), ids=CONTENTS)
def test_columns_that_leave_their_meaning_open_get_one_message(message, maker, expected):
    assert message(maker) == f"tables.transactions.{expected}"


@pytest.mark.parametrize(("maker", "expected"), ROWS.values(), ids=ROWS)
def test_broken_rows_are_counted_by_reason(message, maker, expected):
    assert message(maker) == f"tables.transactions: {expected}"


SAID: dict[str, tuple[dict[str, object], str]] = {
    "an encoding that is none": (
        {"encoding": "gbk18030"},
        "from: o.csv: encoding must be one that Python knows; got 'gbk18030'. Did you mean 'gb18030'?",
    ),
    "an encoding that the file is not in": (
        {"encoding": "utf-16"},
        "from: o.csv: the file must be text in utf-16 throughout; got bytes that are none (first in line 1). "
        "Mend the file, or say another encoding, as in `encoding: gb18030`.",
    ),
    "a separator of two characters": (
        {"separator": "||"},
        "from: o.csv: separator must be one character, or `whitespace`; got 2 characters. As in "
        "`separator: ;`.",
    ),
    "a separator that is not in the file": (
        {"separator": ";"},
        "columns.customer_id: the column must be one that the file has; got 'id'. The file has: id,day,paid.",
    ),
    "more names than columns": (
        {"names": ["id", "day", "paid", "more"]},
        "from: o.csv: names must be as many as the file has columns; got 4 names for 3 columns. "
        "Name every column, in the order of the file.",
    ),
    "a format of a column that is not there": (
        {"formats": {"dy": "%d/%m/%Y"}},
        "formats: the column must be one of day, id, paid; got 'dy'. Did you mean 'day'?",
    ),
    "a word that is no format": (
        {"formats": {"paid": "decimal coma"}},
        "formats: the format of 'paid' must be a date format such as %d/%m/%Y, or one of excel, "
        "unix, decimal point, "
        "decimal comma, text; got 'decimal coma'. Did you mean 'decimal comma'?",
    ),
    "a date format that is none": (
        {"formats": {"day": "%d/%Q"}},
        "formats: the format of 'day' must be a date format such as %d/%m/%Y, or one of excel, "
        "unix, decimal point, "
        "decimal comma, text; got '%d/%Q'. As in `formats: {day: \"%d/%m/%Y\"}`.",
    ),
    "a format that fits no cell": (
        {"formats": {"day": "%d/%m/%Y"}},
        ": " + QUARANTINE.format(30, "30 (100.0%): unreadable ordered_at: 30"),
    ),
}


@pytest.mark.parametrize(("table", "expected"), SAID.values(), ids=SAID)
def test_what_the_source_file_says_wrongly_gets_one_message(message, table, expected):
    found = message(text(LINES), **table)
    assert found == f"tables.transactions{'' if expected.startswith(':') else '.'}{expected}"


@pytest.mark.parametrize("kind", [*FILES, *CONTENTS, *ROWS])
def test_no_message_quotes_a_row(message, kind):
    maker, _ = (FILES | CONTENTS | ROWS)[kind]
    found = message(maker)
    assert not any(value in found for value in ("Wu", "Mei", "吴", "梅", "2024-01", "Иван", "2011"))


def test_a_file_that_the_system_does_not_give(message, monkeypatch):
    """Root may read everything: the refusal of the system is played."""
    given = Path.open

    def denied(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == "o.csv":
            raise PermissionError(13, "Permission denied")
        return given(self, *args, **kwargs)

    maker = text(LINES)

    def maker_then_denied(folder: Path) -> str:
        name = maker(folder)
        monkeypatch.setattr(Path, "open", denied)
        return name

    assert message(maker_then_denied) == (
        "tables.transactions.from: o.csv: the file must be one that can be read; got permission denied. "
        "Check the path and its permissions."
    )
