"""What the tests of discovery share: writing a guess into a folder of its own, and reading it again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from workbench import demo, discovery
from workbench.errors import WorkbenchError


@pytest.fixture
def init(tmp_path: Path) -> Callable[..., discovery.Guess]:
    """``init(file, …)`` writes params/sources/x.yml in a folder of the test's own."""

    def write(*files: Path, name: str = "x") -> discovery.Guess:
        return discovery.write_source(list(files), out=tmp_path / "params" / "sources" / f"{name}.yml")

    return write


@pytest.fixture(scope="session")
def guessed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., discovery.Guess]:
    """As `init`, for files that no test changes: each is read once."""
    known: dict[tuple[Path, ...], discovery.Guess] = {}

    def write(*files: Path) -> discovery.Guess:
        if files not in known:
            out = tmp_path_factory.mktemp("guessed") / "params" / "sources" / "x.yml"
            known[files] = discovery.write_source(list(files), out=out)
        return known[files]

    return write


@pytest.fixture(scope="session", params=["en", "zh"])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source file that the demo company ships, beside its files."""
    folder = tmp_path_factory.mktemp("demo") / "company"
    return demo.write_company(folder, customers=300, language=request.param)


@pytest.fixture
def refused(init) -> Callable[..., str]:
    """The message with which ``init(file, …)`` is refused."""

    def message(*files: Path, name: str = "x") -> str:
        with pytest.raises(WorkbenchError) as error:
            init(*files, name=name)
        assert error.value.exit_code == 2
        return str(error.value)

    return message


@pytest.fixture
def content() -> Callable[[discovery.Guess], dict[str, Any]]:
    """The written source file as plain content."""
    return lambda guess: yaml.safe_load(guess.source_path.read_text(encoding="utf-8"))


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """``save(frame, "orders.csv")`` writes a CSV file and gives its path."""

    def write(frame: pd.DataFrame, name: str, encoding: str = "utf-8", **options: Any) -> Path:
        path = tmp_path / name
        frame.to_csv(path, index=False, encoding=encoding, **options)
        return path

    return write


def lines_of(source: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """A source file's content as one entry per line that somebody might have to correct."""
    lines: dict[tuple[str, ...], Any] = {}
    for table, mapping in source["tables"].items():
        for key, value in mapping.items():
            if key in ("columns", "formats"):
                lines |= {(table, key, name): text for name, text in value.items()}
            elif key != "from":
                lines[table, key] = value
    for rule in source.get("rules", []):
        lines["rules", rule["name"]] = (rule["when"], rule.get("action", "exclude"))
    return lines


@pytest.fixture
def differing() -> Callable[[dict[str, Any], dict[str, Any]], list[tuple[str, ...]]]:
    """The lines in which two source files differ."""

    def compare(one: dict[str, Any], other: dict[str, Any]) -> list[tuple[str, ...]]:
        own, theirs = lines_of(one), lines_of(other)
        return sorted(key for key in own.keys() | theirs.keys() if own.get(key) != theirs.get(key))

    return compare
