"""Promotion: what serves is named by one pointer, moved in one atomic step and mirrored in MLflow."""
