"""The door of the room: the user's files in, a source file and a study file out, whole or not at all."""

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.discovery.discover import discover
from workbench.discovery.guess import Guess
from workbench.discovery.source_file import source_text, study_text
from workbench.errors import WorkbenchError, refusal
from workbench.parameters import read_source, read_study
from workbench.sources.canonical import ESSENTIAL

SOURCES = Path("params/sources")
LONGEST_SLUG = 60


def write_source(files: list[Path], *, out: Path | None = None) -> Guess:
    """Guess what `files` hold, and write a commented source file and a study file that runs on it.

    Parameters
    ----------
    files : list of Path
        Tables of one company; every sheet of a book is looked at.
    out : Path, optional
        The source file to write; by default ``params/sources/<name of the first file>.yml``. The study file
        ``<name>.yml`` lies one folder above where that folder is called ``sources``, else beside it as
        ``<name>_study.yml``.

    Returns
    -------
    Guess
        With `source_path` and `study_path`; no study where none of the tables that one needs was found.

    Raises
    ------
    WorkbenchError
        If a file is not there or can not be read, no table is recognised, or a file to be written is already
        there. Nothing was written then.
    """
    files = [Path(file) for file in files]
    source = Path(out) if out is not None else SOURCES / f"{slug(files[0].name if files else '')}.yml"
    if source.suffix not in (".yml", ".yaml"):
        raise refusal(
            "--out", "the file", "one that ends in .yml", f"'{source.name}'", f"As in {SOURCES}/shop.yml."
        )
    study = study_beside(source)
    for path in (source, study):
        if path.exists():
            raise _there(path)
    guess = discover(files, study=slug(source.stem), title=title_of(source.stem))
    if not {table.table for table in guess.tables} & set(ESSENTIAL):
        _publish({source: source_text(guess, source, None)})
        return replace(guess, source_path=source)
    _publish({source: source_text(guess, source, study), study: study_text(guess, study, source)})
    return replace(guess, source_path=source, study_path=study)


def study_beside(source: Path) -> Path:
    """Where the study file of a source file lies."""
    if source.parent.name == "sources":
        return source.parent.parent / source.name
    if source.absolute().parent.name == "sources":  # written from inside the folder
        return Path("..") / source.name
    return source.with_stem(f"{source.stem}_study")


def slug(name: str) -> str:
    """`name` without its endings in letters that a study may be called by; ``company`` if it has none."""
    plain = (
        unicodedata.normalize("NFKD", name.partition(".")[0]).encode("ascii", "ignore").decode().casefold()
    )
    words = re.findall(r"[a-z0-9]+", plain)
    return "-".join(words)[:LONGEST_SLUG] or "company"


def title_of(name: str) -> str:
    """`name` as a title."""
    words = " ".join(re.split(r"[\s_-]+", name)).strip()
    return words[:1].upper() + words[1:] if words else "Company"


def _there(path: Path) -> WorkbenchError:
    hint = "Choose another file with --out, or move this one away."
    return refusal(str(path), "the file to write", "a new one", "a file that is there", hint)


def _publish(texts: dict[Path, str]) -> None:
    """Write all files, read each of them again, and make them visible; none if one of them can not be."""
    with _workshop(next(iter(texts))) as folder:
        built = {}
        for number, (path, text) in enumerate(texts.items()):
            built[path] = folder / f"{number}-{path.name}"
            built[path].write_text(text, encoding="utf-8", newline="\n")
        source, *studies = built.values()
        read_source(source)
        for study in studies:
            read_study(study)
        done: list[Path] = []
        try:
            for path, near in built.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                _make_visible(near, path)
                done.append(path)
        except OSError as error:
            for other in done:
                other.unlink()
            if isinstance(error, FileExistsError):
                raise _there(path) from None
            raise _unwritable(path, error) from None


def _make_visible(near: Path, path: Path) -> None:
    """Give the file `near` the name `path`, whole and in one step, unless a file is there."""
    try:
        os.link(near, path)  # unlike a rename, a link never takes the place of a file that came meanwhile
    except FileExistsError:
        raise
    except OSError:  # some disks know no links
        if path.exists():
            raise FileExistsError(path) from None
        near.rename(path)


def _unwritable(path: Path, error: OSError) -> WorkbenchError:
    got = error.strerror or type(error).__name__
    return refusal(
        str(path), "the file to write", "in a folder one can write to", got, "Choose another --out."
    )


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """A temporary folder on the disk of `out`."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        near = TemporaryDirectory(dir=out.parent, prefix=f".{out.stem}-")
    except OSError as error:
        raise _unwritable(out, error) from None
    with near as folder:
        yield Path(folder)
