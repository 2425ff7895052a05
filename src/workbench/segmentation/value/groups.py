"""What value classes hold and are expected to bring."""

import pandas as pd


def by_class(scores: pd.DataFrame, expected: pd.DataFrame | None, classes: tuple[str, ...]) -> pd.DataFrame:
    """Per value class, in the order of `classes`: ``customers``, ``customer_share``, ``value_score`` (mean)
    and, where known, ``expected_value`` and ``value_share``."""
    grouped = scores.groupby("value_class")
    table = pd.DataFrame({"customers": grouped.size(), "value_score": grouped["value_score"].mean()})
    table.insert(1, "customer_share", table["customers"] / len(scores))
    if expected is not None:
        table["expected_value"] = expected.groupby(scores["value_class"])["expected_value"].sum()
        table["value_share"] = table["expected_value"] / table["expected_value"].sum()
    kept = [name for name in classes if name in table.index]
    return table.reindex(kept).rename_axis("value_class").reset_index()
