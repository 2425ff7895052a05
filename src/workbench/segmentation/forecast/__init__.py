"""What customers are expected to bring, between which limits, and whether such forecasts have held."""
