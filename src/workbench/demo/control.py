"""Control totals: what a reader of the files has to arrive at, table by table and kind by kind."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.demo.channels import CHANNELS
from workbench.demo.tally import Tally

USED = ("sales", "refunds")  # kinds of lines that the source file's rules leave in, and no check takes out


def totals(tally: Tally, spend: NDArray[np.int64]) -> dict[str, Any]:
    """The sums of the company as the truth file states them.

    Parameters
    ----------
    tally : dict
        The sum over all blocks.
    spend : array
        Cents by channel and month.

    Returns
    -------
    dict
        counts; control (by table: rows; for transactions also revenue, by kind of line and used); failures;
        campaigns; channels. Money is in the company's currency, to the cent.
    """
    lines = tally["lines"]
    control: dict[str, Any] = {name: {"rows": rows} for name, rows in tally["rows"].items()}
    control["transactions"] |= {
        "revenue": _money(sum(kind["cents"] for kind in lines.values())),
        "by_kind": {name: _line(kind["rows"], kind["cents"]) for name, kind in lines.items()},
        "used": _line(*(sum(lines[kind][what] for kind in USED) for what in ("rows", "cents"))),
    }
    control["spend"]["amount"] = _money(int(spend.sum()))
    channels = {
        name: tally["channels"][name] | {"spend": _money(int(spend[number].sum()))}
        for number, name in enumerate(CHANNELS)
    }
    return {
        "counts": tally["counts"],
        "control": control,
        "failures": _rounded(tally["failures"]),
        "campaigns": _rounded(tally["campaigns"]),
        "channels": channels,
    }


def _line(rows: int, cents: int) -> dict[str, Any]:
    return {"rows": rows, "revenue": _money(cents)}


def _money(cents: int) -> float:
    return round(cents / 100, 2)


def _rounded(tally: Tally) -> Tally:
    """`tally` with expected numbers to four places: the last digits of a sum of floats say nothing."""
    return {
        name: _rounded(value) if isinstance(value, dict) else round(value, 4) for name, value in tally.items()
    }
