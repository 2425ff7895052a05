"""Questions put to an engine, each planned once."""

import ibis.expr.types as ir
import pyarrow as pa


def answer(question: ir.Table) -> pa.Table:
    """The rows of an Ibis expression, in the types that Ibis says they have."""
    backend = question.get_backend()
    if backend.name != "duckdb":
        found: pa.Table = backend.to_pyarrow(question)
        return found
    # Ibis itself has DuckDB plan a query twice: to know its columns, then to answer it.
    rows = backend.con.execute(backend.compile(question)).to_arrow_table()
    return rows.cast(question.schema().to_pyarrow())
