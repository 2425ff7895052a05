"""Two hundred backfills killed at seeded moments: is the archive whole, and does the next run go well?

`make test-long` runs this; it takes more than half an hour.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from workbench.runner import list_runs, verify

pytestmark = pytest.mark.long

SCRIPT = Path(sys.executable).with_name("workbench")
KILLS = 200
MONTHS = ("2026-08", "2026-09", "2026-10")
NOTEBOOKS = "01"
SECONDS_TO_VANISH = 5.0
MARK = "WORKBENCH_TEST_MARK"
# A moment lies between an event and the one that follows it: what goes on meanwhile.
STAGES = ("reading", "executing", "rendering", "publishing", "indexing", "between months")


@dataclass(frozen=True)
class Company:
    """A small company, an archive with one report of each month, and how long each stage takes."""

    study: Path
    archive: Path
    environment: dict[str, str]
    seconds: dict[str, float]


def stage_of(event: dict) -> str | None:
    """The stage that begins with `event`."""
    if event["event"] == "stage":
        return event["stage"]
    return {"notebook": "executing", "published": "between months"}.get(event["event"])


def backfill(company: Company, archive: Path, mark: str) -> "subprocess.Popen[str]":
    months = ("--from", MONTHS[0], "--to", MONTHS[-1])
    command = [SCRIPT, "backfill", company.study, *months, "--notebooks", NOTEBOOKS, "--fresh"]
    return subprocess.Popen(
        [*map(str, command), "--log", "json", "--archive", str(archive)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=company.environment | {MARK: mark},
    )


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Company:
    folder = tmp_path_factory.mktemp("long")
    environment = os.environ | {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "WORKBENCH_KEY_FILE": str(folder / "pseudonyms.key"),
    }
    demo = [SCRIPT, "demo", folder / "company", "--customers", "60"]
    subprocess.run(list(map(str, demo)), env=environment, check=True, capture_output=True)
    made = Company(folder / "company" / "study.yml", folder / "archive", environment, {})
    began, stage = time.monotonic(), "reading"
    with backfill(made, made.archive, "first") as process:
        for line in process.stdout:
            now = time.monotonic()
            following = stage_of(json.loads(line))
            if following is not None:
                made.seconds[stage] = max(now - began, made.seconds.get(stage, 0.0))
                began, stage = now, following
    assert process.returncode == 0
    assert set(made.seconds) == set(STAGES)
    return made


def kill_at(company: Company, archive: Path, chosen: random.Random, mark: str) -> str:
    """Begin a backfill and kill it at a random moment of a random stage; which one it was."""
    stage, month = chosen.choice(STAGES), chosen.randrange(len(MONTHS) - 1)
    delay = chosen.random() * company.seconds[stage]
    process = backfill(company, archive, mark)
    passed = 0
    if stage != "reading":
        for line in process.stdout:
            passed += stage_of(json.loads(line)) == stage
            if passed > month:
                break
    time.sleep(delay)
    process.kill()
    process.communicate()
    return stage


def living(mark: str) -> list[psutil.Process]:
    """The processes that descend from the command with `mark`, whoever their parent is now."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def check_whole(archive: Path) -> None:
    """Every visible run is as it was published, and every month has a report."""
    assert {str(run.folder): faults for run in list_runs(archive) if (faults := verify(run))} == {}
    for month in MONTHS:
        (pointer,) = archive.glob(f"*/{month}/current.json")
        current = pointer.parent / json.loads(pointer.read_text(encoding="utf-8"))["run"]
        assert json.loads((current / "manifest.json").read_text(encoding="utf-8"))["status"] == "published"


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_backfill_harms_nothing(company, tmp_path, seed):
    archive, mark = tmp_path / "archive", uuid.uuid4().hex
    shutil.copytree(company.archive, archive)
    chosen = random.Random(seed)
    stage = kill_at(company, archive, chosen, mark)
    until = time.monotonic() + SECONDS_TO_VANISH
    while living(mark) and time.monotonic() < until:
        time.sleep(0.05)
    assert living(mark) == [], stage
    check_whole(archive)
    month = chosen.choice(MONTHS)
    command = [SCRIPT, "run", company.study, "--as-of", month, "--notebooks", NOTEBOOKS, "--fresh"]
    command += ["--archive", archive]
    done = subprocess.run(list(map(str, command)), env=company.environment, capture_output=True, text=True)
    assert done.returncode == 0, (stage, done.stderr)
    assert list((archive / ".staging").iterdir()) == []
    check_whole(archive)
    shutil.rmtree(archive)
