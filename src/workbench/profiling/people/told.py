"""What the first page and the archive are told of tags and groups: metrics, checks and findings."""

from workbench.language import say
from workbench.profiling.people.customers import People
from workbench.profiling.people.groups import GroupPortrait, most_typical
from workbench.profiling.people.health import Health
from workbench.results import Check, Finding, Metric, Missing, rate

UNSTABLE_SHARE = 0.2  # of the judged tags; with more of them lists made of last month's tags are stale
NAMES = ("tags_computed", "tags_unstable", "tags_flat", "favourite_category_rate")
JUDGED = ("fine", "unstable", "flat")


def metrics(people: People, found: Health | Missing) -> tuple[Metric, ...]:
    """The figures of the dictionary's people part; those without a value carry the reason."""
    if isinstance(found, Missing):
        return tuple(Metric(name, None, reason=found.reason) for name in NAMES)
    verdicts = found.by_tag["verdict"]
    judged = int(verdicts.isin(JUDGED).sum())
    return (
        Metric("tags_computed", len(people.computed), n=len(people.tags)),
        Metric("tags_unstable", int((verdicts == "unstable").sum()), n=judged),
        Metric("tags_flat", int((verdicts == "flat").sum()), n=judged),
        _favourites(people),
    )


def _favourites(people: People) -> Metric:
    code, name = "prefers_category", NAMES[-1]
    if code in people.absent or code not in people.carried:
        why = people.absent.get(code, Missing("profiling.people_no_tag", {"tag": code}))
        return Metric(name, None, reason=why.reason)
    carriers = int(people.carried[code].notna().sum())
    return rate(name, carriers, int((people.customers["n_orders"] > 0).sum()))


def checks(people: People, found: Health | Missing) -> tuple[Check, ...]:
    """Whether tags hold from month to month and say different things; none where nothing can be judged."""
    if isinstance(found, Missing):
        return ()
    verdicts = found.by_tag["verdict"]
    unstable, judged = int((verdicts == "unstable").sum()), int(verdicts.isin(JUDGED).sum())
    told = []
    if judged and people.known_before.any():
        values = {"unstable": unstable, "tags": judged, "limit": UNSTABLE_SHARE}
        told.append(Check("tags_hold", unstable <= UNSTABLE_SHARE * judged, values, warns=True))
    if people.computed:
        told.append(Check("tags_differ", found.alike.empty, _alike(people, found), warns=True))
    return tuple(told)


def _alike(people: People, found: Health) -> dict[str, object]:
    names = {tag.code: tag.label for tag in people.tags}
    example = ""
    if len(found.alike):
        first = found.alike.iloc[0]
        pair = {"first": names[first["code"]], "second": names[first["other"]]}
        example = say("profiling.people_alike_example", jaccard=float(first["jaccard"]), **pair)
    return {"pairs": len(found.alike), "tags": len(people.computed), "example": example}


def findings(portrait: GroupPortrait | Missing) -> tuple[Finding, ...]:
    """What is most typical of the group; none where nothing is significantly more common in it."""
    if isinstance(portrait, Missing):
        return ()
    first = most_typical(portrait.traits)
    if first is None:
        return ()
    values = {name: float(first[name]) for name in ("tgi", "low", "high", "share", "share_base")}
    values |= {"n": portrait.n, "carriers": int(first["carriers"]), "times": float(first["tgi"]) / 100}
    return (
        Finding(
            "profiling.finding_people_group", values | {"group": portrait.label, "trait": first["label"]}
        ),
    )
