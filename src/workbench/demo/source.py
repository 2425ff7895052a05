"""The source and study files that fit the company: which column means what, and which lines are no sales."""

from typing import Any

from workbench.demo.accounts import STAFF
from workbench.demo.ledger import CANCELLED, SHIPPING_PRODUCT
from workbench.demo.vocabulary import rule_labels

SOURCE_FILE, STUDY_FILE = "source.yml", "study.yml"
NOTEBOOKS = ("01_profiling", "02_segmentation", "03_churn", "04_feedback")
# Columns of the company that no canonical table has; rules may read them.
UNMAPPED = {"transactions": ("status",), "tickets": ("topic",)}


def source_content(words: dict[str, Any], paths: dict[str, str]) -> dict[str, Any]:
    """The source file: the company's columns under their canonical names, and its business rules.

    Parameters
    ----------
    paths : dict of str
        File or pattern of each table.
    """
    headers = words["headers"]
    tables: dict[str, dict[str, Any]] = {}
    for name, path in paths.items():
        extra = words["attributes"].get(name, [])
        left_out = (*extra, *UNMAPPED.get(name, ()))
        columns = {canonical: own for canonical, own in headers[name].items() if canonical not in left_out}
        tables[name] = {"from": path, "columns": columns}
        if extra:
            tables[name]["attributes"] = [headers[name][canonical] for canonical in extra]
    consent, arm = headers["customers"]["marketing_consent"], headers["campaigns"]["arm"]
    tables["customers"]["columns"]["marketing_consent"] = f"{consent} = '{words['consent'][1]}'"
    if words["arms"] != ["control", "treatment"]:
        control = f"CASE WHEN {arm} = '{words['arms'][0]}' THEN 'control' ELSE 'treatment' END"
        tables["campaigns"]["columns"]["arm"] = control
    return {"engine": "duckdb", "tables": tables, "rules": rules(words)}


def rules(words: dict[str, Any]) -> list[dict[str, Any]]:
    """The business rules, each over the company's own columns."""
    own = words["headers"]["transactions"]
    conditions = {
        "tests": f"{own['channel']} = '{words['test_channel']}'",
        "staff": f"{own['customer_id']} LIKE '{STAFF}%'",
        "cancelled": f"{own['status']} = '{words['order_statuses'][CANCELLED]}'",
        "shipping": f"{own['product_id']} = '{SHIPPING_PRODUCT}'",
        "replacements": f"{own['amount']} = 0",
        "refunds": f"{own['amount']} < 0",
    }
    return [
        {
            "name": name,
            "when": conditions[name],
            "action": "net" if name == "refunds" else "exclude",
            "label": label,
        }
        for name, label in rule_labels().items()
    ]


def study_content(words: dict[str, Any]) -> dict[str, Any]:
    """A study file that runs every notebook on the company."""
    return {
        "study": "demo",
        "title": words["title"],
        "language": words["language"],
        "currency": words["currency"],
        "timezone": words["timezone"],
        "source": SOURCE_FILE,
        "notebooks": {notebook: {} for notebook in NOTEBOOKS},
    }
