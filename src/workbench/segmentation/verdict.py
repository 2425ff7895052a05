"""The figures, checks and findings of the study, as the archive keeps them."""

from workbench.results import Check, Finding, Metric, Missing, Results, rate
from workbench.segmentation.forecast.holdout import Holdout
from workbench.segmentation.result import Segmentation
from workbench.segmentation.value.ahp import HIGHEST_RATIO
from workbench.segmentation.wording import SMALLEST_CELL

NOTEBOOK = "02_segmentation"
# The holdout as a whole may be missed by so much: seasons and campaigns are outside the model.
LARGEST_MISS = 0.2
# With fewer purchases than this being a customer's last, the model sees nobody leave.
SMALLEST_DROP_OUT = 0.001
# Largest rank correlation of purchases and spend that still passes as none (Cohen 1988: medium effect).
LARGEST_CORRELATION = 0.3
# Limits may hold for so much fewer customers than promised before the check warns.
COVERAGE_SLACK = 0.05


def results(study: Segmentation) -> Results:
    """Everything that ``results/02_segmentation.json`` holds."""
    # The page shows the first of them as tiles: what a manager asks for comes first.
    parts = (_value_metrics(study), _stage_metrics(study), _holdout_metrics(study), _model_metrics(study))
    metrics = tuple(metric for part in parts for metric in part)
    return Results(NOTEBOOK, study.as_of, metrics, tuple(_checks(study)), tuple(_findings(study)))


def _model_metrics(study: Segmentation) -> list[Metric]:
    model, spend, correlation = study.purchases, study.spend, study.spend_correlation
    return [
        _absent("purchase_model_log_likelihood", model)
        if isinstance(model, Missing)
        else Metric("purchase_model_log_likelihood", model.log_likelihood_, n=model.n_),
        _absent("spend_model_log_likelihood", spend)
        if isinstance(spend, Missing)
        else Metric("spend_model_log_likelihood", spend.log_likelihood_, n=spend.n_),
        _absent("spend_frequency_correlation", correlation)
        if isinstance(correlation, Missing)
        else Metric("spend_frequency_correlation", correlation),
    ]


def _holdout_metrics(study: Segmentation) -> list[Metric]:
    names = ("orders_actual", "orders_expected", "orders_naive", "mae", "mae_naive", "correlation")
    value_names = ("revenue_actual", "revenue_expected", "interval_coverage")
    test = study.holdout
    if isinstance(test, Missing):
        return [_absent(f"holdout_{name}", test) for name in names + value_names]
    n, sums = len(test.customers), test.customers[["actual", "expected", "naive"]].sum()
    values = (*map(float, sums), test.mae, test.mae_naive, test.correlation)
    why = Missing("segmentation.no_correlation")
    found = [
        Metric(f"holdout_{name}", value, n=n) if value == value else _absent(f"holdout_{name}", why)
        for name, value in zip(names, values, strict=True)
    ]
    if isinstance(test.value, Missing):
        return found + [_absent(f"holdout_{name}", test.value) for name in value_names]
    found.append(Metric("holdout_revenue_actual", test.value.revenue_actual, n=n))
    found.append(Metric("holdout_revenue_expected", test.value.revenue_expected, n=n))
    found.append(rate("holdout_interval_coverage", test.value.covered, n))
    return found


def _value_metrics(study: Segmentation) -> list[Metric]:
    outlook, tiers = study.outlook, study.tiers
    found = []
    if isinstance(outlook, Missing):
        found += [_absent(name, outlook) for name in ("expected_value_total", "expected_value_tier_a_share")]
    elif not isinstance(study.tier_values, Missing):
        table, n = study.tier_values.table, len(outlook.customers)
        top = table.loc[table["tier"] == "A", "expected_value"].sum()
        found.append(Metric("expected_value_total", outlook.total, n=n))
        share = Metric(
            "expected_value_tier_a_share", top / outlook.total, n=n, numerator=top, denominator=outlook.total
        )
        found.append(share)
    if isinstance(tiers, Missing):
        return found + [_absent(f"customers_tier_{tier}", tiers) for tier in "abc"]
    sizes = tiers.set_index("tier")["customers"].reindex(list("ABC"), fill_value=0)
    return found + [Metric(f"customers_tier_{tier}", int(sizes[tier.upper()])) for tier in "abc"]


def _stage_metrics(study: Segmentation) -> list[Metric]:
    names, stages = ("loyal", "dormant", "lost"), study.lifecycle
    if isinstance(stages, Missing):
        return [_absent(f"lifecycle_{name}_rate", stages) for name in names]
    sizes, n = stages.by_stage.set_index("stage")["customers"], len(stages.stages)
    return [rate(f"lifecycle_{name}_rate", int(sizes[name]), n) for name in names]


