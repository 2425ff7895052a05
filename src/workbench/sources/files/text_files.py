"""Text files: opened, decompressed, decoded to the end, and given to the engine as plain UTF-8."""

import codecs
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import nearest, refusal
from workbench.sources.files import encodings
from workbench.sources.files.streams import CHUNK_BYTES, broken, chunks, compression

HEAD_CHARACTERS = 1 << 18  # of the beginning, by which separator and names are found
SAMPLE_BYTES = 1 << 18  # of lines with letters outside ASCII, by which the encoding is found
WHITESPACE = "whitespace"
LINE_END = re.compile(r"\r\n|\n|\r")
TOP = re.compile(
    r"(?:[ \t]*(?:\r\n|\n|\r))*(?:\"?sep=(?P<separator>[^\"\r\n])\"?[ \t]*(?:\r\n|\n|\r))?", re.IGNORECASE
)
PLAIN = ("utf-8", "utf-8-sig", "ascii")


@dataclass(frozen=True)
class TextFile:
    """A text file that was decoded from its first byte to its last.

    Attributes
    ----------
    encoding : str
        Python's name of the codec.
    head : str
        Its beginning, without the lines that are left out.
    whole : bool
        Whether the head is all of it.
    line_ends : str
        ``lf``, ``crlf``, ``cr``, or ``mixed``: also where texts in quotes hold other ones than the lines.
    lines_left_out : int
        At the top: blank lines, and a spreadsheet's ``sep=;``.
    separator : str or None
        What such a line says.
    """

    path: Path
    encoding: str
    head: str
    whole: bool
    line_ends: str
    lines_left_out: int = 0
    separator: str | None = None

    @property
    def compression(self) -> str:
        """The engine's name of the file's compression."""
        return compression(self.path)


@dataclass
class _Scan:
    """What one pass over the bytes tells."""

    head: bytes = b""
    sample: bytes = b""
    size: int = 0
    zeros: int = 0
    crlf: int = 0
    lf: int = 0
    cr: int = 0
    bad_line: int = 0


def examined(path: Path, encoding: str | None = None) -> TextFile:
    """The text file `path` with its encoding, after one pass over all of it.

    The encoding is the one given; else what the byte order mark says; else UTF-8 if every byte fits; else
    what `encodings.by_letters` finds in the lines that hold letters outside ASCII.

    Raises
    ------
    WorkbenchError
        If the file is empty, cut off, holds NUL bytes, or its encoding can not be told.
    """
    scan = _scanned(path)
    if scan.size == 0:
        raise broken(
            path, "one with a line of names and rows", "an empty file (0 bytes)", "Check the export."
        )
    marked = encodings.by_mark(scan.head)
    codec = _known(path, encoding) if encoding else marked or encodings.without_mark(scan.head)
    if scan.zeros and not (codec and codec.startswith(("utf-16", "utf_16", "utf-32", "utf_32"))):
        got = f"{scan.zeros:,} NUL bytes"
        raise broken(path, "text", got, "It is damaged or no text: export it again.")
    if codec is None:
        codec = "utf-8" if not scan.bad_line else _found(path, scan)
    elif codec not in ("utf-8", "utf-8-sig") or scan.bad_line:
        check_decodes(path, codec)
    head, whole = _head(path, codec)
    if not head.strip("\ufeff \t\r\n"):
        raise broken(path, "one with a line of names and rows", "blank lines only", "Check the export.")
    top = TOP.match(head)
    assert top is not None
    left_out = len(LINE_END.findall(top.group()))
    return TextFile(path, codec, head[top.end() :], whole, _line_ends(scan), left_out, top["separator"])


def _scanned(path: Path) -> _Scan:
    scan, decoder = _Scan(), codecs.getincrementaldecoder("utf-8")()
    carried, lines = b"", 1
    for chunk in chunks(path):
        if not scan.size:
            scan.head = chunk
        scan.size += len(chunk)
        scan.zeros += chunk.count(0)
        crlf = chunk.count(b"\r\n") + (carried == b"\r" and chunk.startswith(b"\n"))
        scan.crlf += crlf
        scan.lf += chunk.count(b"\n")
        scan.cr += chunk.count(b"\r")
        carried = chunk[-1:]
        if not scan.bad_line:
            scan.bad_line = _bad_line(decoder, chunk, lines)
            lines += chunk.count(b"\n")
        if not chunk.isascii() and len(scan.sample) < SAMPLE_BYTES:
            scan.sample += _lines_outside_ascii(chunk, first=scan.size == len(chunk))
    if not scan.bad_line:
        scan.bad_line = _bad_line(decoder, b"", lines, final=True)
    scan.lf -= scan.crlf
    scan.cr -= scan.crlf
    return scan


