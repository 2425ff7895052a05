"""From the user's files to a guess: look, recognise, relate, map."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.discovery import relations
from workbench.discovery.columns import Assigned, set_aside
from workbench.discovery.grouping import one_per_kind
from workbench.discovery.guess import Guess
from workbench.discovery.looking import Looked, look, look_again
from workbench.discovery.recognising import Draft, drafted, missing, recognise
from workbench.discovery.setting import setting_of
from workbench.discovery.tables import table_of
from workbench.errors import WorkbenchError, refusal
from workbench.sources import embedded
from workbench.sources.canonical import ESSENTIAL, TABLES

MOST_SHOWN = 12
CUSTOMER = "customer_id"
TELLS_APART = ("e-mail address", "phone number", "account of a network")


def discover(files: list[Path], *, study: str, title: str) -> Guess:
    """What `files` hold; nothing is written.

    Raises
    ------
    WorkbenchError
        If a file can not be read, or no table is recognised in any of them.
    """
    con = embedded.scratch()
    looked, not_used = look(con, files)
    drafts = [draft for one in looked for draft in recognise(one, one.candidates)]
    for place, candidates in relations.with_relations(con, drafts, looked).items():
        changed = replace(looked[place], candidates=candidates)
        drafts = [d for d in drafts if d.looked is not looked[place]] + recognise(changed, candidates)
        looked[place] = changed
    if not drafts:
        raise _nothing_recognised(looked)
    used = {draft.looked.table for draft in drafts}
    not_used += [_unrecognised(one) for one in looked if one.table not in used]
    drafts = [draft if draft.looked.peek.has_header else _with_names(con, draft) for draft in drafts]
    kinds = list(TABLES)
    drafts.sort(key=lambda draft: kinds.index(draft.table))
    known = relations.known_customers(drafts)
    tables, more = one_per_kind([table_of(con, draft, known) for draft in drafts])
    setting = setting_of(con, drafts)
    return Guess(
        tables=tuple(tables),
        study=study,
        title=title,
        language=setting.language,
        currency=setting.currency,
        currency_why=setting.currency_why,
        timezone=setting.timezone,
        timezone_why=setting.timezone_why,
        relations=tuple(relations.in_words(con, drafts)),
        not_used=(*not_used, *more),
    )


def _with_names(con: Any, draft: Draft) -> Draft:
    """The draft of a file without a line of names, read again under the names that its columns are given."""
    chosen = {found.candidate.name: canonical for canonical, found in draft.assigned.items()}
    names = [chosen.get(name, name) for name in draft.looked.peek.columns]
    looked = look_again(con, draft.looked, names)
    assigned = {
        canonical: Assigned(looked.find(canonical), found.score, found.why)
        for canonical, found in draft.assigned.items()
    }
    return replace(draft, looked=looked, assigned=assigned)


def _nearest(looked: Looked) -> Draft:
    """The canonical table that `looked` comes closest to."""
    drafts = [drafted(looked, table, looked.candidates) for table in TABLES]
    return max(drafts, key=lambda draft: (_share_found(draft), draft.table in ESSENTIAL, draft.score))


def _share_found(draft: Draft) -> float:
    """How much is there of what the table can not do without."""
    lacks, needs = set(missing(draft)), _needs(draft.table)
    return sum(name not in lacks for name in needs) / len(lacks.union(needs))


def _unrecognised(looked: Looked) -> str:
    """What was seen in a file in which no table is recognised, and what the nearest table would need."""
    columns = looked.peek.columns
    if not looked.peek.has_header:
        return f"{looked.shown}: no table recognised in {len(columns)} columns without a line of names"
    shown = ", ".join(columns[:MOST_SHOWN]) + (
        f" and {len(columns) - MOST_SHOWN} more" if len(columns) > MOST_SHOWN else ""
    )
    near = _nearest(looked)
    if not near.assigned:
        return f"{looked.shown}: no table recognised in the columns {shown}"
    found = ", ".join(
        f"{name} ({a.candidate.name})"
        for name, a in near.assigned.items()
        if name in TABLES[near.table].columns
    )
    return (
        f"{looked.shown}: no table recognised in the columns {shown}; nearest is {near.table}: "
        f"found {found}, not found {', '.join(missing(near))}{_personal_key(near)}"
    )


def _personal_key(near: Draft) -> str:
    """A hint where only personal data could tell the customers apart: that is for the analyst to decide."""
    keys = [c.name for c in near.looked.candidates if (set_aside(c) or ("", False))[0] in TELLS_APART]
    if CUSTOMER not in missing(near) or not keys:
        return ""
    return (
        f" (map {keys[0]} as {CUSTOMER} by hand if it tells customers apart: only pseudonyms of it are shown)"
    )


def _nothing_recognised(looked: list[Looked]) -> WorkbenchError:
    needed = "; ".join(f"{table}: {', '.join(_needs(table))}" for table in ESSENTIAL)
    got = ". ".join(_unrecognised(one) for one in looked)
    hint = (
        "If the columns are there under other names, write the source file by hand as the user guide shows."
    )
    return refusal("init", "the columns", f"enough for a canonical table ({needed})", got, hint)


def _needs(table: str) -> list[str]:
    """The columns that a table can not do without."""
    canonical = TABLES[table]
    required = [name for name, column in canonical.columns.items() if column.required]
    return required + [" or ".join(canonical.any_of)] * bool(canonical.any_of)
