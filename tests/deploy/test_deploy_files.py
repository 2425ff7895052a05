"""Do the samples for schedulers call what the workbench has, in forms that their readers understand?"""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from workbench.cli import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMMAND = re.compile(r"\.venv/bin/workbench ([^\n>|]*)")


def commands(path: Path) -> list[str]:
    """The words behind each call of the workbench in a sample."""
    return [match.strip() for match in COMMAND.findall(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    "path", sorted(p for p in DEPLOY.rglob("*") if p.is_file()), ids=lambda p: str(p.relative_to(DEPLOY))
)
def test_every_call_is_one_that_the_command_line_takes(path):
    group = get_command(app)
    for text in commands(path):
        verb = group.commands[text.split()[0]]
        if hasattr(verb, "commands"):
            verb = verb.commands[re.findall(r"\w+", text)[1]]
        known = {option for parameter in verb.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z][a-z-]*", text)) <= known, text


def test_each_kind_of_scheduler_calls_the_run():
    assert {path.parent.name for path in DEPLOY.rglob("*") if path.is_file() and commands(path)} == {
        "cron",
        "systemd",
        "airflow",
        "github",
    }


def test_each_kind_has_its_page():
    pages = {path.stem for path in (ROOT / "docs" / "schedulers").glob("*.md")}
    assert pages == {"cron", "systemd", "airflow", "github-actions", "jupyterlab"}


def test_the_lines_of_cron_have_five_times_and_a_command():
    lines = (DEPLOY / "cron" / "workbench.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and line[0] in "0123456789*"]
    assert len(jobs) == 2
    for job in jobs:
        *times, command = job.split(maxsplit=5)
        assert all(re.fullmatch(r"[\d*,/-]+", time) for time in times)
        assert "%" not in command  # cron takes it for the end of the line


def test_the_units_of_systemd_are_in_order(tmp_path):
    for name in ("workbench@.service", "workbench@.timer"):
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str
        unit.read(DEPLOY / "systemd" / name, encoding="utf-8")
        assert unit.sections()[0] == "Unit"
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd to ask")
    for name in ("workbench@.service", "workbench@.timer"):
        text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
        (tmp_path / name.replace("@", "@demo")).write_text(
            text.replace("/srv/workbench/.venv/bin/workbench", "/bin/true")
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, tmp_path.iterdir()))], capture_output=True, text=True
    )
    faults = [line for line in done.stderr.splitlines() if "workbench@demo" in line]
    assert faults == []


def test_the_workflow_keeps_the_archive_and_never_cancels_a_run():
    flow = yaml.safe_load((DEPLOY / "github" / "monthly-report.yml").read_text(encoding="utf-8"))
    steps = flow["jobs"]["report"]["steps"]
    assert flow["concurrency"]["cancel-in-progress"] is False
    assert steps[-1]["with"]["path"] == "reports/"
    assert flow[True]["schedule"] == [{"cron": "0 6 2 * *"}]  # YAML reads the word `on` as true
