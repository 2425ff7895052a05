"""How long a notebook may take and how much it may say: the defaults, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one notebook.

    Attributes
    ----------
    cell_seconds : float
        A cell that takes longer is ended, and the notebook with it.
    notebook_seconds : float
        The same for the notebook as a whole, in all its languages together.
    output_characters : int
        Text that one cell may put into the notebook; the rest goes to the log.
    message_seconds : float
        How long to wait for the last output of a cell that has ended. Jupyter's own 4 s are too few on a
        busy machine.
    """

    cell_seconds: float = 3_600.0
    notebook_seconds: float = 7_200.0
    output_characters: int = 1_000_000
    message_seconds: float = 60.0
