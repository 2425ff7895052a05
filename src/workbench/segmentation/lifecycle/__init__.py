"""Stages of the life cycle, and where their thresholds come from."""
