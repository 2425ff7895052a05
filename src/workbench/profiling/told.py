"""What of all that 01 has found stands on its first page."""

from collections.abc import Sequence

from workbench.results import Check, Finding

MOST = 6  # more than a manager keeps in mind; the rest stands in the titles of its sections
# Whether the month can be trusted; its money; who brings it; who came and went; what the best are like. What
# is not named here comes last, in the order in which it was found.
ORDER = (
    "trust_finding_sound",
    "trust_finding_care",
    "trust_finding_broken",
    "trust_finding_late",
    "trust_finding_drift",
    "finding_month_up",
    "finding_month_down",
    "finding_concentration",
    "finding_one_time",
    "base_finding_contracts",
    "base_finding_tenure",
    "base_finding_fee",
    "base_finding_voices",
    "base_finding_growth_down",
    "base_finding_growth_up",
    "finding_people_group",
    "base_finding_retention",
    "base_finding_gaps",
)


def verdict(checks: Sequence[Check]) -> Finding:
    """Whether the month can be trusted, in one sentence: as the checks say."""
    failed, warned = ([check for check in checks if check.level == level] for level in ("fail", "warn"))
    if failed:
        values = {"failed": len(failed), "n": len(checks), "first": failed[0].detail}
        return Finding("profiling.trust_finding_broken", values)
    if warned:
        values = {"warned": len(warned), "n": len(checks), "first": warned[0].detail}
        return Finding("profiling.trust_finding_care", values)
    return Finding("profiling.trust_finding_sound", {"n": len(checks)})


def first_page(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """The MOST weightiest of the findings, in the order in which a manager asks."""
    places = {f"profiling.{name}": place for place, name in enumerate(ORDER)}
    return tuple(sorted(found, key=lambda finding: places.get(finding.code, len(ORDER)))[:MOST])
