"""What `workbench check` prints: how each table was read, and what became of its rows."""

from workbench.errors import WorkbenchError
from workbench.sources import contracts
from workbench.sources.files.formats import Format
from workbench.sources.intake import Canonical


def statement(data: Canonical) -> list[str]:
    """Plain lines in English: totals up to the as-of day, then the bridge over the whole source, by table.

    Raises
    ------
    WorkbenchError
        If a canonical table breaks its contract: an error of the workbench, not of the data.
    """
    lines = []
    for table, totals in data.totals.items():
        lines += [totals.in_words(), *totals.bridge_in_words()]
        lines += [_in_words(one) for one in data.formats.get(table, ()) if one.kind != "text"]
        if data.orphans.get(table):
            lines.append(f"  {data.orphans[table]:,} customers are not in the table of customers")
    if data.linked:
        lines.append(f"identities: {data.linked:,} ids belong to a person with another id")
    broken = contracts.broken(data.tables)
    if broken:
        raise WorkbenchError(
            f"contracts: broken by {'; '.join(broken)}. Please report this with the message."
        )
    lines.append(f"contracts: {len(data.tables)} tables hold theirs")
    if data.control is not None:
        lines.append(f"control: revenue {data.control:,.4f} agrees with the figure of the source file")
    return lines


def _in_words(one: Format) -> str:
    why = f" ({', '.join(one.evidence)})" if one.evidence else ""
    unread = f"; {one.filled - one.read:,} cells could not be read" if one.read < one.filled else ""
    return f"  read {one.column} as {one.kind}, {one.pattern}{why}{unread}"
