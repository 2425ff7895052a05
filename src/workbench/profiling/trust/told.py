"""What the examination of the data has to tell: findings and metrics; the checks are `verdict`'s."""

from workbench.profiling.trust.examination import Trust
from workbench.profiling.trust.verdict import quality_checks as checks
from workbench.results import Finding, Metric, Missing, rate

__all__ = ["checks", "findings", "metrics", "outliers_sentence"]


def findings(found: Trust) -> tuple[Finding, ...]:
    """The sentences for the first page: late feeds and strong drift, if any."""
    told = []
    if not isinstance(found.feeds, Missing) and len(found.feeds.late):
        late = found.feeds.late
        first = late.iloc[0]
        name = f"{first.table}.{first['value']}" if first["value"] else first.table
        values = {
            "late": len(late), "n": len(found.feeds.judged), "feed": name, "last": first["last"].date()
        }  # fmt: skip
        told.append(Finding("profiling.trust_finding_late", values))
    if not isinstance(found.drift, Missing) and len(found.drift.strong):
        most = found.drift.strong.iloc[0]
        values = {
            "strong": len(found.drift.strong),
            "n": len(found.drift.judged),
            "column": f"{most.table}.{most['column']}",
            "psi": float(most.psi),
        }
        told.append(Finding("profiling.trust_finding_drift", values))
    return tuple(told)


def metrics(found: Trust) -> tuple[Metric, ...]:
    """Shares of empty cells, repeated rows, late feeds and moved columns."""
    profile = found.columns.due
    cells, filled = int(profile.rows.sum()), int(profile.filled.sum())
    repeated, rows = (sum(getattr(one, name) for one in found.repeats) for name in ("whole", "rows"))
    return (
        rate("empty_cell_share", cells - filled, cells),
        rate("repeated_row_share", repeated, rows),
        _late(found),
        _moved(found),
        _largest(found),
    )


def _late(found: Trust) -> Metric:
    if isinstance(found.feeds, Missing):
        return Metric("late_feed_share", None, reason=found.feeds.reason)
    if found.feeds.judged.empty:
        return Metric("late_feed_share", None, n=0, reason=Missing("profiling.trust_unjudged").reason)
    return rate("late_feed_share", len(found.feeds.late), len(found.feeds.judged))


def _moved(found: Trust) -> Metric:
    if isinstance(found.drift, Missing):
        return Metric("moved_column_share", None, reason=found.drift.reason)
    return rate("moved_column_share", len(found.drift.strong), len(found.drift.judged))


def _largest(found: Trust) -> Metric:
    if isinstance(found.drift, Missing):
        return Metric("largest_psi", None, reason=found.drift.reason)
    if found.drift.judged.empty:
        return Metric("largest_psi", None, n=0, reason=Missing("profiling.trust_few_rows").reason)
    return Metric("largest_psi", float(found.drift.judged.psi.iloc[0]), n=len(found.drift.judged))


def outliers_sentence(found: Trust) -> Finding | Missing:
    """The sentence over the table of outliers."""
    marked = found.outliers.columns
    if marked.empty:
        return Missing("profiling.trust_no_fences")
    beyond = {"beyond": int(marked.beyond.sum()), "columns": len(marked)}
    if not beyond["beyond"]:
        return Finding("profiling.trust_outliers_none_sentence", {"columns": len(marked)})
    by_money = bool(marked.money_share.fillna(0).max() > 0)
    order = marked.money_share.fillna(0) if by_money else marked.share
    most = marked.iloc[int(order.to_numpy(dtype=float).argmax())]
    share = most.money_share if by_money else most.share
    about = {"column": f"{most.table}.{most['column']}", "rows": int(most.beyond), "share": float(share)}
    code = "profiling.trust_outliers_sentence" if by_money else "profiling.trust_outliers_plain_sentence"
    return Finding(code, beyond | about)
