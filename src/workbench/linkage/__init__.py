"""`workbench link`: which customer ids are probably one person, proposed for the analyst to decide."""

from workbench.linkage.columns import LinkColumns
from workbench.linkage.proposal import propose
from workbench.linkage.result import Proposal
from workbench.linkage.writing import sentences

__all__ = ["LinkColumns", "Proposal", "propose", "sentences"]
