"""Tables of 01 with readable names and the units of their columns."""

import pandas as pd

from workbench.language import say
from workbench.results import Missing


def bridge_table(bridge: pd.DataFrame, *scopes: str) -> pd.DataFrame:
    """The columns of the bridge that belong to `scopes`, with readable names."""
    counts = bridge.drop(columns=["kind", "label"])
    kept = [name for name in counts.columns if name.split("_", 1)[1] in scopes and counts[name].any()]
    table = bridge[["label", *kept]]
    names = {name: say(f"profiling.column_{name}") for name in kept} | {"label": say("profiling.column_step")}
    return table.rename(columns=names)


def quarantine_table(quarantine: pd.DataFrame) -> pd.DataFrame | Missing:
    """Quarantined rows with the rule in words; Missing when there are none."""
    if quarantine.empty:
        return Missing("profiling.no_quarantine")
    spoken = quarantine.assign(rule=[say(f"profiling.rule_{rule}") for rule in quarantine.rule])
    return spoken.rename(columns={name: say(f"profiling.column_{name}") for name in spoken.columns})


def units() -> dict[str, str]:
    """Readable column name → unit, for the columns that have one."""
    given = {"rows": "rows", "customers": "customers"}
    money = {f"revenue_{scope}": "exact_currency" for scope in ("as_of", "later", "whole")}
    counts = {
        f"{what}_{scope}": "rows" for what in ("rows", "customers") for scope in ("as_of", "later", "whole")
    }
    known = given | money | counts
    known.pop("customers_later")
    return {say(f"profiling.column_{name}"): unit for name, unit in known.items()}
