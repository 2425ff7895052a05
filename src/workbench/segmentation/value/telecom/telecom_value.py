"""Value of customers with a contract: current, potential and loyal, in a cube of eight cells.

H. Hwang, T. Jung & E. Suh, "An LTV model and customer segmentation based on customer value: a case study on
the wireless telecommunication industry", Expert Systems with Applications 26 (2004), 181-188.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.value.telecom.contracts import PREFIX, Contracts, contracts
from workbench.segmentation.value.telecom.lifetime import MONTHS_A_YEAR, lifetime_values, monthly_rate
from workbench.segmentation.value.telecom.models import (
    cross_fitted,
    fitted,
    ready,
    service_fees,
    service_flags,
)
from workbench.segmentation.value.telecom.survival import Survival, contract_survival

LEVELS = ("high", "low")
CELLS = tuple(f"{c}-{p}-{b}" for c in LEVELS for p in LEVELS for b in LEVELS)
AXES = ("current_value", "potential_value", "loyalty")
LONGEST_MONTHS = 60  # nobody's stay is foreseen for longer than this
FEWEST_CUSTOMERS = 100
SMALLEST_HAZARD = 1e-6
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TelecomOptions:
    """What an analyst may choose.

    Attributes
    ----------
    horizon_days : int
        Days ahead that leaving is foreseen for, where contracts have dates.
    yearly_interest : float
        Discount of what is to come.
    profit_share : float
        Profit in a unit of fee; 1 takes the fee itself, and the page says so.
    """

    horizon_days: int = 90
    yearly_interest: float = 0.1
    profit_share: float = 1.0


@dataclass(frozen=True)
class TelecomValue:
    """Customers with a running contract.

    Attributes
    ----------
    customers : pandas.DataFrame
        ``customer_id``, ``current_value`` (mean fee of six months less arrears, a month), ``potential_value``
        (Σ probability × fee of the services not held, a month), ``churn_probability``, ``loyalty``
        (1 - churn probability), ``expected_months``, ``past_value``, ``future_value``, ``lifetime_value``,
        ``value_at_stake`` (churn probability × a year's current value), ``cell``; ``credit`` (1 less the
        percentile rank of arrears) where arrears are told.
    cells : pandas.DataFrame
        Per cell of CELLS: ``cell``, ``customers``, ``customer_share``, ``monthly_fee`` (mean),
        ``churn_probability`` (mean), ``future_value`` (sum), ``value_at_stake`` (sum).
    services : pandas.DataFrame
        As `service_fees` gives them; of the paid ones also ``probability`` (mean, over customers who could
        take it) and ``open_to`` (their number).
    medians : dict
        Axis → value above which a customer counts as high.
    auc, auc_low, auc_high : float
        Of the churn probabilities, each from a model that has not seen the customer.
    n_learnt, n_left : int
        Contracts the churn model learnt from, and how many of them left.
    contracts : Contracts
    at_longest : int
        Customers whose expected stay was cut at LONGEST_MONTHS.
    options : TelecomOptions
    survival : Survival or Missing
        How long contracts last.
    """

    customers: pd.DataFrame
    cells: pd.DataFrame
    services: pd.DataFrame
    medians: dict[str, float]
    auc: float
    auc_low: float
    auc_high: float
    n_learnt: int
    n_left: int
    contracts: Contracts
    at_longest: int
    options: TelecomOptions
    survival: Survival | Missing


def telecom_value(
    subscriptions: ir.Table | None,
    attributes: Sequence[str],
    as_of: date,
    *,
    options: TelecomOptions | None = None,
) -> TelecomValue | Missing:
    """Value every customer with a running contract at the end of `as_of`.

    Parameters
    ----------
    subscriptions : ibis.Table or None
        The canonical table.
    attributes : sequence of str
        Its further columns; those that are yes/no and raise the fee are the optional services.

    Returns
    -------
    TelecomValue or Missing
        Missing without the table, without fees, or with too few contracts.

    Notes
    -----
    Probabilities of taking a service are those of holding it among customers alike: who has not taken it so
    far is less likely to than that. They order customers; their sum is no forecast of sales. Expected months
    are 1/(monthly rate of leaving): assumed is that the rate stays as it is.
    """
    if subscriptions is None:
        return Missing(
            "missing.table", {"table": "subscriptions", "section": say("segmentation.telecom_section")}
        )
    chosen = options or TelecomOptions()
    known = contracts(subscriptions, attributes, as_of, horizon_days=chosen.horizon_days)
    if isinstance(known, Missing):
        return known
    if len(known.running) < FEWEST_CUSTOMERS:
        values = {"n": len(known.running), "needed": FEWEST_CUSTOMERS}
        return Missing("segmentation.telecom_few_running", values)
    columns = ["tenure_months", "monthly_fee", *known.attributes]
    label = known.learnt["churned"].to_numpy(dtype=bool)
    held_out = cross_fitted(known.learnt, columns, label)
    churn = _churn_now(known, columns, label)
    potential, services = _potential(known, chosen.profit_share)
    frame = _valued(known, churn, potential, chosen)
    auc, low, high = _auc_interval(label, held_out)
    medians = {axis: float(frame[axis].median()) for axis in AXES}
    frame["cell"] = cells_of(frame, medians)
    at_longest = int((frame["expected_months"] >= LONGEST_MONTHS).sum())
    return TelecomValue(
        frame, by_cell(frame), services, medians, auc, low, high,
        len(label), int(label.sum()), known, at_longest, chosen, contract_survival(known.lived),
    )  # fmt: skip


def cells_of(customers: pd.DataFrame, medians: dict[str, float]) -> pd.Series:
    """current-potential-loyalty of each customer, each above its median (high) or not (low)."""
    code = np.zeros(len(customers), dtype=np.int64)
    for axis in AXES:
        code = 2 * code + (customers[axis].to_numpy() <= medians[axis])
    return pd.Series(np.array(CELLS, dtype=object)[code], index=customers.index, dtype="str")


def by_cell(customers: pd.DataFrame) -> pd.DataFrame:
    """The `cells` of a `TelecomValue`: every cell, in the order of CELLS."""
    grouped = customers.groupby("cell")
    table = pd.DataFrame(
        {
            "customers": grouped.size(),
            "monthly_fee": grouped["monthly_fee"].mean(),
            "churn_probability": grouped["churn_probability"].mean(),
            "future_value": grouped["future_value"].sum(),
            "value_at_stake": grouped["value_at_stake"].sum(),
        }
    ).reindex(list(CELLS))
    filled = dict.fromkeys(("customers", "future_value", "value_at_stake"), 0)
    table = table.fillna(filled).astype({"customers": "int64"})
    table.insert(1, "customer_share", table["customers"] / len(customers))
    return table.rename_axis("cell").reset_index()


def _churn_now(known: Contracts, columns: list[str], label: npt.NDArray[np.bool_]) -> Floats:
    """Churn probability of the running contracts, from models that have not seen their outcome."""
    if known.label_months is not None:  # the label lies in the past: a running contract has none yet
        model = fitted(ready(known.learnt, columns), columns, label)
        return np.asarray(model.predict_proba(ready(known.running, columns))[:, 1])
    # The rows learnt from are the running ones and those that left; fold and model follow the content.
    both = pd.concat([known.running[columns], known.learnt.loc[label, columns]], ignore_index=True)
    left = np.arange(len(both)) >= len(known.running)
    return cross_fitted(both, columns, left)[: len(known.running)]


def _potential(known: Contracts, profit_share: float) -> tuple[Floats, pd.DataFrame]:
    """Σ Prob · Profit over the paid services a customer does not have, a month; and the services."""
    rows = known.running
    flags = {name: service_flags(rows[name]) for name in known.attributes}
    found = pd.DataFrame({name: flag for name, flag in flags.items() if flag is not None}, index=rows.index)
    texts = [n for n in known.attributes if n not in found and not pd.api.types.is_numeric_dtype(rows[n])]
    potential = np.zeros(len(rows))
    if found.empty:
        return potential, pd.DataFrame(columns=["service", "fee", "fee_error", "holders", "paid"])
    services = service_fees(rows, found, texts).assign(probability=np.nan, open_to=0)
    # No amount enters: it would tell what is already bought.
    context = ["tenure_months", *texts, *found.columns]
    for place, row in enumerate(services.to_dict("records")):
        if not row["paid"]:
            continue
        name = str(row["service"])
        eligible = found[name].notna().to_numpy()
        flag = found.loc[eligible, name].eq(1).to_numpy()
        inputs = rows.assign(**{n: found[n] for n in found.columns})
        others = [n for n in context if n != name]
        chance = cross_fitted(inputs[eligible].reset_index(drop=True), others, flag)
        without = np.flatnonzero(eligible)[~flag]
        potential[without] += chance[~flag] * float(row["fee"]) * profit_share
        services.loc[place, "open_to"] = len(without)
        services.loc[place, "probability"] = float(chance[~flag].mean()) if len(without) else np.nan
    return potential.round(10), services.assign(
        service=[str(s).removeprefix(PREFIX) for s in services["service"]]
    )


def _valued(known: Contracts, churn: Floats, potential: Floats, chosen: TelecomOptions) -> pd.DataFrame:
    rows = known.running
    owed = rows["arrears"].fillna(0.0).to_numpy() if "arrears" in rows else 0.0
    fee = rows["mean_fee"].fillna(rows["mean_fee"].median()).to_numpy()
    current = fee - owed
    months = np.minimum(1 / np.maximum(monthly_hazard(known, churn), SMALLEST_HAZARD), LONGEST_MONTHS)
    profit = fee * chosen.profit_share
    worth = lifetime_values(
        profit,
        potential,
        periods=rows["tenure_months"].clip(lower=0).to_numpy(),
        expected_periods=months,
        rate=monthly_rate(chosen.yearly_interest),
    )
    frame = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "monthly_fee": fee,
            "current_value": current,
            "potential_value": potential,
            "churn_probability": churn,
            "loyalty": 1 - churn,
            "expected_months": months,
        }
    ).assign(**{str(name): worth[name].to_numpy() for name in worth})
    frame["value_at_stake"] = churn * MONTHS_A_YEAR * np.maximum(current, 0)
    if "arrears" in rows:
        frame["credit"] = 1 - rows["arrears"].fillna(0.0).rank(pct=True)
    return frame


def monthly_hazard(known: Contracts, churn: Floats) -> Floats:
    """Rate of leaving per month: from the horizon where the label has one, else from ends per month run.

    Without dates the label's own time is not known: the model then says who leaves sooner than others, and
    ends divided by all months run say how soon on average (maximum likelihood of a constant rate).
    """
    relative = -np.log1p(-np.clip(churn, 0, 1 - SMALLEST_HAZARD))
    if known.label_months is not None:
        return relative / known.label_months
    mean = float(relative.mean())
    return relative / mean * known.ends / max(known.months, 1.0) if mean > 0 else relative


def _auc_interval(label: npt.NDArray[np.bool_], chance: Floats) -> tuple[float, float, float]:
    """AUC with the 95 % interval of J. A. Hanley & B. J. McNeil, Radiology 143 (1982), 29-36."""
    auc = float(roc_auc_score(label, chance))
    ones, zeros = int(label.sum()), int((~label).sum())
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (ones - 1) * (q1 - auc**2) + (zeros - 1) * (q2 - auc**2)
    error = float(norm.ppf(0.975)) * float(np.sqrt(variance / (ones * zeros)))
    return auc, max(auc - error, 0.0), min(auc + error, 1.0)
