"""Runs every benchmark and prints one line each: our seconds, the rival's, the ratio."""

import sys

from benchmarks import order_features, page, purchase_model
from benchmarks.timing import Comparison

BENCHMARKS = (purchase_model.compare, order_features.compare, page.compare)


def line(comparison: Comparison) -> str:
    """One comparison in words."""
    return (
        f"{comparison.what}: ours {comparison.ours:.3f} s, {comparison.rival_name} {comparison.rival:.3f} s; "
        f"the rival takes {comparison.rival / comparison.ours:.1f} times as long"
    )


for compare in BENCHMARKS:
    sys.stdout.write(line(compare()) + "\n")
    sys.stdout.flush()
