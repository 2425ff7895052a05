"""Who each customer is: portrait and tags."""