def _bad_line(decoder: codecs.IncrementalDecoder, chunk: bytes, line: int, *, final: bool = False) -> int:
    """The line of the first byte that the decoder refuses, or 0."""
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        return line + error.object[: error.start].count(b"\n")
    return 0


def _lines_outside_ascii(chunk: bytes, *, first: bool) -> bytes:
    """The whole lines of `chunk` that hold bytes outside ASCII, up to `SAMPLE_BYTES`."""
    lines = chunk.splitlines(keepends=True)
    if not first:
        lines = lines[1:]  # it may begin, and the last one end, inside a character
    if len(chunk) == CHUNK_BYTES:
        lines = lines[:-1]
    sample = b""
    for line in lines:
        if len(sample) >= SAMPLE_BYTES:
            break
        sample += b"" if line.isascii() else line
    return sample


def _known(path: Path, encoding: str) -> str:
    try:
        info = codecs.lookup(encoding)
        if info._is_text_encoding:
            return info.name
    except LookupError:
        pass
    near = nearest(encoding, encodings.COMMON)
    hint = f"Did you mean '{near}'?" if near else f"As in {', '.join(encodings.COMMON[:6])}."
    raise refusal(str(path), "encoding", "one that Python knows", f"'{encoding}'", hint)


def _found(path: Path, scan: _Scan) -> str:
    if encodings.damaged_utf8(scan.sample):
        got = f"bytes that are none (first in line {scan.bad_line:,})"
        raise broken(path, "text in UTF-8 throughout", got)
    codec, close = encodings.by_letters(scan.sample)
    if codec is None:
        got = f"one that fits {' and '.join(close)}" if close else "one that fits none of the usual"
        hint = f"Say which it is, as in `encoding: {close[0] if close else 'cp1251'}`."
        raise refusal(str(path), "the encoding", "one that the letters tell", got, hint)
    check_decodes(path, codec)
    return codec


def check_decodes(path: Path, codec: str) -> None:
    """Refuse a file that is not `codec` from its first byte to its last, with the line of the first slip."""
    decoder, lines = codecs.getincrementaldecoder(codec)(), 1
    try:
        for chunk in chunks(path):
            lines += decoder.decode(chunk).count("\n")
        decoder.decode(b"", True)
    except UnicodeError as error:  # UTF-16 without its mark is no UnicodeDecodeError
        if isinstance(error, UnicodeDecodeError):
            with suppress(UnicodeDecodeError):
                lines += error.object[: error.start].decode(codec).count("\n")
        got = f"bytes that are none (first in line {lines:,})"
        hint = "Mend the file, or say another encoding, as in `encoding: gb18030`."
        raise broken(path, f"text in {codec} throughout", got, hint) from None


def _head(path: Path, codec: str) -> tuple[str, bool]:
    decoder = codecs.getincrementaldecoder(codec)()
    head, whole = "", True
    for chunk in chunks(path):
        if len(head) >= HEAD_CHARACTERS:
            whole = False
            break
        head += decoder.decode(chunk)
    if len(head) > HEAD_CHARACTERS:
        head, whole = head[:HEAD_CHARACTERS], False
    return head.removeprefix("\ufeff"), whole


def _line_ends(scan: _Scan) -> str:
    kinds = [name for name, count in (("crlf", scan.crlf), ("lf", scan.lf)) if count]
    if len(kinds) == 2:
        return "mixed"
    return kinds[0] if kinds else ("cr" if scan.cr else "lf")


@contextmanager
def as_utf8(file: TextFile, separator: str) -> Iterator[Path]:
    """A path under which the engine finds the file as UTF-8 with one kind of line end and one separator.

    That is the file itself where it is so already (it may be compressed); else a copy, which only its owner
    can read and which is gone afterwards.
    """
    if separator != WHITESPACE and file.encoding in PLAIN and file.line_ends != "mixed":
        yield file.path
        return
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        copy = Path(folder) / "table.csv"
        with copy.open("w", encoding="utf-8", newline="") as target:
            for text in _columns_of_lines(file) if separator == WHITESPACE else _texts(file):
                target.write(text)
        yield copy


def _texts(file: TextFile) -> Iterator[str]:
    """The decoded text in pieces, without its byte order mark; every line ends with a line feed."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(file.encoding)(), translate=True)
    first = True
    for chunk in chunks(file.path):
        text = decoder.decode(chunk)
        yield text.removeprefix("\ufeff") if first else text
        first = first and not text
    yield decoder.decode(b"", final=True)


def lines_of(file: TextFile) -> Iterator[str]:
    """The decoded lines, without their ends."""
    rest = ""
    for text in _texts(file):
        *lines, rest = (rest + text).split("\n")
        yield from lines
    yield rest


def _columns_of_lines(file: TextFile) -> Iterator[str]:
    """The lines with a tab in place of each run of blanks, without blank lines."""
    for line in lines_of(file):
        if cells := line.split():
            yield "\t".join(cells) + "\n"
