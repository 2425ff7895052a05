"""A run as the archive's pages know it: what its manifest says, and what became of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from workbench.language import LANGUAGES, say, speaking
from workbench.store import MANIFEST, Store

KEY_FIGURES = 8  # of each notebook: those that its page shows first
FINDINGS = 12


@dataclass(frozen=True)
class Figure:
    """One figure of a run as it is kept in the index."""

    notebook: str
    name: str
    value: float | None
    unit: str


@dataclass(frozen=True)
class RunEntry:
    """A run in the archive.

    Attributes
    ----------
    status : str
        ``published`` (the month's report), ``superseded`` (published, but the month's report is another run),
        ``unpointed`` (published, but the month names no report), ``withdrawn``, ``failed``, ``held`` or
        ``unreadable``.
    languages : tuple of str
        Of its pages, the one of ``index.html`` first.
    page, text : bool
        Whether it has an ``index.html`` and a ``digest.txt``.
    pages : tuple of (name, status)
        The notebooks of the run.
    findings : tuple of mappings
        ``code`` and the sentence under the name of each language.
    definitions : mapping
        Metric → digest of its definition when the run was made.
    checks : tuple of (passed, of)
    verdict, verdict_by, verdict_at : str
        Of the review in force; empty where there is none.
    voided : bool
        Whether a later run of the month has taken the ground from under the verdict.
    digest, sealed : str
        The sha256 of the manifest as it is, and as it was when the run first came into the index.
    """

    study: str
    period: str
    run_id: str
    status: str
    title: str = ""
    as_of: str = ""
    started_at: str = ""
    ended_at: str = ""
    languages: tuple[str, ...] = ("en",)
    currency: str = "EUR"
    page: bool = False
    text: bool = False
    pages: tuple[tuple[str, str], ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[Mapping[str, str], ...] = ()
    definitions: Mapping[str, str] | None = None
    checks: tuple[int, int] = (0, 0)
    verdict: str = ""
    verdict_by: str = ""
    verdict_at: str = ""
    voided: bool = False
    digest: str = ""
    sealed: str = ""

    @property
    def place(self) -> str:
        """The run's folder in the archive."""
        return f"{self.study}/{self.period}/{self.run_id}"

    def value_of(self, notebook: str, name: str) -> float | None:
        """A figure of the run; None where it has none."""
        return next((f.value for f in self.figures if (f.notebook, f.name) == (notebook, name)), None)


def dump_entry(entry: RunEntry) -> str:
    """An entry as one line."""
    # A hundred months are written at each publication: dataclasses.asdict would copy every figure first.
    plain = vars(entry) | {"figures": [vars(figure) for figure in entry.figures]}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def load_entry(line: str | bytes) -> RunEntry:
    """The inverse of `dump_entry`; ValueError, KeyError or TypeError for anything else."""
    raw = json.loads(line)
    known = {field.name for field in fields(RunEntry)}
    return RunEntry(
        **{key: value for key, value in raw.items() if key in known}
        | {
            "languages": tuple(raw["languages"]),
            "pages": tuple((str(name), str(status)) for name, status in raw["pages"]),
            "figures": tuple(Figure(**one) for one in raw["figures"]),
            "findings": tuple(raw["findings"]),
            "checks": (int(raw["checks"][0]), int(raw["checks"][1])),
        }
    )


def entry_of(store: Store, study: str, period: str, run_id: str, content: bytes | None) -> RunEntry:
    """The entry of a run whose manifest holds `content`; its state is the manifest's own.

    A manifest of an older version that lacks figures or findings is completed from ``results/*.json``.
    """
    manifest = read_json(content)
    if "status" not in manifest:
        page = store.exists(f"{study}/{period}/{run_id}/index.html")
        return RunEntry(study, period, run_id, "unreadable", page=page)
    if not isinstance(manifest.get("figures"), list):
        manifest = _with_results(store, f"{study}/{period}/{run_id}", manifest)
    return replace(
        entry_from(manifest),
        study=study,
        period=period,
        run_id=run_id,
        page=store.exists(f"{study}/{period}/{run_id}/index.html"),
        digest=hashlib.sha256(content or b"").hexdigest(),
    )


