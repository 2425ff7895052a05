"""What the channel and the region of customers have to do with how often they buy and how soon they leave."""

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from sklearn.base import clone

from workbench.results import Missing
from workbench.segmentation.forecast.ladder import OF_CUSTOMERS, Choice
from workbench.segmentation.forecast.models import PURCHASE_MODELS, learned
from workbench.segmentation.purchases.covariates import CovariateModel

COLUMNS = ("acquisition_channel", "region")
FEWEST_CUSTOMERS = 200  # of a level; smaller ones stay in the base it is compared with
MOST_LEVELS = 5  # of a column, the largest after its first: each costs two coefficients
MOST_CUSTOMERS = 20_000  # coefficients of so many are known to a few per cent
SURE = float(norm.ppf(0.975))


@dataclass(frozen=True)
class Effects:
    """Purchases and departures of levels, beside those of all other customers of the same column.

    Attributes
    ----------
    table : pandas.DataFrame
        ``column``, ``trait``, ``on`` (``purchases`` or ``departures``), ``customers``, ``times`` (how many
        times as fast, other columns being equal), ``low`` and ``high`` (95 %).
    model : str
        Of PURCHASE_MODELS.
    gain : float
        Log-likelihood above that of the model without covariates, on the same customers.
    p_value : float
        Of the likelihood ratio test of all coefficients together.
    n : int
    """

    table: pd.DataFrame
    model: str
    gain: float
    p_value: float
    n: int


def effects(
    histories: pd.DataFrame, customers: ir.Table | None, choice: Choice | Missing, *, keep: bool = False
) -> Effects | Missing:
    """Fit the model that is used once more, with levels of COLUMNS as covariates.

    Parameters
    ----------
    histories : pandas.DataFrame
        As `purchase_histories` gives them.
    customers : ibis.Table or None
        The canonical table.

    Returns
    -------
    Effects or Missing
        Missing without the columns, without two levels of FEWEST_CUSTOMERS, or where the model used does not
        tell who leaves.

    Notes
    -----
    Association, not effect in the sense of an experiment: who comes by one channel may differ in all else.
    """
    if isinstance(choice, Missing) or choice.name not in OF_CUSTOMERS:
        return Missing("segmentation.effects_need_a_model")
    known = [name for name in COLUMNS if customers is not None and name in customers.columns]
    if customers is None or not known:
        return Missing("segmentation.effects_no_column")
    traits = customers.select("customer_id", *known).to_pandas().drop_duplicates("customer_id")
    joined = histories.merge(traits, on="customer_id", how="left")
    rows, levels = _coded(joined, known)
    if not levels:
        return Missing("segmentation.effects_one_level", {"needed": FEWEST_CUSTOMERS})
    plain = learned(clone(PURCHASE_MODELS[choice.name]), rows, keep=keep)
    names = list(levels)
    model = CovariateModel(clone(PURCHASE_MODELS[choice.name]), names).fit(rows)
    gain = max(model.log_likelihood_ - plain.log_likelihood_, 0.0)
    p_value = float(chi2.sf(2 * gain, 2 * len(names)))
    return Effects(_table(model, rows, levels), choice.name, gain, p_value, len(rows))


def _coded(joined: pd.DataFrame, known: list[str]) -> tuple[pd.DataFrame, dict[str, tuple[str, str]]]:
    """Histories with a column of 0 and 1 per level, and the column and level that each stands for."""
    keys = ["frequency", "recency", "T", *known]
    ordered = joined.sort_values(keys, kind="stable")  # by content, so that no id changes who is taken
    rows = ordered.iloc[:: -(-len(ordered) // MOST_CUSTOMERS)][["frequency", "recency", "T", *known]]
    levels: dict[str, tuple[str, str]] = {}
    for column in known:
        sizes = rows[column].dropna().value_counts()
        large = sorted(sizes.index[sizes >= FEWEST_CUSTOMERS], key=lambda level: (-sizes[level], str(level)))
        for level in large[1 : MOST_LEVELS + 1]:  # the largest is what the others are compared with
            name = f"{column}={level}"
            levels[name] = (column, str(level))
            rows = rows.assign(**{name: (rows[column] == level).astype(float)})
    return rows.drop(columns=known).reset_index(drop=True), levels


def _table(model: CovariateModel, rows: pd.DataFrame, levels: dict[str, tuple[str, str]]) -> pd.DataFrame:
    found = model.effects_
    spread = SURE * found["standard_error"]
    table = pd.DataFrame(
        {
            "column": [levels[name][0] for name in found["covariate"]],
            "trait": [levels[name][1] for name in found["covariate"]],
            "on": found["on"],
            "customers": [int(rows[name].sum()) for name in found["covariate"]],
            "times": np.exp(found["coefficient"]),
            "low": np.exp(found["coefficient"] - spread),
            "high": np.exp(found["coefficient"] + spread),
        }
    )
    # In BG/NBD the second kind of coefficient moves how customers differ in leaving, not how many leave.
    return table if "s" in model.parameters_ else table[table["on"] == "purchases"].reset_index(drop=True)
