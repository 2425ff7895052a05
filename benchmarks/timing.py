"""Median seconds of two functions called in turn, so that a machine that slows down slows both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Comparison:
    """Median seconds of ours and of the rival's."""

    what: str
    ours: float
    rival_name: str
    rival: float


def in_turn(
    what: str, ours: Callable[[], object], rival_name: str, rival: Callable[[], object], *, rounds: int = 5
) -> Comparison:
    """Call both once unmeasured, then `rounds` times in turn."""
    seconds: dict[str, list[float]] = {"ours": [], "rival": []}
    for measured in (False, *[True] * rounds):
        for name, function in (("ours", ours), ("rival", rival)):
            begin = perf_counter()
            function()
            if measured:
                seconds[name].append(perf_counter() - begin)
    return Comparison(what, median(seconds["ours"]), rival_name, median(seconds["rival"]))
