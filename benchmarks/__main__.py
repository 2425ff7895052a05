"""Runs every benchmark and prints our figure, the rival's, the ratio and, where one was set, the goal."""

import argparse
import sys
from collections.abc import Iterator

from benchmarks import archive, order_features, page, profiles, purchase_model, runs, segmentation_page
from benchmarks.scale import HUNDRED_MILLION, folder, growth, many_cut_offs, order_summary
from benchmarks.timing import Comparison

BENCHMARKS = (order_features.compare, page.compare)


def line(comparison: Comparison) -> str:
    """One comparison in words."""
    return (
        f"{comparison.what}: ours {comparison.ours:.3f} s, {comparison.rival_name} {comparison.rival:.3f} s; "
        f"the rival takes {comparison.rival / comparison.ours:.1f} times as long"
    )


def report(lines: int, rivals: str | None, pymc: str | None, *, full: bool) -> Iterator[str]:
    """Every benchmark, one line or a few each."""
    for compare in BENCHMARKS:
        yield line(compare())
    yield from purchase_model.fits(rivals, pymc)
    yield from segmentation_page.whole_notebook()
    yield from runs.whole_runs()
    yield from archive.publishing({"one study": 1, "one hundred studies": 100})
    with folder() as path:
        yield from profiles.profiles(path, rivals, (lines // 10, lines) if full else (lines // 10,))
    yield from order_summary(lines)
    yield from many_cut_offs(lines)
    yield from growth([lines // 10, lines, *([HUNDRED_MILLION] if full else [])])
    if not full:
        yield f"left out without --full: 01 of {lines:,} lines, {HUNDRED_MILLION:,} order lines"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--full", action="store_true", help="also the sizes that take half an hour")
    arguments.add_argument("--lines", type=int, default=10_000_000, help="order lines (default: ten million)")
    arguments.add_argument("--rivals", help="an interpreter with rivals whose libraries do not go with ours")
    arguments.add_argument("--pymc", help="an interpreter with pymc-marketing")
    chosen = arguments.parse_args()
    for sentence in report(chosen.lines, chosen.rivals, chosen.pymc, full=chosen.full):
        sys.stdout.write(sentence + "\n")
        sys.stdout.flush()
