"""The report of a proposal: one self-contained page without script or network, for the analyst alone."""

import math
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from workbench.language import current, say
from workbench.linkage.clusters import LINK
from workbench.linkage.comparisons import LEVELS
from workbench.linkage.result import Proposal, in_words, lead_values

FOLDER = Path(__file__).parent
LANG_ATTRIBUTES = {"en": "en", "zh": "zh-Hans"}
MOST_ROWS = 25  # of a table on the page; pairs.csv and identities.csv hold all
# Evidence in bits that is told as strong: it multiplies or divides the odds by more than 100.
STRONG_BITS = math.log2(100)
SLIGHT_BITS = 1.0  # less than this hardly moves the odds


def report_page(proposal: Proposal, paths: dict[str, Path]) -> str:
    """The page of `proposal` in the language in force; ids are on it, other values of customers are not."""
    held_back = proposal.clusters[proposal.clusters["state"] != LINK]
    values = {
        "lang": LANG_ATTRIBUTES[current().language],
        "lead": say("linkage.lead", **lead_values(proposal)),
        "figures": _figures(proposal),
        "warnings": [say(code, **in_words(given)) for code, given in proposal.warnings],
        "bars": _bars(proposal),
        "sizes": _sizes(proposal),
        "held_back": _listed(held_back),
        "largest": _listed(proposal.clusters[proposal.clusters["state"] == LINK]),
        "decisions": _decisions(proposal),
        "fields": [_field(proposal, field) for field in proposal.fields],
        "blanked": [
            (say(f"linkage.column_{b.field}"), say(f"linkage.blank_{b.reason}"), b.records, b.values)
            for b in proposal.blanked
        ],
        "settings": _settings(proposal),
        "outputs": {kind: path.name for kind, path in paths.items()},
    }
    return _environment().get_template("report.html.j2").render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals |= {"say": say}
    return environment


def _figures(proposal: Proposal) -> list[tuple[str, str]]:
    """Label and value of what the page begins with."""
    ids_less = proposal.n_linked_ids - proposal.n_clusters
    counts = {
        "records": proposal.n_records,
        "people": proposal.n_records - ids_less,
        "linked": proposal.n_linked_ids,
        "pairs": proposal.n_pairs,
        "implied": proposal.n_implied,
        "compared": proposal.n_compared,
    }
    said = [(say(f"linkage.figure_{name}"), say("linkage.count", n=n)) for name, n in counts.items()]
    false = say("linkage.number", x=proposal.expected_false_pairs)
    return [*said, (say("linkage.figure_false"), false)]


def _bars(proposal: Proposal) -> list[dict[str, Any]]:
    """One bar for each band of probability. Lengths are logarithmic: a few bands hold nearly all pairs."""
    longest = math.log1p(max(proposal.histogram["pairs"].max(), 1))
    settings = proposal.settings
    bars = []
    bands = proposal.histogram[["low", "high", "pairs"]].to_numpy().tolist()
    for low, high, n in bands:
        kind = "link" if low >= settings.threshold else "none"
        if kind == "none" and high > settings.review_threshold:
            kind = "review"
        last = high == 1
        code = "linkage.band_last" if last else "linkage.band"
        bars.append(
            {
                "label": say(code, low=f"{low:g}", high=f"{high:g}"),
                "kind": kind,
                "pairs": say("linkage.count", n=n),
                "length": round(100 * math.log1p(n) / longest, 1),
            }
        )
    return bars


def _sizes(proposal: Proposal) -> list[tuple[str, str, str]]:
    first = proposal.clusters.drop_duplicates("canonical_id")
    counted = first.groupby(["size", "state"]).size().reset_index(name="clusters")
    return [
        (
            say("linkage.count", n=row.size_),
            say("linkage.count", n=row.clusters),
            say(f"linkage.state_{row.state}"),
        )
        for row in counted.rename(columns={"size": "size_"}).itertuples()
    ]


def _listed(clusters: Any) -> dict[str, Any]:
    """The biggest clusters: canonical id, ids, state."""
    n = clusters["canonical_id"].nunique()
    first = clusters.drop_duplicates("canonical_id").sort_values("size", ascending=False, kind="stable")
    shown = clusters.set_index("canonical_id").loc[list(first["canonical_id"].head(MOST_ROWS))]
    rows = [
        (canonical, say("linkage.count", n=len(members)), ", ".join(members["id"].head(MOST_ROWS)),
         say(f"linkage.state_{members['state'].iloc[0]}"))
        for canonical, members in shown.groupby(level=0, sort=False)
    ]  # fmt: skip
    return {"n": n, "rows": rows, "cut": n > len(rows)}


def _decisions(proposal: Proposal) -> list[tuple[str, str, str]]:
    counted = proposal.pairs["decision"].value_counts()
    order = ("link", "review", "names", "household", "large", "contradicted")
    return [
        (
            say(f"linkage.decision_{code}"),
            say("linkage.count", n=int(counted[code])),
            say(f"linkage.why_{code}"),
        )
        for code in order
        if code in counted
    ]


def _field(proposal: Proposal, field: str) -> dict[str, Any]:
    """A field's levels: how often they occur in one person's records and in strangers', and their weight."""
    rows = []
    for level, m, u in zip(LEVELS[field], proposal.model.m[field], proposal.model.u[field], strict=True):
        bits = math.log2(m / u)
        rows.append(
            {
                "level": say(f"linkage.{level.code}"),
                "m": say("linkage.share", x=m),
                "u": say("linkage.one_in", n=1 / u) if u < 0.5 else say("linkage.share", x=u),
                "factor": say("linkage.times", x=m / u) if m >= u else say("linkage.divided", x=u / m),
                "evidence": say(f"linkage.evidence_{_evidence(bits)}"),
            }
        )
    return {"name": say(f"linkage.column_{field}"), "rows": rows}


def _evidence(bits: float) -> str:
    if abs(bits) < SLIGHT_BITS:
        return "none"
    side = "for" if bits > 0 else "against"
    return f"strong_{side}" if abs(bits) >= STRONG_BITS else side


def _settings(proposal: Proposal) -> list[tuple[str, str]]:
    s, model = proposal.settings, proposal.model
    files = [
        (
            say("linkage.setting_file", name=path.name) + (f" ({prefix}…)" if prefix else ""),
            say("linkage.comma").join(
                f"{say(f'linkage.column_{field}')} = {' + '.join(getattr(columns, field))}"
                for field in ("id", *columns.used)
            ),
        )
        for path, prefix, columns in zip(s.files, s.prefixes, proposal.columns, strict=True)
    ]
    learned = say("linkage.learned" if model.learned else "linkage.believed", n=model.expected_matches)
    return [
        *files,
        (say("linkage.setting_threshold"), f"{s.threshold:g}"),
        (say("linkage.setting_review"), f"{s.review_threshold:g}"),
        (say("linkage.setting_largest"), str(s.largest_cluster)),
        (say("linkage.setting_prior"), say("linkage.one_in", n=1 / model.prior)),
        (say("linkage.setting_model"), learned),
        (say("linkage.setting_seed"), str(s.seed)),
    ]
