"""The source file: where a company's tables are, and which of its columns mean what."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.errors import refusal
from workbench.parameters.validation import checked_file, read_yaml

CHECKOUT = Path(__file__).parents[3]


class TableMapping(BaseModel):
    """One canonical table: where it comes from and what its columns are in SQL (DuckDB's dialect)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_: str = Field(alias="from", min_length=1)
    sheet: str | None = Field(None, description="Excel only; the first sheet by default")
    encoding: str | None = Field(None, description="Text files only; found out by default")
    separator: str | None = Field(None, description="Text files only, or `whitespace`; found out by default")
    names: list[str] | None = Field(None, description="The columns of a file that has no line of names")
    formats: dict[str, str] = Field(
        default_factory=dict,
        description="By source column: a date format such as %d/%m/%Y, `excel`, `unix`, `decimal point`,"
        " `decimal comma` or `text`; found out from the data by default",
    )
    columns: dict[str, str | int | float] = Field(min_length=1)
    where: str | None = None
    accepted: dict[str, list[str]] = Field(
        default_factory=dict, description="By canonical column: its only values; others are quarantined"
    )
    attributes: list[str] | Literal["all"] = Field(default_factory=list)


class Rule(BaseModel):
    """A business rule: rows that are left out, or kept as what they are, counted under the rule's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    table: str = "transactions"
    when: str = Field(min_length=1, description="SQL over the source's columns or the canonical ones")
    action: Literal["exclude", "net"] = Field(
        "exclude", description="net: the rows stay (refunds lower revenue) and are only counted"
    )
    label: dict[Literal["en", "zh"], str] = Field(default_factory=dict, description="For the report")


class Control(BaseModel):
    """The figure that finance has, which the analysed total must agree with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    revenue: float = Field(description="In the study's currency")
    tolerance: float = Field(0.001, ge=0, le=1, description="As a share of `revenue`")
    of: Literal["used", "in"] = Field("used", description="The analysed total, or the source's")
    until: date | None = Field(None, description="Last day of the figure; the whole source by default")


class DemoSource(BaseModel):
    """The embedded demo company instead of files: written once into the user's cache."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customers: int = Field(2_000, ge=50, le=50_000_000)
    seed: int = Field(1, ge=0)
    language: Literal["en", "zh"] = "en"


class Source(BaseModel):
    """A source file. `path` is the file; the paths of its tables are relative to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str = "duckdb"
    max_bad_rows: float = Field(0.01, ge=0, le=1, description="Share of rows that may break the schema")
    demo: DemoSource | None = None
    tables: dict[str, TableMapping] = Field(default_factory=dict)
    rules: list[Rule] = Field(default_factory=list)
    control: Control | None = None
    path: Path = Field(Path(), exclude=True)

    @model_validator(mode="after")
    def _one_of_both(self) -> "Source":
        if bool(self.tables) == (self.demo is not None):
            raise ValueError("a source with either `tables` or `demo`")
        return self


def read_source(path: Path) -> Source:
    """The source that `path` holds.

    Raises
    ------
    WorkbenchError
        If the file is missing or breaks a rule.
    """
    return checked_file(Source, read_yaml(path, "source"), path)


def find_source(path: Path) -> Path:
    """`path` as it is reached from the working folder or any folder above it, or else from the checkout.

    A notebook says ``params/sources/demo.yml``; it is run from the project's root by papermill, from
    ``notebooks/`` by JupyterLab, and from a folder of its own by JupyterLab's scheduler.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, CHECKOUT):
        if (folder / path).is_file():
            return folder / path
    hint = "Give a path that is right from this folder or from one above it."
    raise refusal(str(path), "the source file", "a file that exists", "no such file", hint)
