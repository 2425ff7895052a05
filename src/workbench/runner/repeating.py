"""Which cells of an executed notebook are executed again to say in another language what they showed."""

import ast

from nbformat import NotebookNode

SPEAK = "from workbench import show as _show; _show.speak_in({language!r}); del _show"
_PARAMETERS = {"parameters", "injected-parameters"}


def repeated(cell: NotebookNode) -> str:
    """The source of `cell` to execute again; empty if it is not to be.

    It is if it showed anything, without the statement that hands on the results: they have been handed on,
    in the main language.
    """
    if cell.cell_type != "code" or not cell.outputs or _PARAMETERS & set(cell.metadata.get("tags", [])):
        return ""
    source = str(cell.source)
    return source if "results.save(" not in source else _without_saving(source)


def _without_saving(source: str) -> str:
    try:
        body = ast.parse(source).body
    except SyntaxError:  # IPython's magic words: better the wrong language than results saved twice
        return ""
    kept = [ast.unparse(statement) for statement in body if not _saves(statement)]
    if len(kept) == len(body) or not kept:  # it saves somewhere inside a statement, or does nothing else
        return ""
    return "\n".join([*kept, "pass"])  # what was not the last expression must not be shown now


def _saves(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "results.save"
