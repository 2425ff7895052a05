"""Models of how often customers buy, how long they stay and what they spend: estimators, no study."""
