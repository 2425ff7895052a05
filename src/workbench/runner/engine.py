"""The engine `workbench`, registered at papermill's entry point: ``papermill --engine workbench``.

papermill loads every registered engine when it is itself imported; so nothing is imported here before the
engine is asked to work.
"""

from typing import Any

from nbformat import NotebookNode


class WorkbenchEngine:
    """Executes a notebook in a kernel that only this process can reach, within limits.

    What papermill's own engine does, and besides: sockets in a private folder instead of ports, a deadline
    for each cell and for the notebook, at most so much text per cell, what goes to standard error in the log
    instead of the notebook, and files that are replaced whole. The options are those of
    `workbench.runner.client.execute`.
    """

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> NotebookNode:
        """Execute `nb`, and write it to `output_path` after every cell; papermill calls this."""
        from workbench.runner.client import execute

        return execute(nb, kernel_name, output_path, **options)

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """The kernel that `nb` asks for, or the one that was asked for by `name`."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """The programming language of `nb`, or the one that was asked for."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))
