"""Customer-value workbench: what the notebooks compute, how they are run, and how their reports are kept."""
