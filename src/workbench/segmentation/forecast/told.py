"""What the forecast says in figures and sentences."""

from workbench.results import Check, Finding, Metric, Missing, rate
from workbench.segmentation.forecast.forecast import Forecast
from workbench.segmentation.forecast.holdout import Holdout

# The holdout as a whole may be missed by so much: seasons and campaigns are outside the model.
LARGEST_MISS = 0.2
# Largest rank correlation of purchases and spend that still passes as none (Cohen 1988: medium effect).
LARGEST_CORRELATION = 0.3
# Limits may hold for so much fewer customers than promised before the check warns.
COVERAGE_SLACK = 0.05
# The names of models are the same in every language.
NAMES = {"pareto_nbd": "Pareto/NBD", "bg_nbd": "BG/NBD", "mbg_nbd": "MBG/NBD", "nbd": "NBD"}
LEFT = ("not_told", "not_converged", "too_few")  # why a richer model was left


def metrics(found: Forecast) -> tuple[Metric, ...]:
    """What is to come, how the holdout went, how well the models fit."""
    return (_total(found), *_of_holdout(found.holdout), *_of_models(found))


def _total(found: Forecast) -> Metric:
    ahead = found.outlook
    if isinstance(ahead, Missing):
        return _absent("expected_value_total", ahead)
    n = len(ahead.customers)
    return Metric("expected_value_total", ahead.total, n=n, low=ahead.total_low, high=ahead.total_high)


def _of_holdout(test: Holdout | Missing) -> list[Metric]:
    names = ("orders_actual", "orders_expected", "orders_naive", "mae", "mae_naive", "gain", "correlation")
    value_names = ("revenue_actual", "revenue_expected", "interval_coverage")
    if isinstance(test, Missing):
        return [_absent(f"holdout_{name}", test) for name in names + value_names]
    n, sums = len(test.customers), test.customers[["actual", "expected", "naive"]].sum()
    values = (*map(float, sums), test.mae, test.mae_naive)
    found = [Metric(f"holdout_{name}", value, n=n) for name, value in zip(names[:5], values, strict=True)]
    found.append(Metric("holdout_gain", test.gain, n=n, low=test.gain_low, high=test.gain_high))
    known = test.correlation == test.correlation
    why = Missing("segmentation.no_correlation")
    found.append(
        Metric("holdout_correlation", test.correlation, n=n) if known else _absent("holdout_correlation", why)
    )
    if isinstance(test.value, Missing):
        return found + [_absent(f"holdout_{name}", test.value) for name in value_names]
    found.append(Metric("holdout_revenue_actual", test.value.revenue_actual, n=n))
    found.append(Metric("holdout_revenue_expected", test.value.revenue_expected, n=n))
    found.append(rate("holdout_interval_coverage", test.value.covered, test.value.checked))
    return found


def _of_models(found: Forecast) -> list[Metric]:
    return [
        _of_purchases(found),
        _of_spend(found),
        _absent("spend_frequency_correlation", found.spend_correlation)
        if isinstance(found.spend_correlation, Missing)
        else Metric("spend_frequency_correlation", found.spend_correlation),
    ]


def _of_purchases(found: Forecast) -> Metric:
    name, choice = "purchase_model_log_likelihood", found.choice
    if isinstance(choice, Missing):
        return _absent(name, choice)
    if choice.log_likelihood is None:
        return _absent(name, Missing("segmentation.mean_has_no_likelihood"))
    return Metric(name, choice.log_likelihood, n=choice.model.n_)


def _of_spend(found: Forecast) -> Metric:
    name = "spend_model_log_likelihood"
    why = found.spend if isinstance(found.spend, Missing) else found.spend_fallback
    if isinstance(why, Missing):
        return _absent(name, why)
    return Metric(name, found.spend.log_likelihood_, n=found.spend.n_)  # type: ignore[union-attr]


def checks(found: Forecast) -> tuple[Check, ...]:
    """What the figures of the forecast rest on."""
    told = [] if isinstance(found.holdout, Missing) else _holdout_checks(found.holdout)
    if not isinstance(found.choice, Missing):
        left = [
            rung for rung in found.choice.rungs if rung.verdict in ("not_told", "not_converged", "too_few")
        ]
        names = ", ".join(NAMES[rung.name] for rung in left)
        told.append(Check("purchase_model_told_by_data", not left, {"names": names or "–"}, warns=True))
    if not isinstance(found.spend, Missing):
        told.append(Check("spend_model_told_by_data", found.spend_fallback is None, warns=True))
    if not isinstance(found.outlook, Missing):
        days, known = found.outlook.horizon_days, found.outlook.history_days
        told.append(
            Check("horizon_within_history", days <= known, {"days": days, "known": known}, warns=True)
        )
    if not isinstance(found.spend_correlation, Missing):
        rho = found.spend_correlation
        values = {"correlation": rho, "limit": LARGEST_CORRELATION}
        told.append(
            Check("spend_independent_of_frequency", abs(rho) < LARGEST_CORRELATION, values, warns=True)
        )
    return tuple(told)


def _holdout_checks(test: Holdout) -> list[Check]:
    sums = test.customers[["actual", "expected"]].sum()
    errors = {"mae": test.mae, "mae_naive": test.mae_naive, "n": len(test.customers)}
    totals = {"expected": float(sums["expected"]), "actual": int(sums["actual"]), "limit": LARGEST_MISS}
    found = [
        Check("purchase_model_beats_naive", test.wins, errors),
        Check("holdout_total_met", abs(_miss(sums["expected"], sums["actual"])) <= LARGEST_MISS, totals),
    ]
    if not isinstance(test.value, Missing):
        money = {"expected": test.value.revenue_expected, "actual": test.value.revenue_actual}
        met = abs(_miss(money["expected"], money["actual"])) <= LARGEST_MISS
        found.append(Check("holdout_revenue_met", met, money | {"limit": LARGEST_MISS}))
        share = test.value.covered / test.value.checked
        values = {"share": share, "interval": test.value.interval, "n": test.value.checked}
        found.append(Check("limits_hold", share >= test.value.interval - COVERAGE_SLACK, values))
    return found


def findings(found: Forecast) -> tuple[Finding, ...]:
    """What is to come, and whether the model that says so has passed its test."""
    told = []
    if not isinstance(found.outlook, Missing):
        ahead = found.outlook
        values = {"total": ahead.total, "low": ahead.total_low, "high": ahead.total_high}
        values |= {"days": ahead.horizon_days, "n": len(ahead.customers)}
        kind = "margin" if ahead.on_margin else "spend"
        told.append(Finding(f"segmentation.finding_expected_{kind}", values))
    if not isinstance(found.holdout, Missing):
        told.append(_verdict(found.holdout))
    return tuple(told)


def _verdict(test: Holdout) -> Finding:
    sums = test.customers[["actual", "expected", "naive"]].sum()
    met = abs(_miss(sums["expected"], sums["actual"])) <= LARGEST_MISS
    code = "use_rule" if not test.wins else "trust" if met else "distrust"
    values = {"days": test.days, "actual": int(sums["actual"]), "expected": float(sums["expected"])}
    values |= {"mae": test.mae, "mae_naive": test.mae_naive}
    return Finding(f"segmentation.finding_{code}", values)


def _miss(expected: float, actual: float) -> float:
    return expected / actual - 1 if actual else float("inf")


def _absent(name: str, why: Missing) -> Metric:
    return Metric(name, None, reason=why.reason)
