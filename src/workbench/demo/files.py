"""The company as files, under its own headers, with the source and study files that fit them."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from workbench.demo.company import Company
from workbench.demo.population import FIRST_DAY, LAST_DAY, SNAPSHOT_DAY
from workbench.demo.truth import laws
from workbench.demo.vocabulary import words

SOURCE_FILE, STUDY_FILE, README_FILE, TRUTH_FILE = "source.yml", "study.yml", "README.txt", "truth/truth.json"
TABLE_FILES = {
    "transactions": "transactions.csv.gz",
    "customers": "customers.csv",
    "feedback": "feedback.csv",
    "subscriptions": "subscriptions.csv",
}
TIMES = "%Y-%m-%d %H:%M:%S"
NOTEBOOKS = ("01_profiling", "02_segmentation", "03_churn", "04_feedback")


def write_files(company: Company, folder: Path, arguments: dict[str, Any]) -> None:
    """Write every file of `company` into `folder`, which exists and is empty.

    Parameters
    ----------
    arguments : dict
        What the company was made from: version, customers, seed, language. The same arguments give the
        same bytes.
    """
    own = words(arguments["language"])
    for name, table in company.tables.items():
        _write_csv(table.rename(columns=own["headers"][name]), folder / TABLE_FILES[name])
    (folder / "truth").mkdir()
    for name, table in company.truth.items():
        table.to_parquet(folder / "truth" / f"{name}.parquet", index=False)
    _write_yaml(source_content(own), folder / SOURCE_FILE)
    _write_yaml(study_content(own), folder / STUDY_FILE)
    days = {"first_day": FIRST_DAY, "last_day": LAST_DAY, "snapshot_day": SNAPSHOT_DAY}
    shown = arguments | days | {"customers": f"{arguments['customers']:,}"}
    (folder / README_FILE).write_text(own["readme"].format(**shown), encoding="utf-8", newline="\n")
    content = {"demo": arguments} | laws(company.population) | {"counts": company.counts}
    content["files"] = checksums(folder)
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (folder / TRUTH_FILE).write_text(text, encoding="utf-8", newline="\n")


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file below `folder` but the truth file, by path relative to `folder`."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    names = [path.as_posix() for path in files if path.as_posix() != TRUTH_FILE]
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}


def source_content(words: dict[str, Any]) -> dict[str, Any]:
    """The source file: the company's columns under their canonical names."""
    headers = words["headers"]
    tables: dict[str, dict[str, Any]] = {}
    for name, file in TABLE_FILES.items():
        extra = words.get("attributes", {}).get(name, [])
        columns = {canonical: own for canonical, own in headers[name].items() if canonical not in extra}
        tables[name] = {"from": file, "columns": columns}
        if extra:
            tables[name]["attributes"] = [headers[name][canonical] for canonical in extra]
    channel = headers["transactions"]["channel"]
    tables["transactions"]["where"] = f"{channel} <> '{words['test_channel']}'"
    consent, status = headers["customers"]["marketing_consent"], headers["subscriptions"]["churned"]
    tables["customers"]["columns"]["marketing_consent"] = f"{consent} = '{words['consent'][1]}'"
    tables["subscriptions"]["columns"]["churned"] = f"{status} = '{words['statuses'][1]}'"
    return {"engine": "duckdb", "tables": tables}


def study_content(words: dict[str, Any]) -> dict[str, Any]:
    """A study file that runs every notebook on the company."""
    return {
        "study": "demo",
        "title": words["title"],
        "language": words["language"],
        "currency": words["currency"],
        "timezone": words["timezone"],
        "source": SOURCE_FILE,
        "notebooks": {notebook: {} for notebook in NOTEBOOKS},
    }


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    # mtime 0: a gzip file otherwise carries the time at which it was written.
    packing: Any = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
    table.to_csv(
        path,
        index=False,
        float_format="%.2f",
        date_format=TIMES,
        lineterminator="\n",
        encoding="utf-8",
        compression=packing,
    )


def _write_yaml(content: dict[str, Any], path: Path) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8", newline="\n")
