"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

STAGE_WIDTH = 40  # of a heading beside its bar


class Progress:
    """Shows which cell of which notebook is at work: called with the events of a run, which it surrounds."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.bars = _bars(stream)
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> "Progress":
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.bars.stop()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Show `event`; kinds that are nothing to look at are passed over."""
        show = {
            "started": self._begin,
            "notebook": self._notebook,
            "cell": self._cell,
            "judged": self._judged,
        }
        if event["event"] in show:
            show[event["event"]](event)

    def _begin(self, event: Mapping[str, Any]) -> None:
        self.tasks = {name: self.bars.add_task(name, total=None) for name in event["notebooks"]}

    def _notebook(self, event: Mapping[str, Any]) -> None:
        if event["state"] == "reused":
            self._line(f"{event['notebook']}: nothing changed, taken over from {event['from']}")
        else:
            self._line(f"{event['notebook']}: {event['state']}")

    def _cell(self, event: Mapping[str, Any]) -> None:
        stage = str(event.get("stage") or "")[:STAGE_WIDTH]
        shown = f"{event['notebook']}  {stage}" if stage else event["notebook"]
        task = self.tasks[event["notebook"]]
        self.bars.update(task, completed=event["index"], total=event["of"], description=shown)

    def _judged(self, event: Mapping[str, Any]) -> None:
        name, reason = event["notebook"], event["reason"]
        task = self.tasks[name]
        if reason is None:
            total = self.bars.tasks[task].total or 1
            self.bars.update(task, completed=total, total=total, description=name)
            self._line(f"{name}: done")
        elif self.bars.disable:
            self._line(f"{name}: failed: {reason}")
        else:
            self.bars.console.print(f"{name}: failed: {reason}", markup=False, highlight=False)

    def _line(self, text: str) -> None:
        if self.bars.disable:
            print(text, file=self.stream, flush=True)


@contextmanager
def counted(what: str, total: int, stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """Within, a function of (done, total) shows how far `what` has come; nothing for what is done at once."""
    with _bars(stream) as bars:
        task = bars.add_task(what, total=total)

        def _tell(done: int, of: int) -> None:
            bars.update(task, completed=done, total=of)
            if bars.disable and done < of:
                print(f"{what}: {done:,} of {of:,}", file=stream, flush=True)

        yield _tell


def _bars(stream: TextIO) -> Bars:
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=stream),
        disable=not stream.isatty(),
    )
