"""What the life cycle says in figures and sentences: metrics, checks, findings."""

from typing import Any

from workbench.results import Check, Finding, Metric, Missing, rate
from workbench.segmentation.lifecycle.ahead import Ahead
from workbench.segmentation.lifecycle.course import Course
from workbench.segmentation.lifecycle.return_curve import RETURN_SHARE
from workbench.segmentation.lifecycle.transitions import Transitions
from workbench.segmentation.wording import SMALLEST_CELL

RATES = ("loyal", "dormant", "lost")
# The threshold of lost may move by this share over three month ends and still count as settled.
LARGEST_DRIFT = 0.10
DRIFT_MONTHS = 3


def metrics(course: Course | Missing) -> tuple[Metric, ...]:
    """Shares of the stages first; each of the others with its interval or its reason."""
    if isinstance(course, Missing):
        names = [f"lifecycle_{name}_rate" for name in RATES] + list(OTHERS)
        return tuple(_absent(name, course) for name in names)
    sizes, n = course.today.by_stage.set_index("stage")["customers"], len(course.customers)
    shares = [rate(f"lifecycle_{name}_rate", int(sizes[name]), n) for name in RATES]
    threshold = course.threshold
    limits = [
        Metric("lifecycle_dormant_days", threshold.dormant_days, n=threshold.n_gaps),
        Metric("lifecycle_lost_days", threshold.lost_days, n=threshold.n_gaps),
    ]
    others = (*_return_metrics(course), *_move_metrics(course.moves), *_ahead_metrics(course.ahead))
    return (*shares, *limits, *others, _overdue_metric(course), _potential_metric(course))


OTHERS = (
    "lifecycle_dormant_days",
    "lifecycle_lost_days",
    "lifecycle_return_days",
    "lifecycle_lost_return_rate",
    "lifecycle_loyal_stay_rate",
    "lifecycle_forecast_error",
    "lifecycle_forecast_error_naive",
    "lifecycle_overdue_customers",
    "potential_customers",
)


def _absent(name: str, why: Missing) -> Metric:
    return Metric(name, None, reason=why.reason)


def _return_metrics(course: Course) -> tuple[Metric, ...]:
    curve, names = course.curve, ("lifecycle_return_days", "lifecycle_lost_return_rate")
    if isinstance(curve, Missing):
        return tuple(_absent(name, curve) for name in names)
    days, low, high = (None if x is None else float(x) for x in _lost_days(course))
    reach = Missing("segmentation.lifecycle_no_fall", {"days": len(curve.curve) - 1, "limit": RETURN_SHARE})
    reason = reach.reason if days is None else None
    first = Metric(names[0], days, n=int(curve.curve["silences"].iloc[0]), low=low, high=high, reason=reason)
    at_lost = curve.share_at(course.threshold.lost_days)
    if at_lost is None:
        beyond = {"days": course.threshold.lost_days, "reach": len(curve.curve) - 1}
        return first, _absent(names[1], Missing("segmentation.lifecycle_not_seen", beyond))
    row = curve.curve.iloc[course.threshold.lost_days]
    returns, silences = at_lost
    # Silences of one customer are alike: the interval is that of the draws of customers.
    share = returns / silences
    limits = (float(row["low"]), float(row["high"]))
    return first, Metric(names[1], share, silences, returns, silences, *limits)


def _lost_days(course: Course) -> tuple[int | None, int | None, int | None]:
    curve = course.curve
    assert not isinstance(curve, Missing)  # asked before
    known = curve.lost_from_days is not None and curve.lost_high is not None
    ends = (curve.lost_low, curve.lost_high) if known else (None, None)
    return (curve.lost_from_days, *ends)


def _move_metrics(moves: Transitions | Missing) -> tuple[Metric, ...]:
    name = "lifecycle_loyal_stay_rate"
    return (
        (_absent(name, moves),)
        if isinstance(moves, Missing)
        else (rate(name, *moves.rate("loyal", "loyal")),)
    )


