"""What holds for every request: limits, problems, documentation."""
