"""`workbench link`: which customer ids are probably one person, proposed for the analyst to decide."""

from workbench.linkage.columns import LinkColumns
from workbench.linkage.proposal import Proposal, propose
from workbench.linkage.writing import sentences

__all__ = ["LinkColumns", "Proposal", "propose", "sentences"]
