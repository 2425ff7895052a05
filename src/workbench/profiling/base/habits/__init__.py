"""Pictures of when, where and through what customers buy."""
