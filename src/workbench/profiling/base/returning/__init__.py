"""Pictures of how customers come back: gaps, cohorts, growth."""
