"""What was guessed: tables, columns, rules, what was left out, what must be asked; and that in words."""

from dataclasses import dataclass, field
from pathlib import Path

from workbench.language import shown_width

# A score from here on is told as sure, from there on as likely; everything below is told to be a guess.
SURE, LIKELY = 0.88, 0.6
WIDEST = 40  # places of an expression before what follows it is no longer aligned


def confidence(score: float) -> str:
    """`score` in a word."""
    return "sure" if score >= SURE else "likely" if score >= LIKELY else "a guess"


@dataclass(frozen=True)
class ColumnGuess:
    """One canonical column.

    Attributes
    ----------
    expression : str
        SQL over the file's columns.
    reads : tuple of str
        The file's columns in it.
    score : float
        0 to 1.
    why : str
    """

    canonical: str
    expression: str
    reads: tuple[str, ...]
    score: float
    why: str


@dataclass(frozen=True)
class RuleGuess:
    """A proposed business rule; one that is not `active` is written as a comment."""

    name: str
    when: str
    action: str
    english: str
    chinese: str
    why: str
    active: bool = True


@dataclass(frozen=True)
class Question:
    """What the data do not say: one line of the source file to correct.

    Attributes
    ----------
    line : str
        The line, as it stands there as a comment.
    """

    what: str
    line: str
    blocking: bool = True


@dataclass(frozen=True)
class TableGuess:
    """One canonical table and the file or files that hold it.

    Attributes
    ----------
    paths : tuple of Path
        More than one where files of the same columns are read as one.
    pattern : str
        Name of the file, or the glob of all `paths`, without its folder.
    encoding : str or None
        Only where the file's letters fit several.
    written : tuple of str
        Encoding and separator of a text file as they were found out, for the reader.
    names : tuple of str
        Names for the columns of a file without a line of names.
    attributes : tuple of str or None
        None: all further columns are kept.
    left_out : dict of str to str
        Columns of the file that are not mapped, each with the reason.
    """

    table: str
    paths: tuple[Path, ...]
    pattern: str
    rows: int
    score: float
    columns: tuple[ColumnGuess, ...]
    sheet: str | None = None
    encoding: str | None = None
    written: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    formats: dict[str, str] = field(default_factory=dict)
    where: str | None = None
    attributes: tuple[str, ...] | None = ()
    rules: tuple[RuleGuess, ...] = ()
    questions: tuple[Question, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def expressions(self) -> dict[str, str]:
        """The mapping: canonical column to SQL."""
        return {column.canonical: column.expression for column in self.columns}

    @property
    def shown(self) -> str:
        """The file as it is called in messages."""
        return f"{self.pattern} [{self.sheet}]" if self.sheet else self.pattern


@dataclass(frozen=True)
class Guess:
    """All that was guessed from the files.

    Attributes
    ----------
    source_path, study_path : Path or None
        The files written; no study where the tables found are not enough for one.
    relations : tuple of str
        How the files' ids hang together, in words.
    not_used : tuple of str
        Files and sheets in which no table was recognised, or another one was preferred, with the reason.
    """

    tables: tuple[TableGuess, ...]
    study: str
    title: str
    language: str
    currency: str
    currency_why: str
    timezone: str
    timezone_why: str
    relations: tuple[str, ...] = ()
    not_used: tuple[str, ...] = ()
    source_path: Path | None = None
    study_path: Path | None = None

    def in_words(self) -> list[str]:
        """The guess as lines of plain text for a terminal."""
        lines = [line for table in self.tables for line in (*_table_lines(table), "")]
        lines += _listed("How the files hang together:", self.relations)
        lines += _listed("Not used:", self.not_used)
        lines += [
            f"Currency {self.currency} ({self.currency_why}); "
            f"time zone {self.timezone} ({self.timezone_why})."
        ]
        questions = [question for table in self.tables for question in table.questions]
        lines += _listed("To decide, one line each in the source file:", [q.what for q in questions])
        return lines + _next_lines(self)


def _table_lines(table: TableGuess) -> list[str]:
    lines = [
        f"{table.shown} ({table.rows:,} rows) -> {table.table}, {confidence(table.score)} ({table.score:.2f})"
    ]
    width = max(len(column.canonical) for column in table.columns)
    wide = min(WIDEST, max(shown_width(column.expression) for column in table.columns))
    for column in table.columns:
        sure = f"{confidence(column.score)} {column.score:.2f}"
        blanks = " " * max(0, wide - shown_width(column.expression))
        lines.append(f"  {column.canonical:<{width}}  {column.expression}{blanks}  {sure}: {column.why}")
    if table.attributes is None:
        lines.append("  every other column is kept as an attribute")
    elif table.attributes:
        lines.append(f"  attributes: {', '.join(table.attributes)}")
    for rule in table.rules:
        state = "rule" if rule.active else "rule, as a comment only,"
        lines.append(f"  {state} {rule.name} ({rule.action}): {rule.when}  ({rule.why})")
    lines += [f"  left out {name}: {why}" for name, why in table.left_out.items()]
    return lines + [f"  note: {note}" for note in table.notes]


def _listed(title: str, entries: tuple[str, ...] | list[str]) -> list[str]:
    return [title, *(f"  {entry}" for entry in entries), ""] if entries else []


def _next_lines(guess: Guess) -> list[str]:
    if guess.source_path is None:
        return []
    lines = [f"Written: {guess.source_path}"]
    if guess.study_path is None:
        return [
            *lines,
            "No study was written: it needs transactions, subscriptions or feedback. Give those files too.",
        ]
    return [*lines, f"Written: {guess.study_path}", f"Next: workbench check {guess.study_path}"]
