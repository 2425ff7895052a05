"""What the models have learnt, as the reader sees it."""

import pandas as pd

from workbench import show
from workbench.language import say
from workbench.results import Missing
from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.gamma_gamma import GammaGamma


def show_parameters(purchases: BetaGeoNBD | Missing, spend: GammaGamma | Missing) -> None:
    """Show what the models have learnt."""
    rows = []
    if not isinstance(purchases, Missing):
        rows += [(name, value) for name, value in purchases.population_._asdict().items()]
    if not isinstance(spend, Missing):
        rows += [("p", spend.p_), ("q", spend.q_), ("v", spend.v_), ("mean_spend", spend.population_mean_)]
    if rows:
        table = pd.DataFrame(
            {
                say("segmentation.column_parameter"): [
                    say(f"segmentation.parameter_{name}") for name, _ in rows
                ],
                say("show.value"): [float(value) for _, value in rows],
            }
        )
        show.table(table, caption=say("segmentation.caption_parameters"))
