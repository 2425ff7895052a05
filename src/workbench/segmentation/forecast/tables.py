"""The models, their rungs and their test, as the reader sees them."""

from typing import Any

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.forecast.effects import Effects
from workbench.segmentation.forecast.forecast import Forecast
from workbench.segmentation.forecast.holdout import Holdout
from workbench.segmentation.forecast.ladder import Choice
from workbench.segmentation.purchases.learned import standard_errors
from workbench.segmentation.wording import show_part

LEAST_SURE = 0.05  # p-value of the test of all coefficients


def show_contenders(test: Holdout | Missing, today: Choice | Missing) -> None:
    """Show every model beside the naive rule on the days held back, and why seasonal time is not there.

    Where another model than that of `today` was chosen before these days, the page says so.
    """
    if isinstance(test, Missing):
        return
    table = test.contenders.assign(
        model=[say(f"segmentation.model_{name}") for name in test.contenders["model"]],
        actual=int(test.customers["actual"].sum()),
    )
    columns = ["model", "used", "expected", "actual", "correlation", "mae", "rmse"]
    show_part(table[columns], "contenders")
    if not isinstance(today, Missing) and today.name != test.choice.name:
        names = {"then": test.choice.name, "now": today.name}
        told = {when: say(f"segmentation.model_{name}") for when, name in names.items()}
        show.sentence("segmentation.holdout_other_model", cutoff=test.cutoff, **told)
    if test.season is not None:
        show.missing(test.season)


def show_ladder(choice: Choice | Missing) -> None:
    """Show which models were looked at, and what was found of each."""
    if isinstance(choice, Missing):
        show.missing(choice)
        return
    rows = [
        {
            "model": say(f"segmentation.model_{rung.name}"),
            "log_likelihood": rung.log_likelihood,
            "verdict": say(f"segmentation.verdict_{rung.verdict}", **rung.values),
        }
        for rung in choice.rungs
    ]
    show_part(pd.DataFrame(rows), "ladder")


def show_effects(found: Effects | Missing) -> None:
    """Show what channel and region have to do with purchases and departures, or why that is not told."""
    if isinstance(found, Missing):
        show.missing(found)
        return
    table = found.table.assign(
        column=[say(f"segmentation.effects_{name}") for name in found.table["column"]],
        on=[say(f"segmentation.effects_on_{name}") for name in found.table["on"]],
    )
    show_part(table, "effects", folded=True)
    values = {"model": say(f"segmentation.model_{found.model}"), "gain": found.gain, "n": found.n}
    told = "some" if found.p_value < LEAST_SURE else "none"
    show.sentence(f"segmentation.effects_sentence_{told}", p=found.p_value, **values)


def show_parameters(found: Forecast) -> None:
    """Show what the models have learnt, with standard errors."""
    rows = []
    model: Any
    for model in (None if isinstance(found.choice, Missing) else found.choice.model, found.spend):
        if hasattr(model, "covariance_"):
            rows += [
                {
                    "parameter": say(f"segmentation.parameter_{name}"),
                    "value": getattr(model, f"{name}_"),
                    "error": error,
                }
                for name, error in standard_errors(model).items()
            ]
    if rows:
        show_part(pd.DataFrame(rows), "parameters")
    if found.spend_fallback is not None:
        show.missing(found.spend_fallback)
