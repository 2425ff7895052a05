"""Writing blocks of tables: whole CSV files of a small company, growing Parquet files of a large one."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.demo.ledger import TIMES_AS_TEXT

TABLES = (
    *("transactions", "customers", "events", "subscriptions", "tickets", "feedback", "campaigns"),
    *("spend", "identities"),
)
PACKED = ("transactions", "events")  # as CSV: they are packed with gzip, at a level that costs little time
GZIP_LEVEL = 4
BLOCKS_PER_PART = 20  # of a table in Parquet files


def tables_in(
    folder: Path, headers: dict[str, dict[str, str]], *, parquet: bool
) -> "AbstractContextManager[ParquetTables | CsvTables]":
    """What writes a company's tables into `folder`, under its own `headers`, within a ``with`` statement."""
    if parquet:
        return ParquetTables(folder, headers)
    return nullcontext(CsvTables(folder, headers))  # each file is written whole: nothing stays open


class GrowingParquet:
    """A Parquet file that grows block by block; it opens with the first, whose columns all others have."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "GrowingParquet":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish the file."""
        if self.writer is not None:
            self.writer.close()

    def write(self, table: pa.Table) -> None:
        """Add the rows of `table`, as one group."""
        if self.writer is None:
            # Ids differ in every row: looking for repetitions among them would cost time for nothing.
            repeating = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
            self.writer = pq.ParquetWriter(
                self.path,
                table.schema,
                use_dictionary=repeating,
                store_schema=False,  # texts read back as texts, whichever way they are packed
                store_decimal_as_integer=True,
            )
        if len(table):
            self.writer.write_table(table, row_group_size=len(table))


class ParquetTables:
    """The tables of a large company: folders of Parquet files, BLOCKS_PER_PART blocks to a file."""

    def __init__(self, folder: Path, headers: dict[str, dict[str, str]]) -> None:
        self.folder, self.headers = folder, headers
        self.open: dict[str, GrowingParquet] = {}

    def __enter__(self) -> "ParquetTables":
        return self

    def __exit__(self, *_: object) -> None:
        for growing in self.open.values():
            growing.close()

    def write(self, name: str, table: pa.Table, block: int) -> None:
        """Add the rows that the block has of the table `name`. Times that are none become blank."""
        hidden = [column for column in table.column_names if column == TIMES_AS_TEXT]
        own = _under_own_names(table.drop_columns(hidden), self.headers[name])
        path = self.folder / name / f"part-{block // BLOCKS_PER_PART:05d}.parquet"
        growing = self.open.get(name)
        if growing is None or growing.path != path:
            if growing is not None:
                growing.close()
            path.parent.mkdir(exist_ok=True)
            self.open[name] = growing = GrowingParquet(path)
        growing.write(own)


class CsvTables:
    """The tables of a small company: one CSV file each."""

    def __init__(self, folder: Path, headers: dict[str, dict[str, str]]) -> None:
        self.folder, self.headers = folder, headers

    def write(self, name: str, table: pa.Table, _: int) -> None:
        """Write the table `name` whole."""
        own = _under_own_names(_as_texts(table), self.headers[name])
        _write_csv(own.to_pandas(), self.folder / table_paths(parquet=False)[name])


def table_paths(*, parquet: bool) -> dict[str, str]:
    """Where each table lies: a file, or a pattern of files; relative to the company's folder."""
    if parquet:
        return {name: f"{name}/part-*.parquet" for name in TABLES}
    return {name: f"{name}.csv.gz" if name in PACKED else f"{name}.csv" for name in TABLES}


def _under_own_names(table: pa.Table, headers: dict[str, str]) -> pa.Table:
    return table.rename_columns([headers[column] for column in table.column_names])


def _as_texts(table: pa.Table) -> pa.Table:
    """`table` as a text file holds it: also times that are none."""
    texts = {name: pc.cast(table[name], pa.string()) for name in table.column_names}
    if TIMES_AS_TEXT in texts:
        texts["ordered_at"] = pc.coalesce(texts["ordered_at"], texts.pop(TIMES_AS_TEXT))
    return pa.table(texts)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    # mtime 0: a gzip file otherwise carries the time at which it was written.
    packing: Any = None
    if path.suffix == ".gz":
        packing = {"method": "gzip", "mtime": 0, "compresslevel": GZIP_LEVEL}
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", compression=packing)
