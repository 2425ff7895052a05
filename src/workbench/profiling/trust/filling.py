"""How full the tables are, and how many different values they hold: asked before all else, in one pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.profiling.trust.values import NUMERIC, answered, chunks, kinds_of, only_row
from workbench.sources import Canonical

EXACT_ROWS = 5_000_000  # above it distinct values are estimated: DuckDB may be a fifth off, and saves memory
COUNTED_ROWS = 2_000_000  # up to which `number_counts` counts numbers without knowing how many there are
COLUMNS_AT_ONCE = 25  # of a table in one pass: planning a query takes more than its length in time
VALUES_AT_ONCE = 20_000_000  # that an engine holds to count or order them: 160 MB of numbers


@dataclass(frozen=True)
class Filling:
    """What holds for columns of every kind of one table.

    Attributes
    ----------
    rows : int
    columns : mapping of str to mapping
        Of each mapped column ``filled`` (rows with a value) and, but for numbers of a table of up to
        COUNTED_ROWS, ``distinct`` (different values); of times also ``lowest`` and ``highest``.
    """

    rows: int
    columns: Mapping[str, dict[str, Any]]

    @property
    def exact(self) -> bool:
        """Whether distinct values are counted; they are estimated otherwise."""
        return self.rows <= EXACT_ROWS

    @property
    def at_once(self) -> int:
        """How many columns to ask for in one pass."""
        return max(min(COLUMNS_AT_ONCE, VALUES_AT_ONCE // max(self.rows, 1)), 1)


def filling(data: Canonical) -> dict[str, Filling]:
    """The filling of every mapped table."""
    return {name: _of(data, name) for name in data.tables}


def _of(data: Canonical, name: str) -> Filling:
    table, kinds = data.get(name), kinds_of(data, name)
    empty = Filling(_rows(data, name), {})
    columns: dict[str, dict[str, Any]] = {}
    for chunk in chunks(list(kinds), empty.at_once):
        columns |= answered(table, {c: _asked(table[c], kinds[c], empty) for c in chunk})
    return Filling(empty.rows, columns)


def _rows(data: Canonical, name: str) -> int:
    if name in data.totals:  # the intake has counted them
        return data.totals[name].as_of.rows["used"]
    table = data.get(name)
    return int(only_row(table.aggregate(rows=table.count()))["rows"])


def _asked(column: Any, kind: str, of: Filling) -> dict[str, Any]:
    asked = {"filled": column.count()}
    if kind not in NUMERIC or of.rows > COUNTED_ROWS:
        asked["distinct"] = column.nunique() if of.exact else column.approx_nunique()
    # Texts are put in order slowly, and none of them is shown.
    return asked | ({"lowest": column.min(), "highest": column.max()} if kind == "time" else {})
