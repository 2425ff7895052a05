"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress:
    """Shows which cell of which notebook is at work; a context manager around the run."""

    def __init__(self, notebooks: Sequence[Path], stream: TextIO) -> None:
        self.stream = stream
        self.bars = _bars(stream)
        self.started: set[str] = set()
        self.tasks = {path.stem: self.bars.add_task(path.stem, total=_cells(path)) for path in notebooks}

    def __enter__(self) -> "Progress":
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.bars.stop()

    def cell(self, notebook: str, index: int) -> None:
        """The cell at `index` of `notebook` begins."""
        if notebook not in self.started:
            self.started.add(notebook)
            self._line(f"{notebook}: started")
        self.bars.update(self.tasks[notebook], completed=index)

    def ended(self, notebook: str, reason: str | None) -> None:
        """The notebook came to its end, or failed for `reason`."""
        task = self.tasks[notebook]
        if reason is None:
            self.bars.update(task, completed=self.bars.tasks[task].total)
            self._line(f"{notebook}: done")
        elif self.bars.disable:
            self._line(f"{notebook}: failed: {reason}")
        else:
            self.bars.console.print(f"{notebook}: failed: {reason}", markup=False, highlight=False)

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


def _cells(path: Path) -> int:
    return len(json.loads(path.read_text(encoding="utf-8"))["cells"])
