"""Tables of tags and groups with readable names and the units of their columns."""

import pandas as pd

from workbench.language import say
from workbench.profiling.people.catalogue import named
from workbench.profiling.people.groups import GroupPortrait
from workbench.profiling.people.health import EFFECTS, Health
from workbench.results import Missing

LEAST_Q = 0.0001  # smaller ones are said to be smaller
MIN_SHOWN = 10  # customers: a smaller count would be one of persons
UNITS = {
    "share": "share",
    "kept_share": "share",
    "jaccard": "ratio",
    "carriers": "customers",
    "entered": "customers",
    "left": "customers",
    "share_base": "share",
    "carriers_base": "customers",
    "tgi": "index",
    "low": "index",
    "high": "index",
    "expiry_days": "days",
}


def tags_table(found: Health | Missing) -> pd.DataFrame | Missing:
    """The tag catalogue: name, group, definition, owner, refresh, expiry, and how many carry each tag."""
    if isinstance(found, Missing):
        return found
    rows = [
        {
            "tag": tag.label,
            "tag_group": named("group", tag.group),
            "definition": tag.meaning,
            "owner": named("owner", tag.owner),
            "refresh": say(f"profiling.people_refresh_{tag.refresh}"),
            "expiry_days": tag.expiry_days,
            "carriers": _shown(int(carriers)) if carriers == carriers else None,
            "share": share if carriers >= MIN_SHOWN or carriers == 0 else None,
        }
        for tag, carriers, share in zip(
            found.tags, found.by_tag["carriers"], found.by_tag["share"], strict=True
        )
    ]
    return _spoken(pd.DataFrame(rows).astype({"carriers": "Int64"}))


def health_table(found: Health | Missing) -> pd.DataFrame | Missing:
    """How each tag is: coverage, what became of last month's carriers, what it tells apart, and the verdict.

    Figures of fewer than MIN_SHOWN carriers are left out, and so are changes on them.
    """
    if isinstance(found, Missing):
        return found
    table = found.by_tag
    few = (table["carriers"] < MIN_SHOWN) & (table["carriers"] > 0)
    past = few | (table["carriers_before"] < MIN_SHOWN)
    moved = ("kept_share", "entered", "left", "jaccard")
    shown = {name: table[name].mask(few) for name in ("carriers", "share")}
    shown |= {name: table[name].mask(past | _small(table[name], name)) for name in moved}
    shown |= {name: table[name] for name in EFFECTS}
    frame = pd.DataFrame(shown).astype(dict.fromkeys(("carriers", "entered", "left"), "Int64"))
    words = [_verdict(found, code, verdict) for code, verdict in zip(table.code, table.verdict, strict=True)]
    frame.insert(0, "tag", pd.Series([tag.label for tag in found.tags], dtype=object))
    return _spoken(frame.assign(verdict=pd.Series(words, dtype=object)))


def alike_table(found: Health | Missing) -> pd.DataFrame | Missing:
    """Pairs of tags that nearly the same customers carry; Missing where there are none."""
    if isinstance(found, Missing):
        return found
    if found.alike.empty:
        return Missing("profiling.people_none_alike")
    names = {tag.code: tag.label for tag in found.tags}
    words = {"tag": found.alike["code"].map(names), "other": found.alike["other"].map(names)}
    return _spoken(pd.DataFrame({**words, "jaccard": found.alike["jaccard"]}))


def group_table(portrait: GroupPortrait | Missing) -> pd.DataFrame | Missing:
    """Every trait tested of a group, the most typical first."""
    if isinstance(portrait, Missing):
        return portrait
    columns = ["carriers", "share", "carriers_base", "share_base", "tgi", "low", "high", "q", "significant"]
    named_first = portrait.traits[["label", *columns]].rename(columns={"label": "trait"})
    return _spoken(named_first.assign(q=named_first["q"].map(_probability)))


def units() -> dict[str, str]:
    """Readable column name → unit, for the columns that have one."""
    return {say(f"profiling.people_head_{name}"): unit for name, unit in UNITS.items()}


def _spoken(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={name: say(f"profiling.people_head_{name}") for name in table.columns})


def _probability(q: float) -> str:
    """Nobody reads twelve zeros."""
    return f"< {LEAST_Q}" if q < LEAST_Q else f"{q:.4f}"


def _shown(carriers: int) -> int | None:
    return carriers if carriers == 0 or carriers >= MIN_SHOWN else None


def _small(column: "pd.Series[float]", name: str) -> "pd.Series[bool]":
    """Whether a count is one of a few persons; shares are not counts."""
    return (column < MIN_SHOWN) & (column > 0) if name in ("entered", "left") else column < 0


def _verdict(found: Health, code: str, verdict: str) -> str:
    if verdict == "absent":
        return found.absent[code].reason
    return say(f"profiling.people_verdict_{verdict}")
