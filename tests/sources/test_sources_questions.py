"""Does a question get the rows that Ibis itself would have brought?"""

from decimal import Decimal

import ibis
import pandas as pd
import pyarrow as pa

from workbench.sources import answer


def test_rows_and_their_types_are_those_of_ibis():
    lines = pd.DataFrame({"part": ["a", "b", "a", None], "n": [1, 2, 3, 4], "money": [Decimal("1.10")] * 4})
    table = ibis.duckdb.connect().create_table("lines", lines)
    question = table.group_by("part").agg(n=table.n.sum(), money=table.money.sum(), share=table.n.mean())
    question = question.order_by("part")
    found = answer(question)
    # DuckDB sums whole numbers as 128-bit ones, which pandas knows as objects alone.
    assert found.schema.field("n").type == pa.int64()
    assert found.schema == question.schema().to_pyarrow()
    assert found.equals(question.to_pyarrow())
