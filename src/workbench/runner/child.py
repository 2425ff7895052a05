"""The program of the processes that execute notebooks. Started by the supervisor, by its path.

Without arguments it executes one notebook; with ``--warm DESCRIPTOR`` it imports everything once and then
forks itself for each notebook that it is asked for over that socket.
"""

import sys

if __name__ == "__main__":
    if "--warm" in sys.argv:
        from workbench.runner.forks import serve

        _, descriptor, *notebooks = sys.argv[sys.argv.index("--warm") :]
        serve(int(descriptor), notebooks)
    else:
        from workbench.runner.one_notebook import spawned

        spawned()
