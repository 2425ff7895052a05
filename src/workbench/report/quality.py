"""How good the data of a run are: what came in, what was used, what is late or missing, what was checked."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.language import Said, say
from workbench.results import Check, Results

ROWS = ("rows_in", "rows_used", "rows_excluded", "rows_quarantined")
LATE = "data_reach_as_of"  # the check that fails when the source ends before the study's last day
NO_TABLE = "missing.table"


@dataclass(frozen=True)
class Quality:
    """The strip that stands on every page of a run.

    Attributes
    ----------
    rows : tuple of (metric, value)
        Values are None where no notebook has counted.
    late : Check or None
        None where nobody looked.
    missing : tuple of str
        Tables that a section would have needed.
    passed, checks : int
        Over all notebooks.
    """

    rows: tuple[tuple[str, float | None], ...]
    late: Check | None
    missing: tuple[str, ...]
    passed: int
    checks: int

    @property
    def late_in_words(self) -> str:
        """Whether an input is late."""
        if self.late is None:
            return say("report.not_known")
        return say("report.none") if self.late.passed else self.late.detail


def quality(everything: Sequence[Results]) -> Quality:
    """The quality of the data behind `everything` that the notebooks of a run have handed on."""
    metrics = {metric.name: metric for one in everything for metric in one.metrics}
    checks = [check for one in everything for check in one.checks]
    reasons = [metric.reason for one in everything for metric in one.metrics]
    absent = {str(r.values["table"]): None for r in reasons if isinstance(r, Said) and r.code == NO_TABLE}
    return Quality(
        rows=tuple((name, metrics[name].value if name in metrics else None) for name in ROWS),
        late=next((check for check in checks if check.name == LATE), None),
        missing=tuple(absent),
        passed=sum(check.passed for check in checks),
        checks=len(checks),
    )
