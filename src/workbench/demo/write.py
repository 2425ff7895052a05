"""Publishing the company's folder: whole or not at all, and never over somebody's own files."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workbench.demo.company import Plan
from workbench.demo.files import TRUTH_FILE, Tell, checksums, write_files
from workbench.demo.source import SOURCE_FILE
from workbench.errors import WorkbenchError, refusal, unknown_name
from workbench.language import LANGUAGES

# Raised when the same arguments give other files than before.
DEMO_VERSION: str = "3"

FEWEST, MOST = 50, 50_000_000  # customers


def write_company(
    folder: Path,
    *,
    customers: int = 5_000,
    seed: int = 1,
    language: str = "en",
    tell: Tell | None = None,
) -> Path:
    """Write the known-truth company into `folder`.

    The folder becomes visible by one rename. An unchanged company of an earlier call is replaced, or left
    as it is if it was made from the same arguments. The same arguments give the same files, byte for byte.

    Parameters
    ----------
    folder : Path
        Absent, empty, or holding an unchanged company of an earlier call.
    customers : int
        Members, FEWEST to MOST; about 19 % of them never order, a third of those being fake. Above
        `population.BLOCK_CUSTOMERS` the tables are folders of Parquet files.
    seed : int
        From 0 on.
    language : str
        ``en`` or ``zh``: of headers, names, README and most comments, and the market whose festivals and
        sales make the season. Amounts are in EUR or CNY.
    tell : callable, optional
        Called with the number of customers written so far and with `customers`, after each block.

    Returns
    -------
    Path
        The source file, `folder` / ``source.yml``; a study file lies beside it.

    Raises
    ------
    WorkbenchError
        If an argument is out of range, or `folder` holds anything else.
    """
    arguments = _checked(customers, seed, language)
    folder = Path(folder).absolute()
    if _made_from(folder) != arguments:
        with _workshop(folder) as near:
            built, old = Path(near) / "built", Path(near) / "old"
            built.mkdir()  # inside, because a temporary folder itself is closed to other users
            write_files(Plan(customers, seed, language), built, arguments, tell)
            _publish(built, folder, old, arguments)
    return folder / SOURCE_FILE


def _checked(customers: int, seed: int, language: str) -> dict[str, Any]:
    if not FEWEST <= customers <= MOST:
        rule = f"from {FEWEST:,} to {MOST:,}"
        raise refusal("demo", "customers", rule, f"{customers:,}", "Choose a number in this range.")
    if seed < 0:
        raise refusal("demo", "seed", "0 or more", f"{seed}", "Choose another seed.")
    if language not in LANGUAGES:
        raise unknown_name("demo", "language", language, LANGUAGES)
    return {"version": DEMO_VERSION, "customers": customers, "seed": seed, "language": language}


def _made_from(folder: Path) -> dict[str, Any] | None:
    """The arguments of the unchanged company in `folder`; None where there is nothing yet.

    Raises
    ------
    WorkbenchError
        If `folder` holds anything that a demo did not write.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    if not folder.is_dir():
        raise _occupied(folder, "a file")
    truth = _truth_of(folder)
    if truth is None:
        raise _occupied(folder, f"other contents (entries: {len(list(folder.iterdir()))})")
    written, found = truth["files"], checksums(folder)
    foreign = sorted(name for name in written.keys() | found.keys() if written.get(name) != found.get(name))
    if foreign:
        raise _occupied(folder, f"a demo that was changed (files: {len(foreign)}, the first is {foreign[0]})")
    return dict(truth["demo"])


def _truth_of(folder: Path) -> dict[str, Any] | None:
    """The truth file of `folder`, or None if it has none that a demo wrote."""
    try:
        content = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and {"demo", "files"} <= content.keys() else None


def _workshop(folder: Path) -> TemporaryDirectory[str]:
    """A temporary folder beside `folder`: on the same disk, so that a rename out of it is one step."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-")
    except OSError as error:
        got = error.strerror or type(error).__name__
        hint = "Choose another folder."
        raise refusal(str(folder), "the folder", "in a place one can write to", got, hint) from None


def _occupied(folder: Path, got: str) -> WorkbenchError:
    rule = "absent, empty or an unchanged earlier demo"
    return refusal(str(folder), "the folder", rule, got, "Choose another folder, or move this one away.")


def _publish(built: Path, folder: Path, old: Path, arguments: dict[str, Any]) -> None:
    """Move `built` to `folder`, and what was there to `old`, unless another process was quicker."""
    if _made_from(folder) == arguments:
        return
    try:
        if folder.exists():
            folder.rename(old)
        built.rename(folder)
    except OSError:
        # Another process may have published in between: the same company is as good as ours.
        if _made_from(folder) != arguments:
            raise
