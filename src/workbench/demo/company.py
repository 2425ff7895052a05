"""The whole company in memory: everything is drawn here, nothing is written."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.demo.baskets import draw_lines, draw_refunds
from workbench.demo.feedback import answers_table, draw_feedback
from workbench.demo.ledger import keep_ledger
from workbench.demo.orders import draw_orders
from workbench.demo.people import draw_people, draw_profiles
from workbench.demo.population import Population, population_of, stream
from workbench.demo.subscriptions import draw_subscriptions
from workbench.demo.truth import months_alive, true_feedback, true_members
from workbench.demo.vocabulary import products, words
from workbench.demo.wording import word_feedback


@dataclass(frozen=True)
class Company:
    """A made-up company.

    Attributes
    ----------
    tables : dict of pandas.DataFrame
        transactions, customers, feedback and subscriptions as the company would hand them over, but under
        canonical column names.
    truth : dict of pandas.DataFrame
        members, months_alive and feedback; see the functions of `demo.truth`.
    population : Population
        The laws it was drawn from.
    counts : dict
        Number of members, buyers, orders, and of order lines by kind (sales, refunds, tests, broken).
    """

    tables: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]
    population: Population
    counts: dict[str, int]


def make_company(customers: int, seed: int, language: str) -> Company:
    """The company with so many members, drawn with `seed`, that writes in `language`.

    Who orders when depends on size and seed only; words, prices and the season also on the language.
    """
    own = words(language)
    population = population_of(language, own["price_level"])
    people = draw_people(customers, population, stream(seed, "people"))
    orders = draw_orders(people, population, stream(seed, "orders"))
    catalogue = products(language, own["price_level"])
    lines = draw_lines(orders, catalogue, population.mean_order_value * 100, stream(seed, "baskets"))
    members = true_members(people, orders, stream(seed, "lapses"))
    transactions, counts = _transactions(people, orders, lines, catalogue, seed, own)
    feedback, meant = _feedback(people, orders, lines, catalogue, seed, own)
    buyers = members["n_orders"].to_numpy() > 0
    tables = {
        "transactions": transactions,
        "customers": _customers(people, orders, population, seed, own),
        "feedback": feedback,
        "subscriptions": draw_subscriptions(people, buyers, own, stream(seed, "subscriptions")),
    }
    truth = {"members": members, "months_alive": months_alive(members), "feedback": meant}
    counts = {"members": customers, "buyers": int(buyers.sum()), "orders": len(orders)} | counts
    return Company(tables, truth, population, counts)


def _transactions(
    people: pd.DataFrame,
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    catalogue: pd.DataFrame,
    seed: int,
    own: dict[str, Any],
) -> tuple[pd.DataFrame, dict[str, int]]:
    buyers = orders["person"].to_numpy()[lines["order"]]
    names = catalogue.loc[lines["product"], ["product_id", "product_name", "category"]]
    names = names.assign(customer_id=people["member_id"].to_numpy()[buyers]).set_axis(lines.index)
    refunds = draw_refunds(lines, orders, stream(seed, "refunds"))
    return keep_ledger(orders, lines, refunds, names, words=own, rng=stream(seed, "dirt"))


def _customers(
    people: pd.DataFrame, orders: pd.DataFrame, population: Population, seed: int, own: dict[str, Any]
) -> pd.DataFrame:
    first = orders[orders["ordinal"] == 0].set_index("person")["cents"] / 100
    relative = first.reindex(people.index, fill_value=0.0) / population.mean_order_value
    return draw_profiles(people, relative.to_numpy(), own, stream(seed, "profiles"))


def _feedback(
    people: pd.DataFrame,
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    catalogue: pd.DataFrame,
    seed: int,
    own: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The feedback file, and what was meant by each of its rows."""
    about = lines.drop_duplicates("order")["product"].to_numpy()
    rng = stream(seed, "feedback")
    said = draw_feedback(orders, people, about, own["chinese_share"], rng)
    texts = word_feedback(said, catalogue, stream(seed, "texts"))
    return answers_table(said, people, catalogue, texts, own), true_feedback(said)
