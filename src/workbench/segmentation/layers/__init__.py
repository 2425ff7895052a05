"""Layers of the base: by recency, frequency and money, and as the figures group by themselves."""
