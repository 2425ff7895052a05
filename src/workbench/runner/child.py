"""The program of the processes that execute notebooks. Started by the supervisor, by its path.

Without arguments it executes one notebook; with ``--warm DESCRIPTOR`` it imports everything once and then
forks itself for each notebook that it is asked for over that socket.
"""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast


def without_detours() -> None:
    """Keep two imports, of seconds each, from being made on the way to papermill's."""
    # The runner as a bare package: of what its own first lines import nothing is needed here.
    runner = ModuleType("workbench.runner")
    runner.__path__ = [str(Path(__file__).parent)]
    sys.modules["workbench.runner"] = runner
    # jsonschema, which papermill imports, compiles a grammar of web addresses for more than a second if it
    # can import this package. No notebook's schema asks for the form of a web address.
    cast(dict[str, Any], sys.modules)["rfc3987_syntax"] = None


if __name__ == "__main__":
    without_detours()
    if "--warm" in sys.argv:
        from workbench.runner.forks import serve

        serve(int(sys.argv[-1]))
    else:
        from workbench.runner.one_notebook import spawned

        spawned()
