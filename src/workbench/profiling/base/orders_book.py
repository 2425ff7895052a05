"""One row per order and one per customer: what most of the figures of the base are counted from."""

import ibis
import ibis.expr.types as ir


def order_book(transactions: ir.Table) -> ir.Table:
    """One row per customer and order.

    An order is the set of a customer's lines under one order id, or of one day where no id is given.

    Returns
    -------
    ibis.Table
        customer_id; ``ordered_at``, the moment of its first purchase, NULL where it holds refunds alone,
        which are no order; ``paid``, the sum of its purchases, and ``net``, purchases less refunds (exact
        decimals); ``channel``, of several the first of the alphabet. Lines without a customer are left out.
    """
    lines = transactions.filter(transactions.customer_id.notnull() & transactions.ordered_at.notnull())
    key = ibis.coalesce(lines.order_id, lines.ordered_at.date().cast("string"))
    lines = lines.select("customer_id", "ordered_at", "amount", "channel", order_key=key)
    bought = lines.amount >= 0
    return (
        lines.group_by(["customer_id", "order_key"])
        .agg(
            ordered_at=lines.ordered_at.min(where=bought),
            paid=lines.amount.sum(where=bought),
            net=lines.amount.sum(),
            channel=lines.channel.min(where=bought),
        )
        .drop("order_key")
    )


def placed(book: ir.Table) -> ir.Table:
    """The orders of the book: what holds refunds alone is left out."""
    return book.filter(book.ordered_at.notnull())


def buyers(book: ir.Table) -> ir.Table:
    """One row per customer with an order: customer_id, orders, revenue (net of refunds, double)."""
    found = book.group_by("customer_id").agg(
        orders=book.ordered_at.count(), revenue=book.net.sum().cast("float64")
    )
    return found.filter(found.orders > 0)
