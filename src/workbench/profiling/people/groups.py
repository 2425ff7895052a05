"""Group portrait: what is more common, or rarer, in a group of customers than in the base."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import say
from workbench.profiling.people.catalogue import Tag
from workbench.profiling.people.columns import PRESENT_TABLES
from workbench.profiling.people.customers import People
from workbench.profiling.people.shares import benjamini_hochberg, target_index, two_shares
from workbench.profiling.people.wording import trait_label
from workbench.results import Missing

DEFAULT_GROUPS = ("high_value", "contract_ended", "unhappy")  # of orders, of contracts, of feedback alone
MIN_GROUP = 30  # customers in the group, and outside it
MIN_CELL = 10  # customers of the group with the trait: a smaller count would be one of persons
FALSE_DISCOVERIES = 0.05  # share of false ones among the traits that are called significant
MOST_VALUES = 50  # of one column; the rarer ones of a column with more are not tested
TRAITS = ("top_category", "top_channel", "top_day_part", "first_channel", "first_category")
_WINDOW = re.compile(r"_\d+d$")


@dataclass(frozen=True)
class GroupPortrait:
    """A group against the base.

    Attributes
    ----------
    label : str
        What the group is called.
    n, n_base : int
        Customers of the group, and of the base that it is a part of.
    buyers : bool
        Whether the base are the customers with an order (so it is if all of the group have one), or all.
    traits : pandas.DataFrame
        One row per trait tested, the highest index first. kind (``tag`` or ``value``), trait (code of the tag
        or name of the column), value (of the column), label (in words); n_group and n_base (customers of whom
        it is known); carriers and carriers_base; share and share_base; tgi, low, high (95 % interval); p, q
        (Benjamini-Hochberg over all rows); significant (q <= FALSE_DISCOVERIES).
    n_small : int
        Traits not tested because fewer than MIN_CELL of the group have them.
    n_related : int
        Traits left out because the group is made of the same figures.
    """

    label: str
    n: int
    n_base: int
    buyers: bool
    traits: pd.DataFrame
    n_small: int
    n_related: int


def group_portrait(
    people: People,
    group: "str | pd.Series[bool] | None" = None,
    *,
    label: str | None = None,
    made_of: Sequence[str] = (),
) -> GroupPortrait | Missing:
    """What tells the carriers of a tag, or any group of customers, from the base.

    Parameters
    ----------
    group : str or pandas.Series, optional
        Code of a tag without a value; or truth by customer_id, customers who are not in it being outside. By
        default the first of DEFAULT_GROUPS that the company's tables let be computed.
    label : str, optional
        What a group that is no tag is called.
    made_of : sequence of str
        Columns that such a group is made of: traits of the same are left out.

    Returns
    -------
    GroupPortrait or Missing
        Missing where the tag could not be computed, or fewer than MIN_GROUP customers are in or outside it.

    Notes
    -----
    The test is of the group against the rest, which it shares no customer with. It assumes independent
    customers; and many traits go together, so that their q-values do too.
    """
    if group is None:
        group = next((code for code in DEFAULT_GROUPS if code in people.carried), DEFAULT_GROUPS[0])
    members, name, columns = _members(people, group, label, made_of)
    if isinstance(members, Missing):
        return members
    ordered = (people.customers["n_orders"] > 0).to_numpy()
    buyers = bool(ordered[members].all()) and bool(members.any())
    base = np.flatnonzero(ordered) if buyers else np.arange(len(members))
    members = members[base]
    n, rest = int(members.sum()), int((~members).sum())
    if min(n, rest) < MIN_GROUP:
        values = {"group": name, "n": n, "rest": rest, "least": MIN_GROUP}
        return Missing("profiling.people_small_group", values)
    traits, n_related = _traits(people, columns, group if isinstance(group, str) else "")
    counted = [
        row for *trait, column in traits for row in _counts(*trait, column=column.iloc[base], members=members)
    ]
    tested = [_tested(row) for row in counted if row["carriers"] >= MIN_CELL]
    n_small = sum(row["carriers_base"] > 0 and row["carriers"] < MIN_CELL for row in counted)
    return GroupPortrait(name, n, n + rest, buyers, _labelled(_ordered(tested), people), n_small, n_related)


def _members(
    people: People, group: "str | pd.Series[bool]", label: str | None, made_of: Sequence[str]
) -> tuple[Any, str, set[str]]:
    if not isinstance(group, str):
        chosen = group.index[group.fillna(False).to_numpy(dtype=bool)]
        inside = people.customers["customer_id"].isin(chosen).to_numpy()
        return inside, label or say("profiling.people_the_group"), {_stem(name) for name in made_of}
    tag = next((tag for tag in people.tags if tag.code == group), None)
    if tag is None:
        return Missing("profiling.people_no_tag", {"tag": group}), group, set()
    if group in people.absent:
        return people.absent[group], tag.label, set()
    column = people.carried[group]
    carried = column.to_numpy() if column.dtype == bool else column.notna().to_numpy()
    return carried, tag.label, _stems(tag)


def _stems(tag: Tag) -> set[str]:
    return {_stem(name) for name in tag.columns}


def _stem(name: str) -> str:
    """A feature without its window: revenue of the last year is made of revenue."""
    return _WINDOW.sub("", name).removesuffix("_strength").removesuffix("_evidence")


def _traits(people: People, stems: set[str], code: str) -> tuple[list[tuple[str, str, Any]], int]:
    """Kind, name and column of every trait that is no consequence of the group's own definition."""
    plain = [tag for tag in people.computed if people.carried[tag.code].dtype == bool and tag.code != code]
    kept = [tag for tag in plain if not _stems(tag) & stems]
    found: list[tuple[str, str, Any]] = [("tag", tag.code, people.carried[tag.code]) for tag in kept]
    texts = [name for name in people.customers.columns if name.startswith(_present_texts())]
    values = [name for name in (*TRAITS, *texts) if _is_trait(people.customers[name])]
    free = [name for name in values if name.replace("__", ".") not in stems]
    found += [("value", name, people.customers[name]) for name in free]
    return found, len(plain) - len(kept) + len(values) - len(free)


