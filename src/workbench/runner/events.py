"""What a run tells while it goes on, and who listens: log lines, a file for watchers, a command of the user.

An event is a mapping that JSON can hold. ``event`` is its kind:

- ``started``: the notebooks of the run, before the first one
- ``notebook``: one of them begins, or is taken over from an earlier run (``state``: started, reused, skipped)
- ``cell``: ``index`` (from 0) of ``of`` cells, ``stage`` (the heading above it), ``language``
- ``judged``: a notebook came to its end; ``reason`` is None if it succeeded
- ``stage``: what the run does beside notebooks (rendering, publishing, indexing)
- ``published``, ``failed``, ``held``, ``unchanged``: how the run ended, with its first page
- ``interrupted``: it was stopped, or refused before it could begin
- ``reviewed``: somebody gave a verdict on a run
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

Event = Mapping[str, Any]
Sink = Callable[[Event], None]
Clock = Callable[[], datetime]

HOOKED = frozenset({"started", "failed", "published", "held", "reviewed"})
HOOK_SECONDS = 30  # a command that hangs must not hold the report back
ENDS = frozenset({"published", "failed", "held", "unchanged", "interrupted"})


def to_all(sinks: Iterable[Sink], clock: Clock, **always: Any) -> Sink:
    """A sink that gives each event, with the time and `always` added, to all of `sinks` in turn.

    Notebooks run side by side tell of theirs from several threads; listeners hear one event at a time.
    """
    listeners, one_at_a_time = tuple(sinks), threading.Lock()

    def tell(event: Event) -> None:
        with one_at_a_time:
            whole = {"at": clock().isoformat(timespec="milliseconds"), **always, **event}
            for listener in listeners:
                listener(whole)

    return tell


def json_lines(stream: TextIO) -> Sink:
    """One JSON line per event."""

    def tell(event: Event) -> None:
        stream.write(json.dumps(event, ensure_ascii=False) + "\n")
        stream.flush()

    return tell


def hook(command: str, complain: Callable[[str], None]) -> Sink:
    """Start `command` in a shell for each of the HOOKED events, which it reads as JSON.

    Whatever becomes of it changes nothing in the run: a failure is told to `complain`, and after HOOK_SECONDS
    the command is ended.
    """

    def tell(event: Event) -> None:
        if event["event"] not in HOOKED:
            return
        try:
            done = subprocess.run(
                command,
                shell=True,
                input=json.dumps(event, ensure_ascii=False),
                text=True,
                stdout=sys.stderr,
                timeout=HOOK_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            complain(f"hook: {event['event']}: ended after {HOOK_SECONDS} s")
            return
        if done.returncode:
            complain(f"hook: {event['event']}: exit code {done.returncode}")

    return tell


class StatusFile:
    """Keeps a JSON file up to date, for whoever watches a run from outside.

    It says how each notebook stands, and how the run ended; it stays when the run is over, until the next run
    of the study and month. Each version replaces the one before whole.
    """

    def __init__(self, path: Path, *, pid: int) -> None:
        self.path = path
        self.status: dict[str, Any] = {"state": "running", "pid": pid, "notebooks": {}}
        path.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, event: Event) -> None:
        """Note `event`."""
        kind = event["event"]
        self.status |= {name: event[name] for name in ("study", "period", "run_id") if name in event}
        self.status["updated_at"] = event["at"]
        if kind == "started":
            self.status["started_at"] = event["at"]
            self.status["notebooks"] = {name: {"state": "waiting"} for name in event["notebooks"]}
        elif kind in ("notebook", "cell", "judged"):
            self.status["notebooks"][event["notebook"]] = _standing(event)
        elif kind == "stage":
            self.status["stage"] = event["stage"]
        elif kind in ENDS:
            self.status |= {"state": kind, "index": event.get("index")}
        part = self.path.with_name(f".{self.path.name}.part")
        part.write_text(json.dumps(self.status, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(self.path)


def _standing(event: Event) -> dict[str, Any]:
    """How the notebook of `event` stands after it."""
    if event["event"] == "notebook":
        return {"state": event["state"]}
    if event["event"] == "judged":
        reason = event["reason"]
        return {"state": "done"} if reason is None else {"state": "failed", "reason": reason}
    told = {name: event[name] for name in ("index", "of", "stage", "language") if event.get(name) is not None}
    return {"state": "running", "since": event["at"], **told}
