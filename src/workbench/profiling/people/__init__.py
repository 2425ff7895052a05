"""Who each customer is: tags, portrait, groups, and the card of one."""

from workbench.profiling.people import figures, tables, told
from workbench.profiling.people.card import Card, card, text
from workbench.profiling.people.catalogue import Tag, read_catalogue
from workbench.profiling.people.customers import People, people, tagged
from workbench.profiling.people.groups import GroupPortrait, group_portrait
from workbench.profiling.people.health import Health, health
from workbench.profiling.people.narrative import show_card
from workbench.profiling.people.portrait import portrait_table

__all__ = [
    "Card",
    "GroupPortrait",
    "Health",
    "People",
    "Tag",
    "card",
    "figures",
    "group_portrait",
    "health",
    "people",
    "portrait_table",
    "read_catalogue",
    "show_card",
    "tables",
    "tagged",
    "text",
    "told",
]
