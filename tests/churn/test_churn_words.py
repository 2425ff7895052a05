"""Every word in both languages, every feature with a name and a reason."""

import pytest

from workbench import language
from workbench.churn.orders import BEHAVIOUR, KNOWN_AT_REGISTRATION
from workbench.churn.reasons import feature_label, reason_text
from workbench.churn.summary import METRICS
from workbench.language import metric_entry
from workbench.language.catalogue import messages

OWN = ("churn.", "check.churn_")


def own_messages(spoken: str) -> dict[str, str]:
    return {code: text for code, text in messages(spoken).items() if code.startswith(OWN)}


@pytest.fixture(scope="module")
def all_features() -> list[str]:
    return [*BEHAVIOUR, *KNOWN_AT_REGISTRATION, "days_since_registration", "tenure_months", "monthly_fee"]


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_every_feature_has_a_name_and_a_reason_for_every_kind_of_value(
    all_features: list[str], spoken: str
) -> None:
    may_be_blank = {
        "mean_gap_days",
        "last_gap_days",
        "refund_share",
        "n_products",
        "n_categories",
        "n_channels",
    }
    may_be_blank |= {*KNOWN_AT_REGISTRATION, "days_since_registration", "tenure_months", "monthly_fee"}
    with language.speaking(spoken):
        for name in all_features:
            assert feature_label(name)
            values = ["north"] if name in KNOWN_AT_REGISTRATION else [0.0, 1.0, 2.5, 12.0]
            texts = [reason_text(name, value) for value in values]
            texts += [reason_text(name, None)] * (name in may_be_blank)
            assert all("–" not in text and "{" not in text for text in texts)


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_every_metric_has_a_definition(spoken: str) -> None:
    with language.speaking(spoken):
        for name in (*METRICS, "auc_fold_mean", "auc_fold_sd"):
            entry = metric_entry(name)
            assert entry.label
            assert entry.definition
            assert entry.better in {"higher", "lower", "none"}