def _present_texts() -> tuple[str, ...]:
    return tuple(f"{table}__" for table in PRESENT_TABLES)


def _is_trait(column: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(column.dtype) and bool(column.notna().any())


def _counts(kind: str, trait: str, *, column: Any, members: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """How many of the group and of the base have each value of a trait; of a tag, who carries it."""
    start = {"kind": kind, "trait": trait}
    if kind == "tag":
        carried = column.to_numpy()
        sizes = {"n_group": int(members.sum()), "n_base": len(members)}
        row = {"value": "", "carriers": int((carried & members).sum()), "carriers_base": int(carried.sum())}
        return [start | sizes | row]
    known = column.notna().to_numpy()
    base = column.value_counts()
    inside = column[members].value_counts()
    sizes = {"n_group": int((known & members).sum()), "n_base": int(known.sum())}
    common = base.reset_index().sort_values(["count", trait], ascending=[False, True]).head(MOST_VALUES)
    return [
        start | sizes | {"value": value, "carriers": int(inside.get(value, 0)), "carriers_base": int(count)}
        for value, count in common.itertuples(index=False)
    ]


def _tested(row: dict[str, Any]) -> dict[str, Any]:
    a, n = row["carriers"], row["n_group"]
    b, m = row["carriers_base"] - a, row["n_base"] - n
    index, low, high = target_index(a, n, b, m) if m else (100.0, np.nan, np.nan)
    p = two_shares(a, n, b, m) if m and 0 < a + b < n + m else 1.0
    shares = {"share": a / n, "share_base": (a + b) / (n + m)}
    return row | shares | {"tgi": index, "low": low, "high": high, "p": p}


def _ordered(tested: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["kind", "trait", "value", "n_group", "n_base", "carriers", "carriers_base", "share",
               "share_base", "tgi", "low", "high", "p"]  # fmt: skip
    table = pd.DataFrame(tested, columns=columns)
    table["q"] = benjamini_hochberg(table["p"].to_numpy("float64"))
    table["significant"] = table["q"] <= FALSE_DISCOVERIES
    return table.sort_values(["tgi", "trait", "value"], ascending=[False, True, True], ignore_index=True)


def _labelled(table: pd.DataFrame, people: People) -> pd.DataFrame:
    tags = {tag.code: tag for tag in people.tags}
    rows: Any = table.itertuples()
    labels = [
        tags[row.trait].label if row.kind == "tag" else trait_label(row.trait, row.value) for row in rows
    ]
    return table.assign(label=pd.Series(labels, index=table.index, dtype=object))


def most_typical(traits: pd.DataFrame) -> "pd.Series[Any] | None":
    """The trait that is significantly more common in the group by most points of share; None without one.

    By points, not by the index: a trait of one in a hundred customers may have the highest of all.
    """
    above = traits[traits["significant"] & (traits["share"] > traits["share_base"])]
    if above.empty:
        return None
    points = (above["share"] - above["share_base"]).to_numpy()
    return above.iloc[int(points.argmax())]
