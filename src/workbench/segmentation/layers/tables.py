"""The layers and clusters as the reader sees them."""

from workbench import show
from workbench.results import Missing
from workbench.segmentation.layers.clusters import Clusters
from workbench.segmentation.layers.rfm import Layers
from workbench.segmentation.wording import show_part


def show_segments(layers: Layers | Missing) -> None:
    """Show the RFM segments."""
    show_part(layers if isinstance(layers, Missing) else layers.by_segment, "segments")


def show_clusters(clusters: Clusters | Missing) -> None:
    """Show the clusters and how clearly they stand apart, or why there are none."""
    if isinstance(clusters, Missing):
        show.missing(clusters)
        return
    show_part(clusters.by_cluster, "clusters")
    k = len(clusters.by_cluster)
    show.sentence("segmentation.clusters_sentence", k=k, silhouette=clusters.silhouette)
