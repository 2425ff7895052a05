"""Two runs side by side: figures, parameters, code, packages, inputs, tables, findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.language import current, say
from workbench.report.site.entry import (
    Figure,
    RunEntry,
    all_figures,
    entry_of,
    manifest_name,
    read_json,
)
from workbench.report.site.wording import change, label_of, written
from workbench.store import Store


@dataclass(frozen=True)
class Record:
    """A run with everything of it that is compared."""

    entry: RunEntry
    manifest: Mapping[str, Any]
    figures: Sequence[Figure]
    rows: Mapping[str, int | None]


@dataclass(frozen=True)
class Section:
    """One table of a comparison; `heads` and `rows` are written in the language in force.

    Attributes
    ----------
    code : str
        ``archive.<code>`` is its title.
    same : int
        How many lines are left out because both runs have the same.
    """

    code: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    same: int = 0


def read_record(store: Store, entry: RunEntry) -> Record:
    """Everything of the run in `entry` that is compared."""
    content = store.read_many([manifest_name(entry.place)]).get(manifest_name(entry.place))
    manifest = read_json(content)
    fresh = entry_of(store, entry.study, entry.period, entry.run_id, content)
    figures = all_figures(store, entry.place, manifest)
    return Record(fresh, manifest, figures, _table_rows(store, entry.place, manifest))


def compare(first: Record, second: Record) -> list[Section]:
    """What differs from `first` to `second`, in the language in force. Every figure is listed."""
    return [
        _figures(first, second),
        _redefined(first, second),
        _findings(first, second),
        _pairs("compared_parameters", _parameters(first), _parameters(second)),
        _inputs(first, second),
        _tables(first, second),
        _pairs("compared_code", _code(first), _code(second)),
        _pairs("compared_packages", _strings(first, "packages"), _strings(second, "packages")),
    ]


def _figures(first: Record, second: Record) -> Section:
    before = {(f.notebook, f.name): f for f in first.figures}
    after = {(f.notebook, f.name): f for f in second.figures}
    rows = []
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key), after.get(key)
        unit = (new or old or Figure("", "", None, "")).unit
        values = old.value if old else None, new.value if new else None
        told = change(values[0], values[1], key[1], unit)[0]
        rows.append((label_of(key[1]), key[0], written(values[0], unit), written(values[1], unit), told))
    heads = (say("archive.figure"), say("archive.notebook"), *_names(first, second), say("archive.change"))
    return Section("compared_figures", heads, tuple(rows))


def _redefined(first: Record, second: Record) -> Section:
    before, after = (record.entry.definitions or {} for record in (first, second))
    both = [name for name in after if name in before]
    changed = [name for name in both if before[name] != after[name]]
    rows = tuple((label_of(name), before[name], after[name]) for name in changed)
    heads = (say("archive.figure"), *_names(first, second))
    return Section("compared_definitions", heads, rows, len(both) - len(changed))


def _findings(first: Record, second: Record) -> Section:
    """Findings as they are told in the language in force, by their code."""
    before, after = (_numbered(record.entry) for record in (first, second))
    return _pairs("compared_findings", before, after, shown="values")


def _numbered(entry: RunEntry) -> dict[str, str]:
    """Findings by code; the second one of a code gets a number, since a code may be said twice."""
    found: dict[str, str] = {}
    for finding in entry.findings:
        again = sum(1 for key in found if key.split("#")[0] == finding["code"])
        found[f"{finding['code']}#{again}"] = _told(finding)
    return found


def _told(finding: Mapping[str, str]) -> str:
    told = [finding[key] for key in (current().language, *finding) if key != "code" and key in finding]
    return told[0] if told else ""


def _parameters(record: Record) -> dict[str, str]:
    found = record.manifest.get("parameters")
    notebooks = found.items() if isinstance(found, dict) else ()
    return {
        f"{notebook}.{name}": str(value)
        for notebook, values in notebooks
        if isinstance(values, dict)
        for name, value in values.items()
    }


def _inputs(first: Record, second: Record) -> Section:
    return _pairs("compared_inputs", _input_words(first), _input_words(second))


def _input_words(record: Record) -> dict[str, str]:
    inputs = record.manifest.get("inputs")
    listed = [one for one in inputs if isinstance(one, dict)] if isinstance(inputs, list) else []
    return {
        str(one.get("name")): say(
            "archive.input", n=one.get("rows"), digest=str(one.get("sha256") or one.get("digest") or "")[:12]
        )
        for one in listed
    }


def _tables(first: Record, second: Record) -> Section:
    before, after = ({n: written(r, "rows") for n, r in one.rows.items()} for one in (first, second))
    return _pairs("compared_tables", before, after)


def _code(record: Record) -> dict[str, str]:
    keys = {"commit": say("archive.commit"), "seed": say("archive.seed"), "as_of": say("archive.as_of")}
    return {label: str(record.manifest.get(key) or "") for key, label in keys.items()}


def _strings(record: Record, key: str) -> dict[str, str]:
    found = record.manifest.get(key)
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _pairs(code: str, before: Mapping[str, str], after: Mapping[str, str], shown: str = "keys") -> Section:
    """The lines in which two mappings differ."""
    names = list(dict.fromkeys([*before, *after]))
    differ = [name for name in names if before.get(name) != after.get(name)]
    lines = [(name, before.get(name, "–"), after.get(name, "–")) for name in differ]
    rows = tuple(line[1:] if shown == "values" else line for line in lines)
    heads = (say("archive.before"), say("archive.after"))
    return Section(
        code, heads if shown == "values" else (say("archive.what"), *heads), rows, len(names) - len(differ)
    )


def _names(first: Record, second: Record) -> tuple[str, str]:
    """What the two columns are called: the months, or the runs of one month."""
    periods = first.entry.period, second.entry.period
    alike = periods[0] == periods[1] and first.entry.study == second.entry.study
    return (first.entry.run_id, second.entry.run_id) if alike else periods


def _table_rows(store: Store, place: str, manifest: Mapping[str, Any]) -> dict[str, int | None]:
    """Rows of each table as the manifest tells them, else as its file does; None where neither is left."""
    files = manifest.get("files")
    files = files if isinstance(files, dict) else {}
    return dict(_counted(store, place, files))


def _counted(store: Store, place: str, files: Mapping[str, Any]) -> Iterator[tuple[str, int | None]]:
    for name in sorted(files):
        if name.startswith("tables/"):
            about = files[name] if isinstance(files[name], dict) else {}
            rows = about.get("rows")
            told = rows if isinstance(rows, int) else _rows_of(store, f"{place}/{name}")
            yield name.removeprefix("tables/").removesuffix(".parquet"), told


def _rows_of(store: Store, name: str) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with store.open(name) as file:
            return int(pq.read_metadata(file).num_rows)
    except (OSError, pa.ArrowException):
        return None
