"""What leaves the room: the link table, the pairs to look at, the report, some sentences for a terminal."""

import os
import secrets
from pathlib import Path

import pandas as pd

from workbench.errors import nearest, refusal
from workbench.language import say
from workbench.linkage.clusters import LINK
from workbench.linkage.comparisons import LEVELS
from workbench.linkage.result import Proposal, in_words, lead_values


def level_code(field: str, gamma: int) -> str:
    """The code of a level by Splink's number of it; ``unknown`` where a side has no value."""
    return "unknown" if gamma < 0 else LEVELS[field][len(LEVELS[field]) - 1 - gamma].code


def outputs(out: Path) -> dict[str, Path]:
    """The files that belong to `out`: ``identities``, ``pairs`` and ``report``."""
    return {
        "report": out.with_name(f"{out.stem}-report.html"),
        "pairs": out.with_name(f"{out.stem}-pairs.csv"),
        "identities": out,
    }


def check_free(out: Path) -> None:
    """Refuse to start where a file would be overwritten or could not be written.

    Raises
    ------
    WorkbenchError
        If one of the outputs exists, or their folder does not.
    """
    if out.suffix.lower() != ".csv":
        raise refusal("--out", "the path", "that of a CSV file", f"'{out}'", "As in --out identities.csv.")
    if not out.parent.is_dir():
        near = out.parent.parent
        folders = [p.name for p in near.iterdir() if p.is_dir()] if near.is_dir() else []
        close = nearest(out.parent.name, folders)
        hint = f"Did you mean '{close}'?" if close else "Make the folder first."
        raise refusal("--out", "the folder", "one that exists", f"'{out.parent}'", hint)
    for path in outputs(out).values():
        if path.exists():
            raise _taken(path)


def write(proposal: Proposal, out: Path) -> None:
    """Write all outputs of `proposal`, the link table last: where it stands, the others are whole."""
    from workbench.linkage.page import report_page

    paths = outputs(out)
    contents = {
        "report": report_page(proposal, paths),
        "pairs": "\ufeff" + _csv(pairs_in_words(proposal)),  # the mark lets spreadsheets read Chinese
        "identities": _csv(proposal.identities),
    }
    for kind, path in paths.items():
        _place(path, contents[kind])


def pairs_in_words(proposal: Proposal) -> pd.DataFrame:
    """The pairs for review, with decisions and agreement in the language in force; no value of a customer."""
    words = proposal.pairs.copy()
    words["decision"] = _said("linkage.decision_", words["decision"])
    for field in proposal.fields:
        words[field] = _said("linkage.", words[field])
    return words.rename(columns={name: say(f"linkage.column_{name}") for name in words.columns})


def sentences(proposal: Proposal, out: Path) -> list[str]:
    """What a terminal says about `proposal`, in the language in force: counts, warnings, next step."""
    held_back = proposal.clusters.loc[proposal.clusters["state"] != LINK, "canonical_id"].nunique()
    paths = outputs(out)
    said = [say("linkage.lead", **lead_values(proposal))]
    if held_back:
        said.append(say("linkage.held_back", n=held_back))
    said += [say(code, **in_words(values)) for code, values in proposal.warnings]
    said.append(
        say("linkage.written", identities=paths["identities"], pairs=paths["pairs"], report=paths["report"])
    )
    return [*said, say("linkage.next_step")]


def _said(prefix: str, codes: "pd.Series[str]") -> "pd.Series[str]":
    return codes.map({code: say(prefix + code) for code in codes.unique()})


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _place(path: Path, content: str) -> None:
    """Write whole or not at all, and never over a file that is there."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    part.write_text(content, encoding="utf-8", newline="")
    try:
        os.link(part, path)
    except FileExistsError:
        raise _taken(path) from None
    finally:
        part.unlink()


def _taken(path: Path) -> Exception:
    hint = "Remove it or name another with --out: what you have decided before is not overwritten."
    return refusal("--out", "the file", "a new one", f"'{path}', which exists", hint)
