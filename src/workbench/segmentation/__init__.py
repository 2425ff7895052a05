"""Layers, life cycle and value of customers: what notebook 02 computes, shows and hands on."""

from workbench.segmentation.study import refuse_malformed, segment
from workbench.segmentation.verdict import results

__all__ = ["refuse_malformed", "results", "segment"]
