"""Answers computed again: as of then, or as they would have been."""
