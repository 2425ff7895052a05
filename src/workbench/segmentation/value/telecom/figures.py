"""The cube of contract customers in pictures. Nothing is computed here."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from workbench.language import current, say
from workbench.results import Missing
from workbench.segmentation.figures import beside, horizontal, paired_bars, percent, whole, with_words
from workbench.segmentation.value.telecom.lifetime import MONTHS_A_YEAR
from workbench.segmentation.value.telecom.tables import cell_name, headed
from workbench.segmentation.value.telecom.telecom_value import TelecomValue
from workbench.segmentation.wording import without_small_cells
from workbench.theme import ACCENT, INK, PALE, new_axes, passes_missing


@passes_missing
def plot_cube(found: TelecomValue, *, ax: Axes | None = None) -> Axes:
    """Share of customers and of the value at stake per cell of the cube."""
    table = without_small_cells(found.cells)
    table = table[table["customers"] > 0].reset_index(drop=True)
    ax = new_axes(ax, height=0.8 + 0.5 * len(table))
    total = found.cells["value_at_stake"].sum()
    at_stake = table["value_at_stake"] / total if total else table["value_at_stake"]
    names = [cell_name(str(code)) for code in table["cell"]]
    paired_bars(ax, names, table["customer_share"], at_stake, say("segmentation.telecom_of_stake"))
    ax.set_xlim(right=max(float(at_stake.max()), float(table["customer_share"].max())) * 1.5)
    most = int(np.nanargmax(at_stake.to_numpy())) if at_stake.notna().any() else 0
    first = table.iloc[most]
    values: dict[str, Any] = {
        "cell": names[most],
        "n": int(first["customers"]),
        "share": float(first["customer_share"]),
    }
    values |= {"stake_share": float(at_stake.iloc[most]), "stake": float(first["value_at_stake"])}
    values |= {"fee": float(first["monthly_fee"]), "customers": len(found.customers), "total": float(total)}
    return with_words(ax, "telecom_cube", values, headed(table))


@passes_missing
def plot_survival(found: TelecomValue, *, ax: Axes | None = None) -> Any:
    """Share of contracts that outlive each month: as seen, with 95 % interval, and as sBG goes on."""
    lasting = found.survival
    if isinstance(lasting, Missing):
        return lasting
    ax, table = new_axes(ax), lasting.table
    seen = table.dropna(subset=["kept"])
    ax.fill_between(seen["month"], seen["kept_low"], seen["kept_high"], step="post", color=PALE)
    ax.step(seen["month"], seen["kept"], where="post", color=INK, linewidth=1.2)
    ax.plot(table["month"], table["model"], color=ACCENT, linewidth=2)
    last, end = seen.iloc[-1], table.iloc[-1]
    beside(ax, say("segmentation.survival_model"), end["month"], end["model"], colour=ACCENT)
    middle = seen.iloc[2 * len(seen) // 5]
    beside(ax, say("segmentation.survival_seen"), middle["month"], middle["kept"] + 0.06, colour=INK)
    ax.set_ylim(0, 1)
    ax.set_xlim(0, end["month"] * 1.15)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(say("segmentation.survival_axis"))
    year = lasting.at(MONTHS_A_YEAR)
    shown = last if year is None else year
    values = {"month": int(shown["month"]), "kept": shown["kept"], "low": shown["kept_low"]}
    values |= {"high": shown["kept_high"], "n": lasting.n, "lost": lasting.lost}
    values |= {"months": lasting.months_ahead, "gap": lasting.largest_gap}
    return with_words(ax, "survival", values, headed(table))


@passes_missing
def plot_services(found: TelecomValue, *, ax: Axes | None = None) -> Any:
    """What each paid service adds to the fee, and how likely those without it are to hold it.

    Missing where no attribute raises the fee.
    """
    if not found.services["paid"].astype(bool).any():
        return Missing("segmentation.telecom_no_service", {"n": len(found.services)})
    table = found.services[found.services["paid"].astype(bool)].reset_index(drop=True)
    ax = new_axes(ax, height=0.9 + 0.34 * len(table))
    at = np.arange(len(table))[::-1]
    ax.barh(at, table["fee"], color=ACCENT, height=0.6, xerr=1.96 * table["fee_error"], ecolor=PALE)
    for y, row in zip(at, table.to_dict("records"), strict=True):
        text = say("segmentation.telecom_open", probability=percent(row["probability"]), n=row["open_to"])
        beside(ax, text, row["fee"], y, offset=10)
    ax.set_yticks(at, list(table["service"]))
    horizontal(ax)
    ax.xaxis.set_major_formatter(FuncFormatter(whole))
    ax.set_xlim(0, float(table["fee"].max()) * 1.8)
    ax.set_xlabel(say("segmentation.telecom_axis_fee", currency=current().currency))
    values: dict[str, Any] = {"paid": len(table), "all": len(found.services)}
    values |= {"potential": float(found.customers["potential_value"].mean()), "n": len(found.customers)}
    return with_words(ax, "telecom_services", values, headed(table.drop(columns="paid")))
