"""What layers and clusters say in figures and sentences: metrics, checks, findings."""

import pandas as pd

from workbench.results import Check, Finding, Metric, Missing, rate
from workbench.segmentation.layers.clusters import Clusters
from workbench.segmentation.layers.matching import Kept
from workbench.segmentation.layers.naming import cluster_name
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.layers.scheme import MEASURES
from workbench.segmentation.layers.trials import LOWEST_STABILITY
from workbench.segmentation.wording import SMALLEST_CELL, named

CORE = ("champions", "loyal")
SLIPPING = ("at_risk", "cannot_lose")
# Kaufman and Rousseeuw, "Finding Groups in Data" (1990), p. 88: up to 0.25 no substantial structure is found.
WEAKEST_SILHOUETTE = 0.25
LARGEST_SCORE_SHARE = 0.8  # a score that more customers than this share hardly tells any of them apart
LOWEST_KEPT_SHARE = 0.8  # below it lists made from last month's clusters hold other customers


def metrics(layers: Layers | Missing, clusters: Clusters | Missing) -> tuple[Metric, ...]:
    """The metrics of RFM layers and of clusters."""
    return (*_of_layers(layers), *_of_clusters(clusters))


def _of_layers(layers: Layers | Missing) -> tuple[Metric, ...]:
    if isinstance(layers, Missing):
        names = ("champions_rate", "slipping_rate", "slipping_revenue_share", "key_value_rate")
        return tuple(_absent(f"rfm_{name}", layers) for name in names)
    segments = layers.by_segment.set_index("segment")
    classes = layers.by_class.set_index("rfm_class")["customers"]
    n = len(layers.scores)
    slipping = segments[segments.index.isin(SLIPPING)]
    return (
        rate("rfm_champions_rate", int(segments["customers"].get("champions", 0)), n),
        rate("rfm_slipping_rate", int(slipping["customers"].sum()), n),
        _slipping_revenue(slipping, float(segments["revenue"].sum())),
        rate("rfm_key_value_rate", int(classes.get("key_value", 0)), n),
    )


def _slipping_revenue(slipping: pd.DataFrame, total: float) -> Metric:
    customers, revenue = int(slipping["customers"].sum()), float(slipping["revenue"].sum())
    if customers < SMALLEST_CELL:
        values = {"n": customers, "needed": SMALLEST_CELL}
        return _absent("rfm_slipping_revenue_share", Missing("segmentation.few_slipping", values))
    if total <= 0:
        return _absent("rfm_slipping_revenue_share", Missing("segmentation.no_net_revenue"))
    return Metric("rfm_slipping_revenue_share", revenue / total, customers, revenue, total)


def _of_clusters(clusters: Clusters | Missing) -> tuple[Metric, ...]:
    if isinstance(clusters, Missing):
        names = ("silhouette", "stability", "kept_share")
        return tuple(_absent(f"cluster_{name}", clusters) for name in names)
    kept = clusters.kept
    return (
        Metric("cluster_silhouette", clusters.silhouette, len(clusters.labels)),
        Metric("cluster_stability", clusters.stability, len(clusters.labels)),
        _absent("cluster_kept_share", kept)
        if isinstance(kept, Missing)
        else rate("cluster_kept_share", kept.kept, kept.customers),
    )


def _absent(name: str, why: Missing) -> Metric:
    return Metric(name, None, reason=why.reason)


def checks(layers: Layers | Missing, clusters: Clusters | Missing) -> tuple[Check, ...]:
    """Whether scores tell customers apart, and whether clusters are stable, clear and last."""
    found = []
    if not isinstance(layers, Missing):
        shares = {name: _largest_share(layers, name) for name in MEASURES}
        worst = max(shares, key=shares.__getitem__)
        values = {"measure": named("measure", worst), "share": shares[worst], "limit": LARGEST_SCORE_SHARE}
        found.append(Check("rfm_scores_spread", shares[worst] <= LARGEST_SCORE_SHARE, values, warns=True))
    if not isinstance(clusters, Missing):
        values = {"stability": clusters.stability, "limit": LOWEST_STABILITY, "k": clusters.k}
        found.append(Check("clusters_stable", clusters.stable, values, warns=True))
        values = {"silhouette": clusters.silhouette, "limit": WEAKEST_SILHOUETTE}
        clear = clusters.silhouette > WEAKEST_SILHOUETTE
        found.append(Check("clusters_clear", clear, values, warns=True))
        if isinstance(clusters.kept, Kept):
            kept = clusters.kept
            values = {"share": kept.share, "n": kept.customers, "limit": LOWEST_KEPT_SHARE}
            found.append(Check("clusters_kept", kept.share >= LOWEST_KEPT_SHARE, values, warns=True))
    return tuple(found)


def _largest_share(layers: Layers, measure: str) -> float:
    return float(layers.scores[f"{measure}_score"].value_counts(normalize=True).max())


def findings(layers: Layers | Missing, clusters: Clusters | Missing) -> tuple[Finding, ...]:
    """Who carries the base, who slips away and has to be won back, and what the clusters show."""
    found = []
    if not isinstance(layers, Missing):
        table = layers.by_segment
        for name, segments in {"core": CORE, "slipping": SLIPPING}.items():
            rows = table[table["segment"].isin(segments)]
            values = {"n": int(rows["customers"].sum()), "revenue": float(rows["revenue"].sum())}
            values |= {"share": float(rows["customer_share"].sum())}
            values |= {"revenue_share": float(rows["revenue_share"].sum(skipna=False))}
            if values["n"] >= SMALLEST_CELL and values["revenue_share"] == values["revenue_share"]:
                found.append(Finding(f"segmentation.finding_{name}", values))
                if name == "slipping":
                    asked = {key: values[key] for key in ("n", "revenue", "revenue_share")}
                    found.append(Finding("decide.win_back", asked))
    return (*found, *_found_in(clusters))


def _found_in(clusters: Clusters | Missing) -> tuple[Finding, ...]:
    if isinstance(clusters, Missing):
        return ()
    values = {"k": clusters.k, "stability": clusters.stability, "limit": LOWEST_STABILITY}
    if not clusters.stable:
        return (Finding("segmentation.finding_no_clusters", values),)
    table = clusters.by_cluster[clusters.by_cluster["customers"] >= SMALLEST_CELL]
    table = table.dropna(subset="revenue_share")
    if table.empty:
        return ()
    top = table.iloc[int(table["revenue_share"].argmax())]
    told = {"name": cluster_name(top["traits"]), "n": int(top["customers"])}
    shares = {"share": float(top["customer_share"]), "revenue_share": float(top["revenue_share"])}
    return (Finding("segmentation.finding_clusters", values | told | shares),)
