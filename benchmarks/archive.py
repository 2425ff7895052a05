"""Publishing one more run into a small and into a large archive: seconds and memory, in new processes."""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from workbench.calendar import months_between, period_of

GOAL_SECONDS = 1.0
METRICS = ("customers", "revenue_in", "gini", "one_time_buyer_rate", "base_rate", "auc", "brier", "n_topics")
FIRST, LAST = date(2018, 1, 31), date(2026, 4, 30)  # one hundred months
NEXT = "2026-05"
PAGE = b"<html>"


def publishing(sizes: dict[str, int]) -> Iterator[str]:
    """One line per archive, named by its number of studies, each of one hundred months."""
    for name, studies in sizes.items():
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "reports"
            runs = fill(root, studies)
            seconds, peak = _alone(root)
            size = (root / "index.html").stat().st_size / 1e6
            yield (
                f"publishing into an archive of {runs:,} runs ({name}): {seconds:.2f} s "
                f"(goal {GOAL_SECONDS:.0f} s), {peak:,.0f} MiB, a page of {size:.1f} MB"
            )


def fill(root: Path, studies: int) -> int:
    """An archive with an index; manifests as a run writes them, with very small files."""
    from workbench.report.site import index
    from workbench.store import open_store

    months = [period_of(end) for end in months_between(FIRST, LAST)]
    for number in range(studies):
        for position, period in enumerate(months):
            put(root / f"study-{number:03}" / period, f"study-{number:03}", period, position)
    next(iter(index.rebuild(open_store(root))))  # the index alone: ten thousand pages take minutes
    return studies * len(months)


def put(month: Path, study: str, period: str, position: int) -> Path:
    """One synthetic run."""
    run_id = f"{period.replace('-', '')}28T060000Z-{position:06x}"
    folder = month / run_id
    folder.mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    record = manifest(study, period, run_id, position)
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    (month / "current.json").write_text(json.dumps({"run": run_id}), encoding="utf-8")
    return folder


def manifest(study: str, period: str, run_id: str, position: int) -> dict:
    """What a run of four notebooks records."""
    notebooks = ("01_profiling", "02_segmentation", "03_churn", "04_feedback")
    sentence = "One customer in five brings two thirds of the revenue of month {}."
    at = f"{period}-28T06:00:00+00:00"
    return {
        "run_id": run_id, "study": study, "title": f"Company {study}", "languages": ["en", "zh"],
        "period": period, "as_of": f"{period}-28", "status": "published", "started_at": at, "ended_at": at,
        "notebooks": [{"name": name, "status": "complete"} for name in notebooks],
        "figures": [
            {"notebook": name, "name": metric, "value": 100.0 + position, "unit": "ratio"}
            for name in notebooks
            for metric in METRICS
        ],
        "findings": [
            {"notebook": name, "code": "x.y", "text": dict.fromkeys(("en", "zh"), sentence.format(position))}
            for name in notebooks
        ],
        "checks": {"passed": 9, "of": 9},
        "definitions": dict.fromkeys(METRICS, "abcdef012345"),
        "files": {"index.html": {"sha256": hashlib.sha256(PAGE).hexdigest(), "bytes": len(PAGE)}},
    }  # fmt: skip


def _alone(root: Path) -> tuple[float, float]:
    """Seconds and peak memory (MiB) of publishing one more run, in a new process."""
    command = [sys.executable, "-m", "benchmarks.archive", "--publish-into", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def publish_one(root: Path) -> tuple[float, float]:
    """Recover, commit and index one more run of the first study."""
    from workbench.runner.archive import commit, recover
    from workbench.store import open_store

    store = open_store(root)
    staging = put(root / ".staging", "study-000", NEXT, 0)
    (root / ".staging" / "current.json").unlink()
    # What is loaded once in a process is no part of it: a run has rendered its pages before.
    warm = Path(tempfile.mkdtemp()) / "reports"
    for position, period in enumerate((period_of(LAST), NEXT)):
        put(warm / "warm" / period, "warm", period, position)
    recover(warm)
    began = time.perf_counter()
    with store.lock("archive", wait=True):
        commit(store, "study-000", NEXT, staging.name, staging)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    recover(store)
    return seconds + time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    arguments.add_argument("--publish-into", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.publish_into:
        sys.stdout.write("{:.4f} {:.1f}\n".format(*publish_one(chosen.publish_into)))
    else:
        for told in publishing({"one study": 1, "one hundred studies": 100}):
            sys.stdout.write(told + "\n")
            sys.stdout.flush()
