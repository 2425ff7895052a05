"""One frozen model per notebook: the names and defaults of its `parameters` cell, with bounds and meaning."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from workbench.errors import nearest
from workbench.parameters.validation import checked

DEMO_SOURCE = Path("params/sources/demo.yml")


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        near = nearest(value, available_timezones())
        raise ValueError(f"an IANA time zone{f' (did you mean {near}?)' if near else ''}")
    return value


Zone = Annotated[str, AfterValidator(_known_zone)]


class NotebookParameters(BaseModel):
    """What every notebook is told. The study file fills these; a notebook section may not.

    `needs` names the notebooks without whose success this one is not run, `compares` the tables of the last
    earlier report that it reads (see `results.earlier`), `private` the parameters that a run refuses: what
    they show is for the analyst alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    needs: ClassVar[tuple[str, ...]] = ("01_profiling",)
    compares: ClassVar[tuple[str, ...]] = ()
    private: ClassVar[tuple[str, ...]] = ()

    source: Path = Field(DEMO_SOURCE, description="Source file: where the company's tables are")
    as_of: date | None = Field(
        None, description="Last day the study sees; none: end of the last complete month"
    )
    language: Literal["en", "zh"] = Field("en", description="Language of every word of the page")
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="ISO 4217 code the amounts are in")
    timezone: Zone = Field("UTC", description="IANA time zone in which a day ends")
    seed: int = Field(1, ge=0, description="Seed of everything random")
    identify: bool = Field(False, description="Show customer ids as they are instead of pseudonyms")


class ProfilingParameters(NotebookParameters):
    """01_profiling."""

    needs: ClassVar[tuple[str, ...]] = ()
    compares: ClassVar[tuple[str, ...]] = ("column_bins",)
    private: ClassVar[tuple[str, ...]] = ("card",)

    months: int = Field(24, ge=3, le=120, description="Months shown in the monthly pictures")
    top_share: float = Field(0.2, gt=0, lt=1, description="Share of customers called the top")
    group: str | None = Field(
        None,
        description="Tag whose customers are set against the whole base; none: high value, "
        "else contract ended, else unhappy",
    )
    tags: list[Mapping[str, Any]] = Field(
        default_factory=list, description="Tags of the company's own, as declared"
    )
    card: str | None = Field(None, description="A customer's id: her card, for the analyst alone")


class SegmentationParameters(NotebookParameters):
    """02_segmentation."""

    compares: ClassVar[tuple[str, ...]] = ("value",)

    horizon_days: int = Field(
        365, ge=7, le=1826, description="Days ahead that orders and value are expected for"
    )
    holdout_days: int = Field(
        182, ge=28, le=730, description="Last days held back to test the purchase model"
    )
    rfm_groups: int = Field(5, ge=3, le=10, description="Groups per recency, frequency and monetary score")
    rfm_method: Literal["quantile", "fixed", "natural"] = Field(
        "quantile", description="How scores are cut: by rank, by the company's own edges, at natural breaks"
    )
    rfm_edges: Mapping[str, list[float]] = Field(
        default_factory=dict,
        description="For fixed: rising edges of days_since_last_order (at most), n_orders and revenue "
        "(at least), as many for each",
    )
    cluster_method: Literal["auto", "kmeans", "mixture"] = Field(
        "auto", description="Algorithm of the clusters; auto: the better one"
    )
    clusters: int | None = Field(
        None, ge=2, le=8, description="Number of clusters; none: the clearest that is stable"
    )
    interval: float = Field(
        0.9, gt=0.5, lt=1, description="Probability inside the interval of expected value"
    )
    discount_rate: float = Field(
        0.1, ge=0, le=1, description="Discount of expected value per year, compounded once a year"
    )
    purchase_model: Literal["auto", "pareto_nbd", "bg_nbd", "mbg_nbd", "nbd", "cohort_mean"] = Field(
        "auto",
        description="Model of purchases to begin with; auto: the likelier of those the data tell",
    )
    return_days: int = Field(
        90, ge=14, le=365, description="Days within which a silent customer is asked to return"
    )
    tier_rules: Mapping[str, Any] = Field(
        default_factory=dict, description="The company's own tiers, as declared; none: shares of 1, 5, 20 %"
    )
    hierarchy: Mapping[str, Any] = Field(
        default_factory=dict,
        description="The company's own value hierarchy and judgements; none: the workbench's proposal",
    )
    ahp_share: float = Field(
        1.0, ge=0, le=1, description="Share of judgement in the value weights; the rest is entropy"
    )
    contact_cost: float = Field(1.0, ge=0, le=1e6, description="Cost of a service contact (currency)")
    refund_cost: float = Field(1.0, ge=0, le=1e6, description="Cost of a refund (currency)")
    contract_horizon_days: int = Field(
        90, ge=7, le=730, description="Days ahead that the end of a contract is foreseen for"
    )
    profit_share: float = Field(1.0, gt=0, le=1, description="Profit in a unit of contract fees")


class ChurnParameters(NotebookParameters):
    """03_churn."""

    basis: Literal["auto", "orders", "subscriptions"] = Field(
        "auto", description="Table that defines churn; auto: orders where there are any"
    )
    horizon_days: int = Field(90, ge=7, le=730, description="Days without an order that count as churn")
    active_days: int = Field(
        365, ge=30, le=1826, description="Only customers with an order in these days are judged"
    )
    cutoffs: int = Field(
        4, ge=3, le=24, description="Past dates the model learns from, one horizon apart or less"
    )
    high_risk: float = Field(0.2, gt=0, lt=0.5, description="Share of customers in the high risk band")


class FeedbackParameters(NotebookParameters):
    """04_feedback."""

    topics: int = Field(8, ge=2, le=30, description="Largest number of topics per language")
    holdout_share: float = Field(0.25, gt=0.05, lt=0.6, description="Share of labelled utterances held back")


MODELS: Mapping[str, type[NotebookParameters]] = {
    "01_profiling": ProfilingParameters,
    "02_segmentation": SegmentationParameters,
    "03_churn": ChurnParameters,
    "04_feedback": FeedbackParameters,
}

Parameters = TypeVar("Parameters", bound=NotebookParameters)


def collect(model: type[Parameters], namespace: Mapping[str, Any]) -> Parameters:
    """The parameters of a notebook from the variables its `parameters` cell has set.

    Raises
    ------
    WorkbenchError
        If a value breaks a rule of `model`.
    """
    given = {name: namespace[name] for name in model.model_fields if name in namespace}
    return checked(model, given, "parameters")
