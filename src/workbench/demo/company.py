"""One block of the company in memory: everything is drawn here, nothing is written."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.demo.accounts import Accounts, accounts_of, identities
from workbench.demo.baskets import draw_lines, draw_refunds
from workbench.demo.campaigns import Enrolment, campaigns_table
from workbench.demo.clock import Clock, clock_of
from workbench.demo.events import draw_events, draw_sessions, events_table
from workbench.demo.feedback import answers_table, draw_feedback, meant_table
from workbench.demo.ledger import Ledger, keep_ledger
from workbench.demo.orders import draw_orders, dropped_out, first_and_last
from workbench.demo.people import draw_people, profiles
from workbench.demo.population import BLOCK_CUSTOMERS, Columns, Population, population_of, stream
from workbench.demo.subscriptions import draw_subscriptions
from workbench.demo.tally import Tally, count_block
from workbench.demo.tickets import draw_tickets, tickets_table
from workbench.demo.truth import true_customers
from workbench.demo.vocabulary import products, words
from workbench.demo.wording import pool_of, pooled_feedback, word_feedback

BLOCK_DIGITS = 4


@dataclass(frozen=True)
class Plan:
    """What a company is drawn from; the same plan gives the same company."""

    customers: int
    seed: int
    language: str

    @cached_property
    def words(self) -> dict[str, Any]:
        """Headers, labels and texts of the company's files."""
        return words(self.language)

    @property
    def population(self) -> Population:
        """The laws of its members."""
        return population_of(self.words["price_level"])

    @property
    def clock(self) -> Clock:
        """The clock of its market."""
        return clock_of(self.language)

    @cached_property
    def products(self) -> pd.DataFrame:
        """Its catalogue."""
        return products(self.language, self.words["price_level"])

    @cached_property
    def pool(self) -> pa.Array:
        """The utterances that the members of a large company use."""
        return pool_of(self.products, stream(self.seed, "texts"))

    @property
    def blocks(self) -> int:
        """How many blocks its members come in."""
        return -(-self.customers // BLOCK_CUSTOMERS)

    @property
    def large(self) -> bool:
        """Whether it comes in several blocks: then as Parquet, and members share utterances."""
        return self.blocks > 1


@dataclass(frozen=True)
class Block:
    """A block of members with all that they did.

    Attributes
    ----------
    people, orders, lines : dict of array
        What was drawn; see `draw_people`, `draw_orders`, `draw_lines`.
    enrolments : list of Enrolment
    tables : dict of pyarrow.Table
        The tables as the company would hand them over, but under canonical column names.
    truth, meant : pyarrow.Table
        See `true_customers` and `meant_table`.
    tally : dict
        See `count_block`; with lines (rows and cents by kind) and rows (by table).
    """

    people: Columns
    orders: Columns
    lines: Columns
    enrolments: list[Enrolment]
    tables: dict[str, pa.Table]
    truth: pa.Table
    meant: pa.Table
    tally: Tally


@dataclass(frozen=True)
class _Draft:
    """What all tables of a block are made from."""

    plan: Plan
    number: int
    start: int
    accounts: Accounts
    people: Columns
    orders: Columns
    lines: Columns
    enrolments: list[Enrolment]

    @property
    def name(self) -> str:
        """What stands in the numbers of this block's orders, tickets and so on."""
        return f"{self.number:0{BLOCK_DIGITS}d}" if self.plan.large else ""

    def stream(self, name: str) -> np.random.Generator:
        """The random numbers of one part of this block."""
        return stream(self.plan.seed, name, self.number)


def draw_block(plan: Plan, number: int) -> Block:
    """Block `number` (from 0) of the company; it needs no other block."""
    draft = _draft(plan, number)
    ledger = _ledger(draft)
    feedback, meant = _feedback(draft)
    people, orders, enrolments = draft.people, draft.orders, draft.enrolments
    tables = {
        "transactions": ledger.table,
        "customers": _customers(draft),
        "events": _events(draft),
        "subscriptions": draw_subscriptions(
            people, draft.accounts, plan.clock, plan.words, draft.stream("subscriptions")
        ),
        "tickets": _tickets(draft),
        "feedback": feedback,
        "campaigns": campaigns_table(enrolments, orders, draft.accounts, plan.words),
        "identities": identities(draft.accounts, np.flatnonzero(people["second_id"])),
    }
    tally = count_block(people, orders, enrolments, plan.population, plan.clock)
    tally |= {"lines": ledger.totals, "rows": {name: len(table) for name, table in tables.items()}}
    return Block(people, orders, draft.lines, enrolments, tables, _truth(draft), meant, tally)


def _draft(plan: Plan, number: int) -> _Draft:
    """Who the members of the block are, when they order, and what."""
    start = number * BLOCK_CUSTOMERS
    stop = min(plan.customers, start + BLOCK_CUSTOMERS)
    population, clock = plan.population, plan.clock
    rng = {name: stream(plan.seed, name, number) for name in ("people", "orders", "campaigns", "baskets")}
    people = draw_people((start, stop, plan.customers), population, clock, rng["people"])
    orders, enrolments = draw_orders(people, population, clock, rng["orders"], rng["campaigns"])
    mean_cents = population.mean_order_value * 100
    lines = draw_lines(orders, people, plan.products, mean_cents, rng["baskets"])
    accounts = accounts_of(start, stop, plan.customers)
    return _Draft(plan, number, start, accounts, people, orders, lines, enrolments)


def _ledger(draft: _Draft) -> Ledger:
    refunds = draw_refunds(draft.lines, draft.orders, draft.plan.clock, draft.stream("refunds"))
    return keep_ledger(
        draft.orders,
        draft.lines,
        refunds,
        draft.people,
        accounts=draft.accounts,
        products=draft.plan.products,
        words=draft.plan.words,
        block=draft.name,
        rng=draft.stream("dirt"),
    )


def _customers(draft: _Draft) -> pa.Table:
    plan = draft.plan
    first, _ = first_and_last(draft.orders, len(draft.people["rate"]))
    values = np.append(draft.orders["cents"], 0)[first]  # row -1: nothing
    relative = values / 100 / plan.population.mean_order_value
    rng = draft.stream("profiles")
    return profiles(draft.people, relative, draft.accounts, plan.clock, words=plan.words, rng=rng)


def _events(draft: _Draft) -> pa.Table:
    plan, rng = draft.plan, draft.stream("events")
    dropped = dropped_out(draft.orders, len(draft.people["rate"]))
    sessions = draw_sessions(draft.people, draft.orders, dropped, plan.clock, rng)
    events = draw_events(draft.people, sessions, plan.clock, rng)
    return events_table(events, draft.accounts, plan.words, draft.name, draft.start, plan.customers)


def _tickets(draft: _Draft) -> pa.Table:
    tickets = draw_tickets(draft.orders, draft.plan.clock, draft.stream("tickets"))
    return tickets_table(tickets, draft.orders, draft.accounts, draft.plan.words, draft.name)


def _feedback(draft: _Draft) -> tuple[pa.Table, pa.Table]:
    """The feedback file, and what was meant by each of its rows."""
    plan, lines = draft.plan, draft.lines
    about = lines["product"][np.flatnonzero(np.diff(lines["order"], prepend=-1))]
    share, rng = plan.words["chinese_share"], draft.stream("feedback")
    said = draw_feedback(draft.orders, draft.people, about, share, plan.clock, rng)
    rng = draft.stream("texts")
    texts = pooled_feedback(said, plan.pool, rng) if plan.large else word_feedback(said, plan.products, rng)
    table = answers_table(
        said, texts, accounts=draft.accounts, products=plan.products, words=plan.words, block=draft.name
    )
    return table, meant_table(said, draft.name)


def _truth(draft: _Draft) -> pa.Table:
    plan = draft.plan
    return true_customers(
        draft.people,
        draft.orders,
        draft.enrolments,
        accounts=draft.accounts,
        categories=list(plan.products["category"].unique()),
        population=plan.population,
        clock=plan.clock,
        rng=draft.stream("lapses"),
    )
