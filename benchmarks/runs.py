"""A whole monthly run beside papermill and nbconvert called one after another on the same notebooks."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import count
from pathlib import Path

import nbformat

from benchmarks.timing import Comparison, in_turn
from workbench.calendar import month_end
from workbench.parameters import Study, read_study
from workbench.report import PageContext, Run, render_page

CUSTOMERS = 500
GOAL = 0.5  # of the rival's time
MONTH = "2026-10"
ROUNDS = 2
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
COMMANDS = Path(sys.executable).parent


def whole_runs() -> Iterator[str]:
    """Our run, one notebook after another and two at once, in lines that say how near the goal is."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        room = Path(folder)
        environment = os.environ | {"XDG_CACHE_HOME": str(room), "WORKBENCH_KEY_FILE": str(room / "key")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        call(environment, "workbench", "demo", room / "demo", "--customers", CUSTOMERS)
        study = room / "demo" / "study.yml"
        for jobs in (1, 2):
            comparison = compare(study, room, environment, jobs=jobs)
            share = comparison.ours / comparison.rival
            yield (
                f"{comparison.what}: ours {comparison.ours:.1f} s, {comparison.rival_name} "
                f"{comparison.rival:.1f} s; {share:.2f} of the time (goal {GOAL})"
            )
        yield from stages(study, room, environment)


def compare(study: Path, room: Path, environment: Mapping[str, str], *, jobs: int) -> Comparison:
    """Both make pages of the four notebooks, from nothing; ours checks, records and publishes them too."""
    number = count()

    def ours() -> None:
        archive = room / f"archive-{jobs}-{next(number)}"
        ours_once(study, archive, environment, "--jobs", jobs)
        shutil.rmtree(archive)

    def rival() -> None:
        rival_once(read_study(study), room / "rival", environment)

    what = f"four notebooks of {CUSTOMERS} customers, {jobs} at a time"
    return in_turn(what, ours, "papermill and nbconvert in turn", rival, rounds=ROUNDS)


def ours_once(study: Path, archive: Path, environment: Mapping[str, str], *options: object) -> str:
    """One run into an empty archive; all that it said."""
    return call(environment, "workbench", "run", study, "--as-of", MONTH, "--archive", archive, *options)


def rival_once(study: Study, folder: Path, environment: Mapping[str, str]) -> None:
    """papermill's and nbconvert's commands on each notebook, with the same parameters."""
    folder.mkdir(exist_ok=True)
    for name in study.notebooks:
        parameters = study.parameters_of(name, as_of()).model_dump(mode="json")
        given = folder / "parameters.json"  # which is YAML too
        given.write_text(json.dumps(parameters), encoding="utf-8")
        executed = folder / f"{name}.ipynb"
        call(environment, "papermill", "--no-progress-bar", NOTEBOOKS / executed.name, executed, "-f", given)
        call(environment, "jupyter", "nbconvert", "--to", "html", executed)


def stages(study: Path, room: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """What one run spends on each notebook and on what comes after, and the rendering of its pages alone."""
    archive = room / "archive-stages"
    said = ours_once(study, archive, environment, "--log", "json").splitlines()
    told = [json.loads(line) for line in said if line.startswith("{")]
    begun: dict[str, datetime] = {}
    stage = ""
    for event in told:
        kind, at = event["event"], datetime.fromisoformat(event["at"])
        ended = {"judged": event.get("notebook"), "stage": stage, "published": stage}.get(kind)
        if ended:
            yield f"  {ended}: {(at - begun[ended]).total_seconds():.2f} s"
        if kind == "stage":
            stage = event["stage"]
        if kind in ("notebook", "stage"):
            begun[event.get("notebook") or stage] = at
    yield from rendering(archive)


def rendering(archive: Path) -> Iterator[str]:
    """Rendering alone, libraries loaded."""
    nodes = {path: nbformat.read(path, as_version=4) for path in archive.glob("*/*/*/notebooks/??_*.ipynb")}
    pages = {path.stem: (node, context(path.stem)) for path, node in nodes.items()}
    begin = datetime.now()
    for node, page in pages.values():
        render_page(node, page)
    seconds = (datetime.now() - begin).total_seconds()
    yield f"  rendering {len(pages)} pages alone: {seconds:.2f} s"


def context(notebook: str) -> PageContext:
    """What a page tells of its run."""
    return PageContext(Run("bench", "Benchmark", as_of(), "run", "published"), notebook)


def as_of() -> date:
    """The last day of the month that both run."""
    return month_end(date.fromisoformat(f"{MONTH}-01"))


def call(environment: Mapping[str, str], command: str, *arguments: object) -> str:
    """A command of this environment, ended; all that it said."""
    words = [str(COMMANDS / command), *map(str, arguments)]
    done = subprocess.run(words, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr[-2000:]}")
    return done.stdout + done.stderr
