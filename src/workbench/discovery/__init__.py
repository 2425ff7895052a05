"""A user's files in, a commented source file and a study out: which column of which file means what."""

from workbench.discovery.discover import discover
from workbench.discovery.guess import ColumnGuess, Guess, Question, RuleGuess, TableGuess
from workbench.discovery.writing import write_source

__all__ = ["ColumnGuess", "Guess", "Question", "RuleGuess", "TableGuess", "discover", "write_source"]
