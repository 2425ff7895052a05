"""Errors of engines as refusals: their kind, and nothing of their words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from ibis.common.exceptions import IbisError
from sqlglot.errors import SqlglotError

from workbench.errors import WorkbenchError, refusal

# What DuckDB may hold in memory, as in `4GB`.
MEMORY_VARIABLE = "WORKBENCH_MEMORY"
NOT_WRITTEN = re.compile("Could not write|No space left")
ENGINE_MODULES = (
    "duckdb",
    "psycopg",
    "pymysql",
    "MySQLdb",
    "sqlite3",
    "pyspark",
    "py4j",
    "ibis",
    "sqlglot",
    "pyarrow",
)


@contextmanager
def refused(
    where: str, what: str, rule: str, hint: str = "Check address, user and password."
) -> Iterator[None]:
    """Within, an error of an engine becomes a refusal that names its kind and nothing of its words.

    An engine's message may quote a customer's value or a password.
    """
    try:
        yield
    except WorkbenchError:
        raise
    except Exception as error:
        if not _of_an_engine(error):
            raise
        if isinstance(error, duckdb.OutOfMemoryException):
            what, rule = "the memory that DuckDB may take", "enough for the tables"
            hint = f"Allow more (export {MEMORY_VARIABLE}=4GB); the disk of TMPDIR takes what does not fit."
        elif lacks_room(error):
            what, rule = "the disk of TMPDIR", "large enough for what DuckDB keeps there"
            hint = "Free some of it, or name another folder (export TMPDIR=/large/folder)."
        raise refusal(where, what, rule, _kind_of(error), hint) from None


def lacks_room(error: Exception) -> bool:
    """Whether memory or disk was too small for what DuckDB keeps: of no fault of what it was asked."""
    if isinstance(error, duckdb.IOException):
        return NOT_WRITTEN.search(str(error)) is not None
    return isinstance(error, duckdb.OutOfMemoryException)


def _of_an_engine(error: Exception) -> bool:
    modules = (base.__module__ or "" for base in type(error).__mro__)
    return isinstance(error, duckdb.Error | IbisError | SqlglotError) or any(
        module.partition(".")[0].removeprefix("_") in ENGINE_MODULES for module in modules
    )


def _kind_of(error: Exception) -> str:
    """What went wrong in a word: the database's own code where it has one."""
    state = getattr(error, "sqlstate", None)
    condition = (
        getattr(error, "getCondition", lambda: None)() if "pyspark" in type(error).__module__ else None
    )
    detail = state or condition
    return f"{type(error).__name__}{f' ({detail})' if detail else ''}"
