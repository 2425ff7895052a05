"""The card of one customer in a notebook."""

from workbench import show
from workbench.profiling.people.card import Card, text
from workbench.results import Missing


def show_card(card: Card | Missing | None) -> None:
    """Show the card, or why there is none; nothing where nobody asked for one, as in every report."""
    if isinstance(card, Missing):
        show.missing(card)
    elif card is not None:
        show.lines(text(card))
