"""The program of the processes that execute notebooks. Started by the supervisor, by its path.

Without arguments it executes one notebook; with ``--warm DESCRIPTOR`` it imports everything once and then
forks itself for each notebook that it is asked for over that socket.
"""

import sys
from typing import Any, cast


def without_detour() -> None:
    """Keep an import of a second from being made on the way to papermill's."""
    # jsonschema, which papermill imports, compiles a grammar of web addresses for more than a second if it
    # can import this package. No notebook's schema asks for the form of a web address.
    cast(dict[str, Any], sys.modules)["rfc3987_syntax"] = None


if __name__ == "__main__":
    without_detour()
    if "--warm" in sys.argv:
        from workbench.runner.forks import serve

        _, descriptor, *notebooks = sys.argv[sys.argv.index("--warm") :]
        serve(int(descriptor), notebooks)
    else:
        from workbench.runner.one_notebook import spawned

        spawned()
