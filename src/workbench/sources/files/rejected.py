"""What is wrong with a text file that the engine refuses."""

from pathlib import Path
from typing import Any

import duckdb

from workbench.errors import WorkbenchError
from workbench.sources.files import separators
from workbench.sources.files.streams import broken

LONGEST_LINE = "2 MB"


def rejected(con: Any, path: Path, separator: str, scan: str, width: int) -> WorkbenchError:
    """What is wrong with the lines that the engine refuses: count and first line, nothing they say."""
    try:
        con.execute(f"SELECT count(COLUMNS(*)) FROM {scan}").fetchall()
        found = con.execute(
            "SELECT error_type, count(DISTINCT line), min(line) FROM reject_errors GROUP BY ALL ORDER BY 3, 1"
        ).fetchall()
    except duckdb.Error as error:
        return broken(path, "text in lines", f"one that the engine refuses ({type(error).__name__})")
    finally:
        con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    kinds = {kind for kind, _, _ in found}
    first = min((int(line) for _, _, line in found), default=0)
    if "LINE SIZE OVER MAXIMUM" in kinds:
        got = f"a longer one (line {first:,})"
        return broken(path, f"text in lines of {LONGEST_LINE} at most", got, "Is a quote never closed there?")
    if "UNQUOTED VALUE" in kinds:
        got = f"a quote that ends in the middle of a cell or never (line {first:,})"
        return broken(path, "text in quotes that are closed", got)
    lines = sum(int(n) for _, n, _ in found)
    shown = {"\t": "tab", separators.NONE: "none"}.get(separator, separator)
    got = f"{lines:,} with another number (first: line {first:,})"
    hint = f"Mend the file, or say its `separator` (found: {shown})."
    return broken(path, f"text with {width} cells in every line", got, hint)
