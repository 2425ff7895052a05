"""The verb `card`: what the last report knows of one customer, for the analyst's own screen."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.archive_cli import REPORTS, Archive, there
from workbench.errors import refusal, unknown_name
from workbench.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from workbench.report.site.entry import RunEntry


def card(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="her id, or her pseudonym")],
    *,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="by default the newest report of the archive")
    ] = None,
    archive: Archive = REPORTS,
    language: Annotated[str, typer.Option(help="en or zh")] = "en",
) -> None:
    """One customer: value, stage, risk and reasons, preferences, last contacts; printed, never archived."""
    from workbench.language import LANGUAGES, speaking
    from workbench.profiling import people
    from workbench.profiling.people.card import OTHERS
    from workbench.results import Missing

    if language not in LANGUAGES:
        raise unknown_name("card", "--language", language, LANGUAGES)
    store = there(archive)
    shown = _report(store, archive, run)
    portrait = _table(store, shown, "portrait")
    if portrait is None:
        hint = "Run the study with notebook 01, or name a run that has it with --run."
        raise refusal(shown.place, "the run", "one with a portrait", "none", hint)
    others = {name: table for name in OTHERS if (table := _table(store, shown, name)) is not None}
    own = _own_id(customer, set(portrait["customer_id"]), shown)
    with speaking(language, shown.currency):
        typer.echo(f"{shown.study} {shown.period}")
        found = people.card(own, portrait, others)
        typer.echo(found.reason if isinstance(found, Missing) else people.text(found))


def _report(store: Store, archive: str, run: str | None) -> "RunEntry":
    from workbench import runner
    from workbench.runner.review import find_run

    if run is not None:
        return find_run(store, run)
    reports = [one for one in runner.list_runs(store) if one.current]
    if not reports:
        raise refusal(archive, "the archive", "one with a report", "none", "Run a study first.")
    studies = sorted({one.study for one in reports})
    if len(studies) > 1:
        hint = f"Say --run STUDY/YYYY-MM; there are {', '.join(studies)}."
        raise refusal(archive, "the report", "of one study", f"{len(studies)} studies", hint)
    return find_run(store, f"{reports[-1].study}/{reports[-1].period}")


def _table(store: Store, run: "RunEntry", name: str) -> "pd.DataFrame | None":
    """A table of the run with a row for each customer; None where it has none."""
    import pandas as pd

    try:
        with store.open(f"{run.place}/tables/{name}.parquet") as file:
            return pd.read_parquet(file)
    except FileNotFoundError:
        return None


def _own_id(customer: str, known: set[str], run: "RunEntry") -> str:
    """The id that the run's tables know her by."""
    from workbench.sources.identity import key_path, known_as

    found = known_as(customer, known)
    if found is None:
        hint = f"Check the id (of a linked person the canonical one); pseudonyms were made with {key_path()}."
        rule = f"one of the {len(known):,} of {run.study} {run.period}"
        raise refusal("card", "the customer", rule, "one that is not there", hint)
    return found
