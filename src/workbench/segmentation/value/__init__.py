"""Value in three dimensions, weighed by judgement and by the data."""
