"""The verb `workbench link`: customers files in, a proposed link table with its report out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.errors import refusal
from workbench.linkage import clusters, writing
from workbench.linkage.clusters import LINK, People
from workbench.linkage.columns import LinkColumns
from workbench.linkage.compare import Comparer
from workbench.linkage.normalise import normalise
from workbench.linkage.reading import Customers, read
from workbench.linkage.result import Proposal, Settings
from workbench.linkage.training import LinkModel

LARGEST_CLUSTER = 10  # a person with more ids than that is rather a shop's own account
SURELY = 0.999999  # what is written of a probability above it: no model is certain
PROBABILITY_BANDS = (0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)


def propose(
    files: Path | Sequence[Path],
    *,
    out: Path,
    columns: LinkColumns | None = None,
    prefixes: Sequence[str] | None = None,
    threshold: float = 0.95,
    review_threshold: float = 0.5,
    largest_cluster: int = LARGEST_CLUSTER,
    seed: int = 1,
) -> Proposal:
    """Propose which ids belong to one person, and write `out` with the pairs and the report beside it.

    Written are `out` (id, canonical_id), ``<out>-pairs.csv`` and ``<out>-report.html`` (in the language in
    force). Nothing is merged: the link table takes effect when the analyst names it in the source file.
    The canonical id of a cluster is its shortest id, of equally short ones the first in the order of signs:
    with numbers that grow, the oldest.

    Parameters
    ----------
    columns : LinkColumns, optional
        Columns to use; what is not given is guessed from English and Chinese headers.
    prefixes : sequence of str, optional
        Put before the ids of each file, where ids of different files are not distinct.
    threshold, review_threshold : float
        Match probability from which a pair is proposed, and from which it is listed for review.

    Raises
    ------
    WorkbenchError
        If a file, a column or a threshold breaks a rule, or an output file exists.
    """
    paths = (files,) if isinstance(files, Path) else tuple(files)
    settings = Settings(
        paths, tuple(prefixes or ("",) * len(paths)), threshold, review_threshold, largest_cluster, seed
    )
    _check(settings)
    writing.check_free(out)
    customers = read(paths, settings.prefixes, columns)
    proposal = find(customers, settings)
    writing.write(proposal, out)
    return proposal


def find(customers: Customers, settings: Settings) -> Proposal:
    """The proposal for the records in ``link_input``, written nowhere."""
    con, where = customers.con, ", ".join(str(path) for path in settings.files)
    blanked = normalise(con, customers.used)
    fields = _filled(customers, where)
    comparer = Comparer(con, fields, customers.n_records)
    n_compared = comparer.block(where)
    model = comparer.train(settings.seed)
    comparer.score("link_candidates", "link_pairs")
    people = clusters.find_people(
        comparer,
        threshold=settings.threshold,
        review_threshold=settings.review_threshold,
        largest_cluster=settings.largest_cluster,
    )
    ids = con.execute("SELECT id FROM link_records ORDER BY record").df()["id"].to_numpy(dtype=object)
    named = _named_clusters(people, ids)
    linked = named[named["state"] == LINK]
    proposed = people.pairs[people.pairs["decision"] == LINK]
    return Proposal(
        settings=settings,
        columns=customers.columns,
        fields=fields,
        model=model,
        n_records=customers.n_records,
        n_compared=n_compared,
        n_pairs=len(proposed),
        n_clusters=linked["canonical_id"].nunique(),
        n_linked_ids=len(linked),
        n_implied=people.n_implied,
        expected_false_pairs=float((1 - proposed["match_probability"]).sum()),
        pairs=_named_pairs(people, ids, fields),
        clusters=named,
        histogram=_histogram(comparer),
        blanked=blanked,
        warnings=_warnings(customers, model, fields, n_compared),
    )


def _filled(customers: Customers, where: str) -> tuple[str, ...]:
    """The fields in which some record has a value."""
    counts = ", ".join(f"count({field})" for field in customers.used)
    filled = customers.con.execute(f"SELECT {counts} FROM link_records").fetchone()
    fields = tuple(field for field, n in zip(customers.used, filled, strict=True) if n)
    if not fields:
        got = f"0 values in {', '.join(customers.used)} that are neither empty nor a stopgap"
        raise refusal(where, "the columns to compare by", "filled", got, "Name other columns.")
    return fields


def _check(settings: Settings) -> None:
    if not settings.files:
        raise refusal("link", "the files", "one or more", "none", "As in workbench link customers.csv.")
    if len(settings.prefixes) != len(settings.files):
        got = f"{len(settings.prefixes)} for {len(settings.files)} files"
        raise refusal("--prefix", "prefixes", "one for each file", got, 'Write "" for none.')
    if not 0.5 <= settings.threshold < 1:
        hint = "A higher one proposes fewer pairs and fewer false ones."
        raise refusal("--threshold", "the value", "from 0.5 to below 1", f"{settings.threshold:g}", hint)
    if not 0 < settings.review_threshold <= settings.threshold:
        rule = f"above 0 and at most the threshold {settings.threshold:g}"
        hint = "Pairs between both are listed for review."
        raise refusal("--review-threshold", "the value", rule, f"{settings.review_threshold:g}", hint)


def _named_clusters(people: People, ids: np.ndarray) -> pd.DataFrame:
    members = people.members.assign(id=ids[people.members["record"].to_numpy(dtype=int)])
    members["rank"] = [(len(i), i) for i in members["id"]]
    members = members.sort_values(["cluster", "rank"], ignore_index=True)
    by_cluster = members.groupby("cluster")
    members["canonical_id"] = by_cluster["id"].transform("first")
    members["first"] = by_cluster["rank"].transform("first")
    members["size"] = by_cluster["id"].transform("size")
    members = members.sort_values(["first", "rank"], ignore_index=True)
    return members[["canonical_id", "id", "size", "state"]]


def _named_pairs(people: People, ids: np.ndarray, fields: tuple[str, ...]) -> pd.DataFrame:
    raw = people.pairs
    left, right = (ids[raw[side].to_numpy(dtype=int)] for side in ("record_l", "record_r"))
    swap = np.array([(len(a), a) > (len(b), b) for a, b in zip(left, right, strict=True)], dtype=bool)
    named = pd.DataFrame(
        {
            "id_1": np.where(swap, right, left),
            "id_2": np.where(swap, left, right),
            "probability": raw["match_probability"].round(6).clip(upper=SURELY),
            "decision": raw["decision"],
        }
        | {f: [writing.level_code(f, g) for g in raw[f"gamma_{f}"]] for f in fields}
    )
    return named.sort_values(
        ["probability", "id_1", "id_2"], ascending=[False, True, True], ignore_index=True
    )


def _histogram(comparer: Comparer) -> pd.DataFrame:
    """Compared pairs by probability; the last band holds its upper end."""
    low, high = PROBABILITY_BANDS[:-1], PROBABILITY_BANDS[1:]
    band = " ".join(f"WHEN match_probability < {edge} THEN {i}" for i, edge in enumerate(high[:-1]))
    counted = dict(
        comparer.con.execute(
            f"SELECT CASE {band} ELSE {len(high) - 1} END, count(*) FROM link_pairs GROUP BY 1"
        ).fetchall()
    )
    return pd.DataFrame({"low": low, "high": high, "pairs": [counted.get(i, 0) for i in range(len(high))]})


def _warnings(
    customers: Customers, model: LinkModel, fields: tuple[str, ...], n_compared: int
) -> tuple[tuple[str, dict[str, object]], ...]:
    found: list[tuple[str, dict[str, object]]] = []
    if not n_compared:
        found.append(("linkage.warn_nothing_shared", {}))
    found += [("linkage.warn_empty_field", {"field": f}) for f in customers.used if f not in fields]
    if not model.learned and len(fields) > 1:
        found.append(("linkage.warn_beliefs", {"n": round(model.expected_matches)}))
    if len(fields) == 1:
        found.append(("linkage.warn_one_field", {"field": fields[0]}))
    if "name" not in fields:
        found.append(("linkage.warn_no_names", {}))
    if customers.n_without_id:
        found.append(("linkage.warn_without_id", {"n": customers.n_without_id}))
    if customers.n_repeated:
        found.append(("linkage.warn_repeated", {"n": customers.n_repeated}))
    return tuple(found)
