"""Models that learn from features; each is a member of the ensemble."""
