"""What a run will do, decided and checked before any kernel starts."""

import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import nbformat

from workbench.calendar import period_of
from workbench.errors import refusal, unknown_name
from workbench.parameters import NotebookParameters, Study, read_source
from workbench.runner.keys import execution_key
from workbench.runner.lint import refused_cells
from workbench.store import LocalStore, Store, open_store

PROJECT = Path(__file__).parents[3]
NOTEBOOKS = PROJECT / "notebooks"
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Step:
    """One notebook of a run.

    Attributes
    ----------
    injected : mapping
        What papermill writes into the notebook: plain JSON values, paths relative to `working_folder`.
    execution : mapping
        What its outputs follow from: see `keys.execution_key`.
    earlier : Path or None
        Folder with the tables of an earlier report that it may read.
    """

    notebook: str
    path: Path
    parameters: NotebookParameters
    injected: Mapping[str, Any]
    working_folder: Path
    execution: Mapping[str, str] = field(default_factory=dict)
    earlier: Path | None = None


@dataclass(frozen=True)
class Plan:
    """A whole run.

    Attributes
    ----------
    clock : callable
        Gives the time in UTC; it stamps the record of the run and no figure.
    options : tuple of str
        What the command line says beside the study and the date, so that the run can be made again.
    fresh : bool
        Whether everything is executed again, whatever earlier runs have left.
    archive : Path
        The archive's folder; of one that lies elsewhere, at `url`, the folder with copies of it.
    """

    study: Study
    as_of: date
    archive: Path
    run_id: str
    steps: tuple[Step, ...]
    inputs: Sequence[Mapping[str, Any]]
    clock: Clock
    jobs: int = 1
    options: tuple[str, ...] = ()
    fresh: bool = False
    url: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the pages, the main one first."""
        return self.study.languages

    @property
    def period(self) -> str:
        """The month of the run, ``YYYY-MM``."""
        return period_of(self.as_of)

    @property
    def store(self) -> Store:
        """The place the archive lies in."""
        return open_store(self.url or self.archive)

    @property
    def first_page(self) -> Path | str:
        """Where the run's first page is found in the archive."""
        name = f"{self.study.study}/{self.period}/{self.run_id}/index.html"
        return self.store.where(name) if self.url else self.archive / name

    @property
    def staging(self) -> Path:
        """Where the run is built; it becomes visible at `place`."""
        return self.store.staging / self.run_id

    @property
    def place(self) -> Path:
        """Where the run stands in the archive."""
        return self.archive / self.study.study / self.period / self.run_id

    @property
    def command(self) -> str:
        """The command that makes this run again."""
        path = self.study.path.resolve()
        inside = path.is_relative_to(PROJECT)
        study = str(path.relative_to(PROJECT) if inside else path.name)
        return shlex.join(["workbench", "run", study, "--as-of", str(self.as_of), *self.options])


def make_plan(
    study: Study,
    as_of: date,
    *,
    archive: Path | str,
    inputs: Sequence[Mapping[str, Any]],
    clock: Clock,
    only: Sequence[str] = (),
    overrides: Sequence[str] = (),
    jobs: int = 1,
    fresh: bool = False,
    pseudonyms: str = "",
) -> Plan:
    """The plan of one run.

    Parameters
    ----------
    only : sequence of str
        Notebooks to run, by name or number (``03``); all of the study's when empty.
    overrides : sequence of str
        What was laid over the study file, for the record.
    pseudonyms : str
        Fingerprint of the key that hides customers' ids.

    Raises
    ------
    WorkbenchError
        If a notebook is not the study's, is missing, has not exactly one `parameters` cell, or hides
        failures in one (see `lint`).
    """
    names = [_named(study, name) for name in only] or list(study.notebooks)
    source = read_source(study.source_path).model_dump(mode="json")
    source.pop("path", None)

    def key(path: Path, injected: Mapping[str, Any]) -> Mapping[str, str]:
        return execution_key(path, injected, inputs, study.languages, source=source, pseudonyms=pseudonyms)

    steps = tuple(_step(study, name, as_of, key) for name in sorted(set(names)))
    run_id = f"{clock():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    options = ["--notebooks", ",".join(only)] if only else []
    options += [word for override in overrides for word in ("--set", override)]
    store = open_store(archive)
    url = "" if isinstance(store, LocalStore) else store.where()
    told = tuple(options)
    return Plan(study, as_of, store.local, run_id, steps, inputs, clock, jobs, told, fresh, url)


def _named(study: Study, name: str) -> str:
    found = [notebook for notebook in study.notebooks if name in (notebook, notebook.split("_")[0])]
    if not found:
        raise unknown_name(str(study.path), "the notebook", name, study.notebooks)
    return found[0]


def _step(
    study: Study,
    notebook: str,
    as_of: date,
    key: Callable[[Path, Mapping[str, Any]], Mapping[str, str]],
) -> Step:
    path = NOTEBOOKS / f"{notebook}.ipynb"
    if not path.is_file():
        hint = "Run from a checkout of the project."
        raise refusal(str(path), "the notebook", "a file that exists", "no such file", hint)
    _check_cells(path)
    parameters = study.parameters_of(notebook, as_of)
    told = [name for name in parameters.private if getattr(parameters, name) is not None]
    if told:
        where, hint = f"{study.path}: notebooks.{notebook}", "Set it in JupyterLab."
        raise refusal(where, told[0], "left out of a run, whose pages others read", "a value", hint)
    plain = parameters.model_dump(mode="json")
    # The kernel works in the folder of the source file, so that no path of this machine enters the notebook.
    folder = parameters.source.parent
    injected = plain | {"source": parameters.source.name}
    return Step(notebook, path, parameters, injected, folder, key(path, injected))


def _check_cells(path: Path) -> None:
    """Refuse what would go wrong without a trace.

    Without the tag papermill would run with the notebook's own defaults: the wrong month, exit code 0.
    """
    try:
        node = nbformat.read(path, as_version=4)
    except (ValueError, AttributeError):  # such as after a merge
        rule = "a notebook in Jupyter's format"
        raise refusal(str(path), "the file", rule, "something else", "Restore it from git.") from None
    tagged = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        rule = "exactly one cell tagged `parameters`"
        raise refusal(str(path), "the notebook", rule, f"{len(tagged)} of them", "Tag the cell again.")
    refused = refused_cells(node)
    if refused:
        rule = "one whose every failure is seen"
        got = f"cell {refused[0].number}: {refused[0].reason}"
        raise refusal(str(path), "the notebook", rule, got, "Take it out.")