def _checks(study: Segmentation) -> list[Check]:
    found = _holdout_checks(study.holdout) if not isinstance(study.holdout, Missing) else []
    if not isinstance(study.purchases, Missing):
        model = study.purchases
        names = ", ".join(model.at_bound_)
        found.append(Check("purchase_model_told_by_data", not names, {"names": names or "–"}))
        share = model.a_ / (model.a_ + model.b_)
        values = {"share": share, "limit": SMALLEST_DROP_OUT}
        found.append(Check("drop_out_seen", share >= SMALLEST_DROP_OUT, values))
    if not isinstance(study.outlook, Missing):
        days, known = study.outlook.horizon_days, study.outlook.history_days
        found.append(Check("horizon_within_history", days <= known, {"days": days, "known": known}))
    if not isinstance(study.spend_correlation, Missing):
        rho = study.spend_correlation
        values = {"correlation": rho, "limit": LARGEST_CORRELATION}
        found.append(Check("spend_independent_of_frequency", abs(rho) < LARGEST_CORRELATION, values))
    if not isinstance(study.score, Missing):
        values = {"ratio": study.score.ratio, "limit": HIGHEST_RATIO}
        found.append(Check("judgements_consistent", study.score.ratio <= HIGHEST_RATIO, values))
    return found


def _holdout_checks(test: Holdout) -> list[Check]:
    sums = test.customers[["actual", "expected"]].sum()
    errors = {"mae": test.mae, "mae_naive": test.mae_naive, "n": len(test.customers)}
    totals = {"expected": float(sums["expected"]), "actual": int(sums["actual"]), "limit": LARGEST_MISS}
    found = [
        Check("purchase_model_beats_naive", test.mae < test.mae_naive, errors),
        Check("holdout_total_met", abs(_miss(sums["expected"], sums["actual"])) <= LARGEST_MISS, totals),
    ]
    if not isinstance(test.value, Missing):
        money = {"expected": test.value.revenue_expected, "actual": test.value.revenue_actual}
        met = abs(_miss(money["expected"], money["actual"])) <= LARGEST_MISS
        found.append(Check("holdout_revenue_met", met, money | {"limit": LARGEST_MISS}))
        share = test.value.covered / len(test.customers)
        values = {"share": share, "interval": test.value.interval, "n": len(test.customers)}
        found.append(Check("limits_hold", share >= test.value.interval - COVERAGE_SLACK, values))
    return found


def _findings(study: Segmentation) -> list[Finding]:
    """In order of money: what is to come, what slips away, who carries the base, how sure the figures are."""
    found = []
    if not isinstance(study.outlook, Missing) and not isinstance(study.tier_values, Missing):
        tiers = study.tier_values.table
        top = tiers[tiers["tier"] == "A"]
        values = {"total": study.outlook.total, "days": study.outlook.horizon_days, "n": len(study.value)}
        values |= {"top_share": float(top["value_share"].sum()), "top_n": int(top["customers"].sum())}
        found.append(Finding("segmentation.finding_expected", values))
    if not isinstance(study.layers, Missing):
        table = study.layers.by_segment.set_index("segment")
        for name, segments in {
            "core": ("champions", "loyal"),
            "slipping": ("at_risk", "cannot_lose"),
        }.items():
            rows = table.loc[table.index.isin(segments)]
            values = {"n": int(rows["customers"].sum()), "revenue": float(rows["revenue"].sum())}
            values |= {"share": float(rows["customer_share"].sum())}
            values |= {"revenue_share": float(rows["revenue_share"].sum())}
            if values["n"] >= SMALLEST_CELL:
                found.append(Finding(f"segmentation.finding_{name}", values))
                if name == "slipping":
                    asked = {key: values[key] for key in ("n", "revenue", "revenue_share")}
                    found.append(Finding("decide.win_back", asked))
    if not isinstance(study.holdout, Missing):
        test = study.holdout
        sums = test.customers[["actual", "expected"]].sum()
        passed = test.mae < test.mae_naive and abs(_miss(sums["expected"], sums["actual"])) <= LARGEST_MISS
        code = "trust" if passed else "distrust"
        values = {"days": test.days, "actual": int(sums["actual"]), "expected": float(sums["expected"])}
        values |= {"mae": test.mae, "mae_naive": test.mae_naive}
        found.append(Finding(f"segmentation.finding_{code}", values))
    return found


def _miss(expected: float, actual: float) -> float:
    return expected / actual - 1 if actual else float("inf")


def _absent(name: str, why: Missing) -> Metric:
    return Metric(name, None, reason=why.reason)