def _ahead_metrics(ahead: Ahead | Missing) -> tuple[Metric, ...]:
    names = ("lifecycle_forecast_error", "lifecycle_forecast_error_naive")
    test = ahead if isinstance(ahead, Missing) else ahead.backtest
    if isinstance(test, Missing):
        return tuple(_absent(name, test) for name in names)
    n = int(test.by_stage["customers"].sum())
    return Metric(names[0], test.error, n=n), Metric(names[1], test.error_naive, n=n)


def _overdue_metric(course: Course) -> Metric:
    return Metric("lifecycle_overdue_customers", course.overdue_customers, n=len(course.customers))


def _potential_metric(course: Course) -> Metric:
    if isinstance(course.potential, Missing):
        return _absent("potential_customers", course.potential)
    last = course.potential.iloc[-1]
    return Metric("potential_customers", int(last["customers"]), n=int(last["registered"]))


def checks(course: Course | Missing) -> tuple[Check, ...]:
    """Do the lost stay away, are the thresholds settled, is the forecast better than none; all warn."""
    if isinstance(course, Missing):
        return ()
    found = [_lost_stay_away(course), _settled(course), _beats_naive(course)]
    return tuple(check for check in found if check is not None)


def _lost_stay_away(course: Course) -> Check | None:
    at_lost = None if isinstance(course.curve, Missing) else course.curve.share_at(course.threshold.lost_days)
    if at_lost is None or isinstance(course.curve, Missing):
        return None
    values: dict[str, Any] = {"lost_days": course.threshold.lost_days, "within": course.curve.within_days}
    values |= {"returns": at_lost[0], "silences": at_lost[1], "share": at_lost[0] / at_lost[1]}
    passed = values["share"] <= RETURN_SHARE
    return Check("lifecycle_lost_stay_away", passed, values | {"limit": RETURN_SHARE}, warns=True)


def _settled(course: Course) -> Check | None:
    by_end = course.history.drop_duplicates("month_end")["lost_days"].tolist()
    if len(by_end) <= DRIFT_MONTHS:
        return None
    now, before = by_end[-1], by_end[-1 - DRIFT_MONTHS]
    values = {"now": now, "before": before, "months": DRIFT_MONTHS, "limit": LARGEST_DRIFT}
    return Check("lifecycle_thresholds_settled", abs(now / before - 1) <= LARGEST_DRIFT, values, warns=True)


def _beats_naive(course: Course) -> Check | None:
    test = course.ahead if isinstance(course.ahead, Missing) else course.ahead.backtest
    if isinstance(test, Missing):
        return None
    values = {"error": test.error, "naive": test.error_naive, "origins": test.origins}
    return Check("lifecycle_forecast_beats_naive", test.error < test.error_naive, values, warns=True)


def findings(course: Course | Missing) -> tuple[Finding, ...]:
    """What has changed in a month, and whom to call; sentences of a handful of customers are left out."""
    if isinstance(course, Missing):
        return ()
    found = [_change(course), *_call(course)]
    return tuple(finding for finding in found if finding is not None)


def _change(course: Course) -> Finding | None:
    wide = course.history.pivot(index="month_end", columns="stage", values="customers")
    if len(wide) < 2:
        return None
    now, before = wide.iloc[-1], wide.iloc[-2]
    values: dict[str, Any] = {name: int(now[name]) for name in RATES}
    values |= {f"{name}_change": int(now[name] - before[name]) for name in RATES}
    found_from = course.history.drop_duplicates("month_end")["loyal_from_days"].tolist()[-2:]
    if found_from[0] != found_from[1]:  # a change of the definition is not one of the customers
        rule = {"loyal_from": found_from[1], "loyal_from_before": found_from[0]}
        return Finding("segmentation.lifecycle_finding_rule", values | rule | {"since": wide.index[-2]})
    return Finding("segmentation.lifecycle_finding_change", values | {"since": wide.index[-2]})


def _call(course: Course) -> tuple[Finding, ...]:
    if course.overdue_customers < SMALLEST_CELL:
        return ()
    values = {"n": course.overdue_customers, "revenue": course.overdue_revenue}
    return Finding("segmentation.lifecycle_finding_overdue", values), Finding("decide.call_overdue", values)
