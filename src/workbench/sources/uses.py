"""What the mapping takes each raw column for: a time, a number, text, or whatever the data say."""

from sqlglot import exp

from workbench.sources.canonical import TABLES
from workbench.sources.files.formats import Use
from workbench.sources.staging import Mapped

USES: dict[str, Use] = {
    "time": "time",
    "money": "number",
    "number": "number",
    "id": "text",
    "text": "text",
    "truth": "text",
}
# An expression that takes a column into one of these says itself how the text is to be read.
OF_TEXT = (
    exp.StrToTime, exp.TsOrDsToTimestamp, exp.Like, exp.ILike, exp.SimilarTo, exp.Glob, exp.RegexpLike,
    exp.RegexpFullMatch, exp.RegexpExtract, exp.RegexpReplace, exp.DPipe, exp.Concat, exp.Substring,
    exp.Upper, exp.Lower, exp.Trim, exp.Split, exp.SplitPart, exp.StartsWith, exp.EndsWith, exp.Left,
    exp.Right, exp.Replace, exp.Length, exp.Contains,
)  # fmt: skip
OF_TEXT_NAMES = {"try_strptime", "strptime", "regexp_full_match", "prefix", "suffix", "lpad", "rpad"}
# Sums and differences are made of times as well.
NUMERIC = (exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Abs, exp.Round, exp.UnixToTime)


def uses_of(table: str, mapped: Mapped) -> dict[str, Use]:
    """By raw column what the mapping takes it for; empty where its places differ or say nothing.

    A column that is mapped as it is has the kind of its canonical column; inside a text function it is text;
    inside arithmetic a number.
    """
    found: dict[str, set[Use]] = {}
    for name, expression in mapped.columns.items():
        kind = TABLES[table].columns[name].kind
        for node in expression.find_all(exp.Column):
            bare: Use = USES.get(kind, "") if node is expression else _inside(node)
            found.setdefault(node.name, set()).add(bare)
    for condition in [mapped.where, *(e for _, e in mapped.rules)]:
        for node in condition.find_all(exp.Column) if condition is not None else ():
            found.setdefault(node.name, set()).add(_inside(node))
    return {name: _one(uses) for name, uses in found.items()}


def required_by(table: str, mapped: Mapped) -> set[str]:
    """The raw columns that decide which rows count: those of required columns, filters and rules."""
    canonical = TABLES[table].columns
    needed = [e for name, e in mapped.columns.items() if canonical[name].required]
    needed += [e for e in (mapped.where, *(e for _, e in mapped.rules)) if e is not None]
    return {node.name for e in needed for node in e.find_all(exp.Column)}


def _inside(node: exp.Expr) -> Use:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if isinstance(parent, exp.Cast | exp.TryCast):
        return "text" if parent.to.is_type(*exp.DataType.TEXT_TYPES) else ""
    named = isinstance(parent, exp.Anonymous) and parent.name.lower() in OF_TEXT_NAMES
    if isinstance(parent, OF_TEXT) or named:
        return "text"
    if isinstance(parent, exp.Add | exp.Sub) and parent.find(exp.Interval):
        return "time"
    return "number" if isinstance(parent, NUMERIC) else ""


def _one(uses: set[Use]) -> Use:
    """Text only where nothing else is wanted; else what is wanted, if it is one thing."""
    wanted = uses - {"", "text"}
    if len(wanted) == 1:
        return wanted.pop()
    return "text" if uses == {"text"} else ""
