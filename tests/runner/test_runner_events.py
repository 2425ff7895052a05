"""Do log lines, the status file and the user's command hear what they should, and does none of them harm?"""

import io
import json
from datetime import UTC, datetime

import pytest

from workbench.runner import events

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def clock():
    return NOON


def test_every_listener_hears_every_event_with_time_and_run():
    heard, stream = [], io.StringIO()
    tell = events.to_all([heard.append, events.json_lines(stream)], clock, study="demo", period="2026-10")
    tell({"event": "stage", "stage": "publishing"})
    whole = {
        "at": "2026-11-02T12:00:00.000+00:00",
        "study": "demo",
        "period": "2026-10",
        "event": "stage",
        "stage": "publishing",
    }
    assert heard == [whole]
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [whole]


@pytest.fixture
def status(tmp_path):
    path = tmp_path / ".status" / "demo-2026-10.json"
    file = events.StatusFile(path, pid=7)
    tell = events.to_all([file], clock, study="demo", period="2026-10", run_id="r1")

    def after(*told):
        for event in told:
            tell(event)
        return json.loads(path.read_text(encoding="utf-8"))

    return after


STARTED = {"event": "started", "notebooks": ["01_profiling", "03_churn"]}


def test_the_status_says_how_each_notebook_stands(status):
    found = status(
        STARTED,
        {"event": "notebook", "notebook": "01_profiling", "state": "started"},
        {"event": "judged", "notebook": "01_profiling", "reason": None},
        {"event": "cell", "notebook": "03_churn", "index": 3, "of": 20, "stage": "Who will leave?"},
    )
    assert found["state"] == "running"
    assert found["notebooks"]["01_profiling"] == {"state": "done"}
    running = {"state": "running", "since": "2026-11-02T12:00:00.000+00:00"}
    assert found["notebooks"]["03_churn"] == running | {"index": 3, "of": 20, "stage": "Who will leave?"}


def test_the_status_says_how_the_run_ended(status):
    failed = {"event": "judged", "notebook": "03_churn", "reason": "ValueError: x"}
    found = status(STARTED, failed, {"event": "failed", "index": "reports/demo/2026-10/r1/index.html"})
    assert found["notebooks"]["03_churn"] == {"state": "failed", "reason": "ValueError: x"}
    assert (found["state"], found["index"]) == ("failed", "reports/demo/2026-10/r1/index.html")


def test_a_command_reads_the_events_it_is_meant_for(tmp_path):
    complaints = []
    tell = events.hook(f"cat >> {tmp_path}/heard", complaints.append)
    for kind in ("started", "cell", "judged", "published"):
        tell({"event": kind})
    heard = (tmp_path / "heard").read_text(encoding="utf-8").replace("}{", "}\n{").splitlines()
    assert [json.loads(line)["event"] for line in heard] == ["started", "published"]
    assert complaints == []


def test_a_command_that_fails_or_hangs_is_told_and_nothing_more(monkeypatch):
    complaints = []
    events.hook("exit 3", complaints.append)({"event": "failed"})
    monkeypatch.setattr(events, "HOOK_SECONDS", 0.2)
    events.hook("exec sleep 5", complaints.append)({"event": "failed"})
    assert complaints == ["hook: failed: exit code 3", "hook: failed: ended after 0.2 s"]
