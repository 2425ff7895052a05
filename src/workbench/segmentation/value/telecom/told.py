"""What the value of contract customers says: metrics, checks and findings."""

from workbench.results import Check, Finding, Metric, Missing
from workbench.segmentation.value.telecom.lifetime import MONTHS_A_YEAR
from workbench.segmentation.value.telecom.telecom_value import CELLS, LONGEST_MONTHS, TelecomValue
from workbench.segmentation.wording import SMALLEST_CELL

# Share of customers whose stay is foreseen for longer than LONGEST_MONTHS, above which the cut decides.
LARGEST_CUT = 0.5
NAMES = (
    "contract_customers",
    "contract_current_value",
    "contract_value_at_stake",
    "contract_future_value",
    "contract_auc",
    "contract_kept_12_months",
)
# Largest distance between the share of contracts that survives and the model of it.
LARGEST_GAP = 0.05
# Pays much and is about to leave, whatever the potential.
TO_SAVE = (CELLS[1], CELLS[3])


def metrics(found: TelecomValue | Missing) -> tuple[Metric, ...]:
    """Customers with a contract, what they pay, what is at stake, and how well leaving is foreseen."""
    if isinstance(found, Missing):
        return tuple(Metric(name, None, reason=found.reason) for name in NAMES)
    frame, n = found.customers, len(found.customers)
    auc = Metric("contract_auc", found.auc, n=found.n_learnt, low=found.auc_low, high=found.auc_high)
    return (
        Metric("contract_customers", n, n=n),
        Metric("contract_current_value", float(frame["current_value"].sum()), n=n),
        Metric("contract_value_at_stake", float(frame["value_at_stake"].sum()), n=n),
        Metric("contract_future_value", float(frame["future_value"].sum()), n=n),
        auc,
        _kept(found),
    )


def _kept(found: TelecomValue) -> Metric:
    """Share of contracts that outlive a year."""
    name, lasting = NAMES[-1], found.survival
    if isinstance(lasting, Missing):
        return Metric(name, None, reason=lasting.reason)
    year = lasting.at(MONTHS_A_YEAR)
    if year is None:
        return Metric(name, None, reason=Missing("segmentation.survival_no_year").reason)
    return Metric(name, year["kept"], n=lasting.n, low=year["kept_low"], high=year["kept_high"])


def checks(found: TelecomValue | Missing) -> tuple[Check, ...]:
    """Whether time, attributes and stay are known well enough."""
    if isinstance(found, Missing):
        return ()
    known = found.contracts
    label = {"left": found.n_left, "n": found.n_learnt, "share": found.n_left / found.n_learnt}
    label |= {"monthly": known.ends / max(known.months, 1.0)}
    cut = {"share": found.at_longest / len(found.customers), "months": LONGEST_MONTHS, "limit": LARGEST_CUT}
    shut = sorted(name for name, why in known.dropped.items() if why in ("after_end", "score"))
    paid = int(found.services["paid"].astype(bool).sum())
    return (
        Check("contract_label_dated", known.label_months is not None, label, warns=True),
        Check("contract_stay_foreseen", cut["share"] <= LARGEST_CUT, cut, warns=True),
        Check(
            "contract_attributes_early",
            not shut,
            {"n": len(shut), "names": ", ".join(shut) or "–"},
            warns=True,
        ),
        *_lasting(found),
        Check("contract_services_known", paid > 0, {"paid": paid, "all": len(found.services)}, warns=True),
    )


def _lasting(found: TelecomValue) -> tuple[Check, ...]:
    if isinstance(found.survival, Missing):
        return ()
    gap = found.survival.largest_gap
    values = {"gap": gap, "limit": LARGEST_GAP}
    return (Check("contract_survival_fits", gap <= LARGEST_GAP, values, warns=True),)


def findings(found: TelecomValue | Missing) -> tuple[Finding, ...]:
    """Who pays much and is about to leave, and what that is worth in a year."""
    if isinstance(found, Missing):
        return ()
    rows = found.cells[found.cells["cell"].isin(TO_SAVE)]
    total = float(found.cells["value_at_stake"].sum())
    values = {"n": int(rows["customers"].sum()), "stake": float(rows["value_at_stake"].sum())}
    if values["n"] < SMALLEST_CELL or total <= 0:
        return ()
    values |= {"share": float(rows["customer_share"].sum()), "stake_share": values["stake"] / total}
    return (
        Finding("segmentation.finding_contracts_at_stake", values),
        Finding("decide.save_contracts", {name: values[name] for name in ("n", "stake")}),
    )
