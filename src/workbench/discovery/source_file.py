"""The text of the source file and of the study file: readable, commented, valid YAML."""

from collections.abc import Iterable
from os.path import relpath
from pathlib import Path

from workbench.discovery.guess import Guess, RuleGuess, TableGuess, confidence
from workbench.discovery.scalars import key, quote, remark, value
from workbench.language import shown_width

COMMENT_COLUMN = 46
LONGEST_LINE = 110
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "blank"}
HEAD = """\
# Written by `workbench init` from {files}.
# Which of the company's columns means what: on the left of each line the workbench's name, on the right an
# SQL expression (DuckDB's dialect) over the file's own columns, behind the # how sure that is, and why.
"""
STUDY_HEAD = """\
# Written by `workbench init`. Run it with: workbench run {study}
"""


def source_text(guess: Guess, out: Path, study: Path | None) -> str:
    """The source file that says what was guessed.

    Parameters
    ----------
    out : Path
        Where it will lie: the paths in it are relative to its folder.
    study : Path or None
        The study file that will lie beside it.
    """
    files = ", ".join(dict.fromkeys(path.name for table in guess.tables for path in table.paths))
    lines = HEAD.format(files=remark(files)).splitlines()
    lines.append(
        f"# Correct what is wrong, then: workbench check {study.as_posix()}"
        if study
        else "# No study can run on it yet: it needs transactions, subscriptions or feedback."
    )
    lines += [f"# {remark(line)}" for line in guess.relations]
    lines += ["engine: duckdb", "tables:"]
    for table in guess.tables:
        lines += _table(table, out.parent)
    lines += _rules([(table, rule) for table in guess.tables for rule in table.rules])
    if guess.not_used:
        lines += ["", "# Not used:", *(f"# - {remark(line)}" for line in guess.not_used)]
    return "\n".join(lines) + "\n"


def _table(table: TableGuess, folder: Path) -> list[str]:
    place = Path(relpath(table.paths[0].resolve().parent, folder.resolve())) / table.pattern
    how = f"{confidence(table.score)}; {table.rows:,} rows{_written(table)}"
    lines = ["", f"  {table.table}:  # {how}", f"    from: {value(place.as_posix())}"]
    if table.sheet:
        lines.append(f"    sheet: {value(table.sheet)}")
    if table.encoding:
        lines.append(
            f"    encoding: {table.encoding}  # the letters fit several; in this one the headers are words"
        )
    if table.names:
        lines.append(f"    names: [{', '.join(map(key, table.names))}]")
    if table.formats:
        lines.append(
            f"    formats: {{{', '.join(f'{key(name)}: {quote(p)}' for name, p in table.formats.items())}}}"
        )
    lines += [f"    # {question.line}" for question in table.questions if question.blocking]
    lines.append("    columns:")
    for column in table.columns:
        entry = f"      {column.canonical}: {value(column.expression)}"
        blanks = " " * max(0, COMMENT_COLUMN - shown_width(entry))
        lines.append(f"{entry}{blanks}  # {confidence(column.score)}: {remark(column.why)}")
        lines += [
            f"      # {q.line}"
            for q in table.questions
            if not q.blocking and q.line.startswith(f"{column.canonical}:")
        ]
    if table.where:
        lines.append(f"    where: {value(table.where)}  # rows without an answer are left out")
    if table.attributes is None:
        lines.append("    attributes: all  # every column that is not mapped above")
    elif table.attributes:
        lines += _wrapped("    attributes: [", map(key, table.attributes), "]")
    if table.left_out:
        lines.append("    # left out:")
        lines += [f"    #   {remark(name)}: {remark(why)}" for name, why in table.left_out.items()]
    return lines + [f"    # note: {remark(note)}" for note in table.notes]


def _written(table: TableGuess) -> str:
    """Encoding and separator, for the reader: they are found out anew at each reading."""
    shown = [SEPARATORS.get(part, part) for part in table.written]
    return f"; {', '.join(shown)}" if shown else ""


def _wrapped(start: str, entries: Iterable[str], end: str) -> list[str]:
    """A list in brackets over as many lines as it needs."""
    lines, indent = [start], " " * len(start)
    for entry in entries:
        if len(lines[-1]) + len(entry) + 2 > LONGEST_LINE and lines[-1].strip():
            lines.append(indent)
        lines[-1] += f"{entry}, "
    lines[-1] = lines[-1].removesuffix(", ") + end
    return [line.rstrip() for line in lines]


def _rules(rules: list[tuple[TableGuess, RuleGuess]]) -> list[str]:
    if not rules:
        return []
    active = any(rule.active for _, rule in rules)
    lines = [
        "",
        "# Rows that a rule excludes are counted under its name, in rows and in money; `net` keeps them.",
    ]
    lines.append("rules:" if active else "# rules:")
    for table, rule in rules:
        mark = "" if rule.active else "# "
        own = [] if table.table == "transactions" else [f"    table: {table.table}"]
        net = [] if rule.action == "exclude" else [f"    action: {rule.action}"]
        lines.append(f"  # {remark(rule.why)}")
        lines += [
            f"  {mark}{line[2:]}"
            for line in (
                f"  - name: {rule.name}",
                *own,
                f"    when: {value(rule.when)}",
                *net,
                f"    label: {{en: {rule.english}, zh: {rule.chinese}}}",
            )
        ]
    return lines


def study_text(guess: Guess, study: Path, source: Path) -> str:
    """The study file that runs on the source file."""
    tables = {table.table for table in guess.tables}
    lines = [
        *STUDY_HEAD.format(study=study.as_posix()).splitlines(),
        f"study: {guess.study}",
        f"title: {value(guess.title)}",
        f"language: {guess.language}            # en or zh: every word of the report",
        f"currency: {guess.currency}           # {remark(guess.currency_why)}",
        f"timezone: {guess.timezone}  # {remark(guess.timezone_why)}; at its midnight a day ends",
        f"source: {value(Path(relpath(source.resolve(), study.resolve().parent)).as_posix())}",
        "notebooks:",
        *(f"  {name}: {{}}" for name, needs in NOTEBOOKS.items() if not needs or needs & tables),
    ]
    return "\n".join(lines) + "\n"


NOTEBOOKS: dict[str, set[str]] = {
    "01_profiling": set(),
    "02_segmentation": {"transactions"},
    "03_churn": {"transactions", "subscriptions"},
    "04_feedback": {"feedback"},
}
