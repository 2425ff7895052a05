"""What customers say, how they mean it and how satisfied they are: the room of notebook 04."""

from workbench.feedback.study import Listening, listen

__all__ = ["Listening", "listen"]
