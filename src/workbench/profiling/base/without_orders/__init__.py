"""Pictures of a base without orders: contracts, feedback."""