def entry_from(manifest: Mapping[str, Any]) -> RunEntry:
    """The entry of a run by its manifest alone."""
    return RunEntry(
        study=_text(manifest.get("study")),
        period=_text(manifest.get("period")),
        run_id=_text(manifest.get("run_id")),
        status=_text(manifest["status"]),
        title=_text(manifest.get("title")),
        as_of=_day(manifest.get("as_of")),
        started_at=_text(manifest.get("started_at")),
        ended_at=_text(manifest.get("ended_at")),
        languages=_languages(manifest),
        currency=_currency(manifest),
        text="digest.txt" in _mapping(manifest.get("files")),
        pages=tuple((_text(n.get("name")), _text(n.get("status"))) for n in _listed(manifest, "notebooks")),
        figures=tuple(_key_figures(manifest)),
        findings=tuple(_findings(manifest))[:FINDINGS],
        definitions={str(k): str(v) for k, v in _mapping(manifest.get("definitions")).items()},
        checks=_checks(manifest),
    )


def read_json(content: bytes | None) -> dict[str, Any]:
    """The JSON object in `content`, or an empty one: a broken file must not hide the rest of the archive."""
    try:
        found = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def all_figures(store: Store, place: str, manifest: Mapping[str, Any]) -> list[Figure]:
    """Every figure of a run, not only the key figures."""
    if not isinstance(manifest.get("figures"), list):
        manifest = _with_results(store, place, manifest)
    return [figure for one in _listed(manifest, "figures") if (figure := _figure(one)) is not None]


def _with_results(store: Store, place: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    names = [n for n in _mapping(manifest.get("files")) if n.startswith("results/") and n.endswith(".json")]
    found = store.read_many([f"{place}/{name}" for name in sorted(names)])
    results = [read_json(found[name]) for name in sorted(found)]
    figures = [{**m, "notebook": r.get("notebook")} for r in results for m in _listed(r, "metrics")]
    checks = [check for r in results for check in _listed(r, "checks")]
    passed = sum(1 for check in checks if check.get("passed") is True)
    findings = [finding for r in results for finding in _listed(r, "findings")]
    rest = {"figures": figures, "findings": findings, "checks": {"passed": passed, "of": len(checks)}}
    return dict(manifest) | rest


def _key_figures(manifest: Mapping[str, Any]) -> Iterator[Figure]:
    shown: dict[str, int] = {}
    for one in _listed(manifest, "figures"):
        figure = _figure(one)
        if figure is not None and figure.value is not None:
            shown[figure.notebook] = shown.get(figure.notebook, 0) + 1
            if shown[figure.notebook] <= KEY_FIGURES:
                yield figure


def _figure(raw: Mapping[str, Any]) -> Figure | None:
    value = raw.get("value")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        return None
    return Figure(_text(raw.get("notebook")), _text(raw.get("name")), value, _text(raw.get("unit")))


def _findings(manifest: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for one in _listed(manifest, "findings"):
        code, texts = _text(one.get("code")), _mapping(one.get("text"))
        said = {lang: str(texts[lang]) for lang in LANGUAGES if texts.get(lang)}
        said = said or _said(code, _mapping(one.get("values")), _currency(manifest))
        if said:
            yield {"code": code} | said


def _said(code: str, values: Mapping[str, Any], currency: str) -> dict[str, str]:
    """The sentence in every language; nothing for a code that the catalogue no longer holds."""
    said = {}
    for language in LANGUAGES:
        try:
            with speaking(language, currency):
                said[language] = say(code, **values)
        except (LookupError, ValueError, TypeError):
            return {}
    return said


def _languages(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    given = manifest.get("languages")
    listed = [one for one in given if one in LANGUAGES] if isinstance(given, list) else []
    own = manifest.get("language")
    return tuple(listed) or ((own,) if own in LANGUAGES else LANGUAGES[:1])


def _currency(manifest: Mapping[str, Any]) -> str:
    told = [_mapping(p).get("currency") for p in _mapping(manifest.get("parameters")).values()]
    return next((str(c) for c in (manifest.get("currency"), *told) if c), "EUR")


def _checks(manifest: Mapping[str, Any]) -> tuple[int, int]:
    checks = _mapping(manifest.get("checks"))
    passed, of = checks.get("passed"), checks.get("of")
    return (passed, of) if isinstance(passed, int) and isinstance(of, int) else (0, 0)


def _listed(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    listed = content.get(key)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _day(value: Any) -> str:
    """A date as it is written in a manifest; nothing for what is none."""
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        return ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def manifest_name(place: str) -> str:
    """The manifest's file of a run at `place`."""
    return f"{place}/{MANIFEST}"
