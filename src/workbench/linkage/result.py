"""What linkage has found, and how its counts are said."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workbench.language import say
from workbench.linkage.clusters import LINK
from workbench.linkage.columns import LinkColumns
from workbench.linkage.normalise import Blanked
from workbench.linkage.training import LinkModel


@dataclass(frozen=True)
class Settings:
    """What the analyst decided."""

    files: tuple[Path, ...]
    prefixes: tuple[str, ...]
    threshold: float
    review_threshold: float
    largest_cluster: int
    seed: int


@dataclass(frozen=True)
class Proposal:
    """What was found. Ids are the analyst's own; no other value of a customer is in here.

    Attributes
    ----------
    n_records, n_compared, n_pairs, n_clusters : int
        Records read, pairs compared, pairs proposed, clusters proposed (of two records and more).
    n_linked_ids : int
        Ids in the proposed clusters.
    n_implied : int
        Pairs inside proposed clusters that only a third record joins.
    expected_false_pairs : float
        Sum of 1 - probability over the proposed pairs.
    pairs : pandas.DataFrame
        id_1, id_2, probability, decision, and per field the code of the level of agreement;
        all pairs from the review threshold on, the most probable first.
    clusters : pandas.DataFrame
        canonical_id, id, size, state: clusters proposed (``link``) and held back (``large``,
        ``contradicted``).
    histogram : pandas.DataFrame
        low, high, pairs: compared pairs by probability.
    warnings : tuple of (str, dict)
        Codes of messages with their values, most important first.
    """

    settings: Settings
    columns: tuple[LinkColumns, ...]
    fields: tuple[str, ...]
    model: LinkModel
    n_records: int
    n_compared: int
    n_pairs: int
    n_clusters: int
    n_linked_ids: int
    n_implied: int
    expected_false_pairs: float
    pairs: pd.DataFrame
    clusters: pd.DataFrame
    histogram: pd.DataFrame
    blanked: tuple[Blanked, ...]
    warnings: tuple[tuple[str, dict[str, object]], ...]

    @property
    def identities(self) -> pd.DataFrame:
        """The link table: id and canonical_id, the members of proposed clusters only."""
        linked = self.clusters[self.clusters["state"] == LINK]
        return linked[["id", "canonical_id"]].reset_index(drop=True)


def lead_values(proposal: "Proposal") -> dict[str, object]:
    """The values of the message ``linkage.lead``."""
    return {
        "records": proposal.n_records,
        "ids": proposal.n_linked_ids,
        "people": proposal.n_clusters,
        "review": int((proposal.pairs["decision"] != LINK).sum()),
    }


def in_words(values: dict[str, object]) -> dict[str, object]:
    """`values` of a warning with the names of fields in words."""
    return {k: say(f"linkage.column_{v}") if k == "field" else v for k, v in values.items()}
