"""A recognised file as a table of the source file: mapping, attributes, formats, rules, remarks."""

from typing import Any

from workbench.discovery import counting, remarks
from workbench.discovery.attributes import attributes_of
from workbench.discovery.expressions import columns_of
from workbench.discovery.formats import formats_of
from workbench.discovery.guess import ColumnGuess, TableGuess
from workbench.discovery.looking import text_of
from workbench.discovery.recognising import ANSWERS, Draft
from workbench.discovery.rules import rules_of

MOST_WITHOUT_ANSWER = 0.005  # more rows without an answer than this are left out by `where`


def table_of(con: Any, draft: Draft, known: list[str]) -> TableGuess:
    """`draft` as it is written into the source file.

    Parameters
    ----------
    known : list of str
        Queries of the customers' ids that other files know.
    """
    per_order, notes = _order_totals(con, draft)
    columns = columns_of(draft, per_order=per_order)
    formats, questions = formats_of(draft, columns)
    read = {name for column in columns for name in column.reads}
    attributes, left_out = attributes_of(draft, read)
    helpers = _helpers(draft)
    left_out |= {name: why for name, why in helpers.items() if name in left_out}
    peek = draft.looked.peek
    return TableGuess(
        table=draft.table,
        paths=tuple(one.path for one in draft.looked.peeks),
        pattern=draft.looked.pattern,
        rows=draft.looked.rows,
        score=draft.sureness,
        columns=tuple(columns),
        sheet=draft.looked.sheet,
        encoding=draft.looked.encoding,
        written=tuple(part for part in (peek.encoding, peek.separator) if part),
        names=() if peek.has_header else peek.columns,
        formats=formats,
        where=_answered(con, draft, columns),
        attributes=attributes,
        rules=tuple(rules_of(con, draft, columns, known)),
        questions=(*questions, *remarks.questions_of(draft, columns)),
        left_out=left_out,
        notes=(*notes, *remarks.notes_of(draft)),
    )


def _order_totals(con: Any, draft: Draft) -> tuple[bool, list[str]]:
    """Whether the amount is the order's total on each of its lines: the line's own must be computed then."""
    found = draft.assigned
    if draft.table != "transactions" or not {"order_id", "amount"} <= found.keys():
        return False, []
    order, amount = found["order_id"].candidate.name, found["amount"].candidate.name
    if not counting.repeats_the_order(con, draft.looked, order, amount):
        return False, []
    if {"quantity", "unit_price"} <= found.keys():
        parts = (found[name].candidate.name for name in ("quantity", "unit_price"))
        line = " * ".join(counting.number_of(draft.looked, name) for name in parts)
        if counting.lines_explain(con, draft.looked, order, amount, line):
            return True, []
    return False, [
        f"{amount} is the same on all lines of an order: if it is the order's total, each line counts it "
        "again; map the line's own amount then"
    ]


def _answered(con: Any, draft: Draft, columns: list[ColumnGuess]) -> str | None:
    """The filter that keeps only rows with an answer, where many have none."""
    if draft.table != "feedback":
        return None
    answers = [column for column in columns if column.canonical in ANSWERS]
    names = [
        name
        for canonical in ANSWERS
        if canonical in draft.assigned
        for name in (draft.assigned[canonical].candidate.name,)
    ]
    blank = " AND ".join(f"{text_of(name)} IS NULL" for name in names)
    rows = counting.rows_where(con, draft.looked, blank)
    if rows <= MOST_WITHOUT_ANSWER * draft.looked.rows:
        return None
    return " OR ".join(f"{column.expression} IS NOT NULL" for column in answers)


def _helpers(draft: Draft) -> dict[str, str]:
    """What the columns that only rules and settings read are used for."""
    uses = {
        "status": "read for the rules only",
        "country": "read for currency and time zone only: transactions has no place for it",
        "currency": "read for the study's currency only",
        "refund_amount": "see the remark on refunds",
    }
    return {draft.assigned[name].candidate.name: use for name, use in uses.items() if name in draft.assigned}
