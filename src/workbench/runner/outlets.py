"""What becomes of the output of a cell: the notebook, up to a limit, and the log."""

from collections.abc import Callable, Mapping
from typing import Any, TextIO

from nbformat import NotebookNode
from nbformat.v4 import new_output

TEXTS = ("text/html", "text/markdown", "text/plain")
Say = Callable[[int], str]


class Outlet:
    """Decides for one cell what of its output is kept.

    Attributes
    ----------
    warnings : int
        Lines that the cell wrote to standard error, but for the indented ones, which belong to the line
        before them.
    """

    def __init__(self, log: TextIO, limit: int, notice: Say) -> None:
        self.log, self.limit, self.notice = log, limit, notice
        self.kept = 0
        self.cut = False
        self.warnings = 0
        self._begun = False  # whether the last line on standard error goes on

    def keeps(self, message: Mapping[str, Any], outputs: list[NotebookNode]) -> bool:
        """Whether the notebook gets a message as it is; if not, this has done what there is to do with it."""
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            return self._stream(content["name"], content["text"], outputs)
        if kind in ("display_data", "execute_result"):
            return self._display(content["data"], outputs)
        return True

    def _stream(self, name: str, text: str, outputs: list[NotebookNode]) -> bool:
        if name == "stderr":
            self._count(text)
            self._write(text)
            return False
        room = max(0, self.limit - self.kept)
        self.kept += len(text)
        _append(outputs, name, text[:room])
        if len(text) > room:
            self._cut(outputs, text[room:])
        return False

    def _count(self, text: str) -> None:
        first, *others = text.split("\n")
        lines = others if self._begun else [first, *others]
        self.warnings += sum(1 for line in lines if line and not line[0].isspace())
        self._begun = bool(others[-1] if others else first or self._begun)

    def _display(self, data: Mapping[str, Any], outputs: list[NotebookNode]) -> bool:
        texts = [data[kind] for kind in TEXTS if kind in data]
        size = sum(len(text) for text in texts)
        if self.kept + size <= self.limit:
            self.kept += size
            return True
        self._cut(outputs, texts[0])
        return False

    def _cut(self, outputs: list[NotebookNode], text: str) -> None:
        if not self.cut:
            self.cut = True
            for output in outputs:
                if output.output_type == "stream":
                    self._write(output.text)
            notice = self.notice(self.limit)
            shown = {"text/html": f'<p class="cut">{notice}</p>', "text/plain": notice}
            outputs.append(new_output("display_data", shown))
        self._write(text)

    def _write(self, text: str) -> None:
        self.log.write(text)
        self.log.flush()


def _append(outputs: list[NotebookNode], name: str, text: str) -> None:
    if not text:
        return
    last = outputs[-1] if outputs else None
    if last is not None and last.output_type == "stream" and last.name == name:
        last.text += text  # in how many pieces a text comes is chance
    else:
        outputs.append(new_output("stream", name=name, text=text))
