"""The data files of this room: the company's own words, its products, and the phrases of its customers."""

from functools import cache
from typing import Any

import pandas as pd

from workbench.own_yaml import read_own

TOPICS = ("delivery", "quality", "price", "service", "app", "packaging", "returns")
SENTIMENTS = ("negative", "neutral", "positive")


@cache
def _read(name: str) -> Any:
    return read_own("workbench.demo", name)


def words(language: str) -> dict[str, Any]:
    """Headers, labels and texts of the company's files."""
    return dict(_read(f"words/{language}.yml"))


def phrases(language: str) -> dict[str, Any]:
    """Phrases that utterances in `language` are made of."""
    return dict(_read(f"phrases/{language}.yml"))


def rule_labels() -> dict[str, dict[str, str]]:
    """What reports call the company's business rules, by name, in both languages."""
    return dict(_read("rules.yml"))


def products(language: str, price_level: float) -> pd.DataFrame:
    """The catalogue of the company that writes in `language`.

    Returns
    -------
    pandas.DataFrame
        One row per product, by category and then by price: product_id, product_name, category, their
        names in each utterance's language (en, zh), group (number of the category), price and cost_cents
        in the company's currency.
    """
    rows = [
        {
            "product_name": product[language],
            "category": group["category"][language],
            "en": product["en"],
            "zh": product["zh"],
            "group": number,
            "price": product["price"] * price_level,
            "cost_cents": round(product["price"] * price_level * group["unit_cost"] * 100),
        }
        for number, group in enumerate(_read("catalogue.yml"))
        for product in sorted(group["products"], key=lambda product: float(product["price"]))
    ]
    # Article numbers begin with zeros, as in many systems.
    ids = [f"{1_000 * (1 + row['group']) + number:06d}" for number, row in enumerate(rows)]
    return pd.DataFrame(rows).assign(product_id=ids)
